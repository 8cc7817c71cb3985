"""Doors of a launch's crew: checklist, roles, go or no-go."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import plan_post, plan_update
from bot.errors import BadInput, DaybookError, NotFound
from bot.launches import crew, listening, service
from bot.launches.crew_tables import LaunchApproval
from bot.launches.crew_views import (
    ITEM_LIMIT,
    render_crew_form,
    render_go_answered,
    render_go_asked_note,
    render_go_note,
    render_go_question,
    render_no_go_form,
    render_role_note,
)
from bot.launches.headlines import post_in_thread, refresh_headline
from bot.launches.listening import DECLINED, TAKEN
from bot.launches.queries import get_launch
from bot.launches.readiness import GO, NO_GO, OWNER
from bot.launches.records import LaunchDetail
from bot.launches.tables import Launch
from bot.slack.blocks import Message
from bot.slack.ids import Action, Form
from bot.slack.text import plain
from bot.workspaces.asker import Asker
from handlers.answers import Answer, Done, OpenModal, RefreshHome, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request

# More people who all must agree is a meeting.
MOST_ASKED = 10


async def open_crew(request: Request, deps: Deps) -> Answer:
    """The button under the headline."""
    return OpenModal(render_crew_form(await _detail(request, deps), request.user_id))


async def claim_role(request: Request, deps: Deps) -> Answer:
    """*I do this*, *Take over*: a role, or the launch itself."""
    role = request.name.partition(":")[2]
    before = await _detail(request, deps)
    readers = await _readers(request, before)
    async with deps.act(request) as session:
        launch = await _row(session, request, before)
        holder = launch.owner_id if role == OWNER else before.crew.roles.get(role, "")
        if role == OWNER:
            changes = service.Changes(
                launch.title,
                request.user_id,
                request.asker.timezone,
                launch.area,
                launch.summary,
            )
            await service.edit_launch(session, launch, changes, by=request.user_id, at=request.at)
        else:
            await crew.claim_role(session, launch, role, by=request.user_id, at=request.at)
        if holder != request.user_id:
            note = render_role_note(role, request.user_id, holder)
            await _tell(session, request, readers, launch, f"role.{role}", note)
    return await _shown(request, deps, before.launch.id)


async def leave_role(request: Request, deps: Deps) -> Answer:
    """*Step back*."""
    role = request.name.partition(":")[2]
    before = await _detail(request, deps)
    readers = await _readers(request, before)
    async with deps.act(request) as session:
        launch = await _row(session, request, before)
        if await crew.leave_role(session, launch, role, by=request.user_id, at=request.at):
            note = render_role_note(role, request.user_id, "", is_left=True)
            await _tell(session, request, readers, launch, f"role.{role}", note)
    return await _shown(request, deps, before.launch.id)


async def tick_item(request: Request, deps: Deps) -> Answer:
    """A line of the checklist is done, or open again; the headline counts."""
    launch_id, _, item_id = request.value.partition(":")
    before = await _detail(request, deps, launch_id)
    readers = await _readers(request, before)
    async with deps.act(request) as session:
        launch = await _row(session, request, before)
        await crew.tick_item(session, launch, item_id, by=request.user_id, at=request.at)
        await refresh_headline(session, request.cause, readers, launch)
    return await _shown(request, deps, launch_id)


async def save_crew(request: Request, deps: Deps) -> Answer:
    """The form: a further line, and people to ask for a go."""
    before = await _detail(request, deps, str(request.state.get("launch") or ""))
    text = plain(request.typed("item", limit=ITEM_LIMIT))
    asked_ids = request.chosen("approvers")
    await _check_approvers(request, deps, before, asked_ids)
    readers = await _readers(request, before)
    async with deps.act(request) as session:
        launch = await _row(session, request, before)
        if text:
            await crew.add_item(session, launch, text, by=request.user_id, at=request.at)
        asked = await crew.ask_for_go(session, launch, asked_ids, by=request.user_id, at=request.at)
        await _ask(session, request, before, asked)
        if asked:
            note = render_go_asked_note(request.user_id, [row.member_id for row in asked])
            await post_in_thread(session, request.cause, launch, "go.asked", note)
        if text or asked:
            await refresh_headline(session, request.cause, readers, launch)
    return Done()


async def _ask(
    session: AsyncSession, request: Request, detail: LaunchDetail, asked: list[LaunchApproval]
) -> None:
    launch = detail.launch
    cause = request.cause.about(f"go or no-go for launch #{launch.number}", launch.owner_id)
    question = render_go_question(launch, request.user_id)
    for row in asked:
        row.question_id = await plan_post(session, cause, row.member_id, "go", question)


async def _check_approvers(
    request: Request, deps: Deps, detail: LaunchDetail, ids: list[str]
) -> None:
    """Raise ``BadInput`` unless each is a member who sees the launch."""
    if len(ids) > MOST_ASKED:
        raise BadInput(
            field="approvers",
            problem=f"More than {MOST_ASKED} people cannot be asked.",
            fix="Ask those who really decide.",
        )
    for member_id in ids:
        try:
            asker = await request.place.directory.asker(member_id, at=request.at)
            async with deps.db.read() as session:
                await get_launch(session, asker, detail.launch.id)
        except DaybookError as error:
            raise _not_theirs() from error
        if not asker.is_member:
            raise _not_theirs()


def _not_theirs() -> BadInput:
    return BadInput(
        field="approvers",
        problem="One of them is no member of this workspace, or cannot see this launch.",
        fix="Ask members who are in its channel.",
    )


async def say_go(request: Request, deps: Deps) -> Answer:
    """*Go*: in the DM, the App Home or the form."""
    return await _answer(request, deps, await _detail(request, deps), GO, "")


async def open_no_go(request: Request, deps: Deps) -> Answer:
    """*No-go …* asks why."""
    return OpenModal(render_no_go_form((await _detail(request, deps)).launch))


async def say_no_go(request: Request, deps: Deps) -> Answer:
    """The form of a no-go."""
    reason = request.typed("reason", label="The reason", limit=600)
    before = await _detail(request, deps, str(request.state.get("launch") or ""))
    return await _answer(request, deps, before, NO_GO, reason)


async def _answer(
    request: Request, deps: Deps, before: LaunchDetail, answer: str, reason: str
) -> Answer:
    readers = await _readers(request, before)
    async with deps.act(request) as session:
        launch = await _row(session, request, before)
        row = await crew.answer_go(
            session, launch, answer, by=request.user_id, at=request.at, reason=reason
        )
        if row:
            detail = await refresh_headline(session, request.cause, readers, launch)
            note = render_go_note(answer, request.user_id, reason, detail)
            await post_in_thread(session, request.cause, launch, "go", note)
            if row.question_id:
                said = render_go_answered(before.launch, answer)
                await plan_update(session, request.cause, "go.answered", said, of=row.question_id)
    return await _shown(request, deps, before.launch.id)


async def answer_reaction(request: Request, deps: Deps) -> Answer:
    """Whether what a customer said is about the launch; its owner answers in the App Home."""
    answer = request.name.split(":")[1] if ":" in request.name else ""
    if answer not in {TAKEN, DECLINED}:
        raise BadInput(field="reaction", problem="There is no such answer.")
    async with deps.act(request) as session:
        await listening.answer_reaction(
            session,
            request.workspace_id,
            request.value,
            answer,
            by=request.user_id,
            at=request.at,
        )
    return RefreshHome()


async def _tell(
    session: AsyncSession,
    request: Request,
    readers: Asker,
    launch: Launch,
    part: str,
    note: Message,
) -> None:
    await refresh_headline(session, request.cause, readers, launch)
    await post_in_thread(session, request.cause, launch, part, note)


async def _shown(request: Request, deps: Deps, launch_id: str) -> Answer:
    """Draw again what was clicked in."""
    if request.view_type == "home":
        return RefreshHome()
    if request.view_type != "modal" or request.name == Form.LAUNCH_NO_GO:
        return Done()
    detail = await _detail(request, deps, launch_id)
    return ShowModal(render_crew_form(detail, request.user_id))


async def _detail(request: Request, deps: Deps, launch_id: str = "") -> LaunchDetail:
    """Return a launch that the asker may see; raises ``NotFound``."""
    launch_id = launch_id or request.value
    if not launch_id:
        raise NotFound("There is no such launch that you can see.")
    async with deps.db.read() as session:
        return await get_launch(session, request.asker, launch_id)


async def _readers(request: Request, detail: LaunchDetail) -> Asker:
    channel_id = detail.launch.source_channel_id
    return await request.place.directory.audience(channel_id, at=request.at)


async def _row(session: AsyncSession, request: Request, detail: LaunchDetail) -> Launch:
    return await service.get_launch_row(session, request.workspace_id, detail.launch.id)


ACTIONS = {
    Action.LAUNCH_CREW.value: Route(open_crew),
    Action.LAUNCH_ROLE.value: Route(claim_role),
    Action.LAUNCH_ROLE_LEAVE.value: Route(leave_role),
    Action.LAUNCH_ITEM.value: Route(tick_item),
    Action.LAUNCH_REACTION.value: Route(answer_reaction),
    Action.LAUNCH_GO.value: Route(say_go),
    Action.LAUNCH_NO_GO.value: Route(open_no_go),
}
FORMS = {
    Form.LAUNCH_CREW.value: Route(save_crew),
    Form.LAUNCH_NO_GO.value: Route(say_no_go),
}
