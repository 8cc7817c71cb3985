"""A thread becomes a filled-in draft, where a model is set up."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.ai.llm import ModelDrafter
from bot.decisions.drafts import get_draft
from bot.decisions.tables import DecisionDraft
from bot.errors import NotFound
from tests.ai.fake_model import plain, running_model, says
from tests.conftest import Stage
from tests.decisions.conftest import (
    FakeDrafter,
    click,
    decisions,
    drafted,
    mention,
    post,
    submit,
    thread_of,
    top_view,
    words,
)

THREAD = ("Where do uploads live? The disk is full", "S3 then, there is no disk to watch")


@pytest.fixture
def drafter() -> FakeDrafter:
    return FakeDrafter(drafted())


async def _mentioned(stage: Stage) -> str:
    root, _ = await thread_of(stage, *THREAD)
    await mention(stage, "decision", thread=root)
    return root


async def _kept(stage: Stage) -> list[DecisionDraft]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(DecisionDraft)))


async def test_a_mention_in_a_thread_sends_a_draft_privately_and_logs_nothing(
    stage: Stage, drafter: FakeDrafter
) -> None:
    await _mentioned(stage)
    [told] = stage.dms(stage.who.ana)
    assert "Where uploads are stored" in words(told)
    assert stage.dms(stage.who.ben) == []
    assert stage.posts(stage.rooms.product) == []
    assert await decisions(stage) == []
    assert len(drafter.threads) == 1


async def test_the_model_is_given_what_people_said_with_their_names(
    stage: Stage, drafter: FakeDrafter
) -> None:
    await _mentioned(stage)
    [thread] = drafter.threads
    assert [message.text for message in thread][:2] == list(THREAD)
    assert {message.name for message in thread} == {"Ana Lima", "Ben Okafor"}


async def test_the_draft_opens_filled_in_and_is_logged_in_its_thread(stage: Stage) -> None:
    root = await _mentioned(stage)
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
    shown = words(top_view(stage, stage.who.ana))
    for part in ("Where uploads are stored", "the disk is full", "a bigger disk", "90"):
        assert part in shown
    await submit(stage, {})
    [row] = await decisions(stage)
    assert (row.title, row.choice, row.options) == (
        "Where uploads are stored", "S3", ["S3", "a bigger disk"],
    )  # fmt: skip
    assert (row.thread_ts, row.confidence, row.owner_id) == (root, 90, stage.who.ana)
    assert row.drafted_by["model"] == "tiny-1"
    assert post(stage).thread_ts == root


async def test_a_draft_that_was_opened_twice_is_logged_once(stage: Stage) -> None:
    await _mentioned(stage)
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
    filled = top_view(stage, stage.who.ana).body
    await submit(stage, {})
    stage.world.views.open(stage.who.ana, filled, view_hash="on another device")
    answer = await submit(stage, {})
    assert "logged already" in words(answer.view)
    assert len(await decisions(stage)) == 1


async def test_a_used_draft_opens_no_form_again(stage: Stage) -> None:
    await _mentioned(stage)
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
    await submit(stage, {})
    stage.world.views.clear(stage.who.ana)
    await click(stage, stage.dms(stage.who.ana)[0], "decision.draft.open")
    assert stage.world.views.stack(stage.who.ana) == []
    assert "logged already" in stage.dms(stage.who.ana)[-1].text


async def test_nobody_else_can_open_a_draft(stage: Stage) -> None:
    await _mentioned(stage)
    [draft] = await _kept(stage)
    async with stage.deps.db.read() as session:
        with pytest.raises(NotFound):
            await get_draft(
                session, stage.workspace_id, draft.id, stage.who.ben, at=stage.daybook.clock.now()
            )


async def test_a_draft_is_forgotten_after_a_day(stage: Stage) -> None:
    await _mentioned(stage)
    await stage.after(hours=23, minutes=50)
    assert len(await _kept(stage)) == 1
    await stage.after(minutes=15)
    assert await _kept(stage) == []
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
    assert stage.world.views.stack(stage.who.ana) == []


async def test_the_shortcut_reads_the_thread_into_a_draft_too(
    stage: Stage, drafter: FakeDrafter
) -> None:
    _, [_, answer] = await thread_of(stage, *THREAD)
    await stage.people.shortcut(
        stage.who.ana, "decision.message.log", channel=stage.rooms.product, ts=answer
    )
    await stage.settle()
    assert len(drafter.threads) == 1
    assert "Where uploads are stored" in words(stage.dms(stage.who.ana)[-1])


async def test_a_failing_model_is_one_private_sentence_and_the_empty_form(
    stage: Stage, drafter: FakeDrafter
) -> None:
    drafter.fails = True
    root = await _mentioned(stage)
    [note] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    assert "could not be read into a draft" in note.text
    await click(stage, note, "decision.form.open")
    await submit(stage, {"title": "Uploads", "choice": "S3"})
    [row] = await decisions(stage)
    assert (row.thread_ts, row.drafted_by) == (root, {})


async def test_a_thread_that_settles_nothing_is_said_so(stage: Stage, drafter: FakeDrafter) -> None:
    drafter.draft = None
    await _mentioned(stage)
    [note] = await stage.whispers(stage.who.ana, stage.rooms.product)
    assert "I find no decision" in note


async def test_a_thread_that_customers_read_is_not_given_to_a_model(
    stage: Stage, drafter: FakeDrafter
) -> None:
    root, _ = await thread_of_acme(stage)
    await mention(stage, "decision", thread=root, channel=stage.rooms.acme)
    assert drafter.threads == []
    assert stage.posts(stage.rooms.acme) == []


async def thread_of_acme(stage: Stage) -> tuple[str, None]:
    return await stage.people.post(stage.who.ana, stage.rooms.acme, "Where do uploads live?"), None


async def test_a_guest_gets_no_draft(stage: Stage, drafter: FakeDrafter) -> None:
    ts = await stage.people.post(stage.who.ben, stage.rooms.voice, THREAD[0])
    await mention(stage, "decision", thread=ts, user=stage.who.gil, channel=stage.rooms.voice)
    assert drafter.threads == []


async def test_hostile_words_in_a_draft_do_nothing_when_posted(
    stage: Stage, drafter: FakeDrafter
) -> None:
    drafter.draft = drafted(title="<!channel> now", choice="<https://evil.example|x>")
    await _mentioned(stage)
    assert "<!channel" not in words(stage.dms(stage.who.ana)[-1])
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
    await submit(stage, {})
    said = post(stage)
    for form in (said.text, words(said)):
        assert "<!channel" not in form
        assert "<https://evil" not in form


class TestRealModel:
    """Through the real class, against a server of our own."""

    @pytest.fixture
    async def model(self) -> Any:
        async with running_model() as fake:
            yield fake

    @pytest.fixture
    def drafter(self, model: Any) -> ModelDrafter:
        return ModelDrafter(
            api_key="k", model="tiny-1", base_url=model.base_url, timeout_seconds=5.0, max_retries=0
        )

    async def test_a_thread_becomes_a_draft_of_its_own_words(
        self, stage: Stage, model: Any
    ) -> None:
        answer = {
            "is_decision": True,
            "title": "Where do uploads live",
            "choice": "S3 then",
            "context": ["The disk is full", "something nobody said"],
            "rationale": ["there is no disk to watch"],
            "options": [],
            "owner": "p2",
            "confidence": "high",
        }
        model.answers.append(says(json.dumps(answer)))
        await _mentioned(stage)
        await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
        await submit(stage, {})
        [row] = await decisions(stage)
        assert (row.title, row.choice) == ("Where do uploads live", "S3 then")
        assert (row.context, row.owner_id) == ("The disk is full", stage.who.ana)
        assert row.drafted_by["prompt_version"]

    async def test_a_server_in_trouble_leaves_the_empty_form(
        self, stage: Stage, model: Any
    ) -> None:
        model.answers.append(plain("{}", status=500))
        await _mentioned(stage)
        [note] = await stage.whispers(stage.who.ana, stage.rooms.product)
        assert "could not be read into a draft" in note


async def test_what_a_thread_said_is_gone_from_the_draft_once_it_is_logged(stage: Stage) -> None:
    await _mentioned(stage)
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.draft.open")
    await submit(stage, {})
    [draft] = await _kept(stage)
    assert draft.words == {}
    assert draft.decision_id == (await decisions(stage))[0].id
