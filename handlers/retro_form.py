"""The form of a new retro: opens filled in, answers while one types, and saves."""

from bot.calendars.queries import When, read_coming
from bot.clock import zone_named
from bot.deps import Deps
from bot.errors import BadInput, NotAllowed
from bot.general.titles import fit_title, render_too_long
from bot.retros import rules, service
from bot.retros.forms import WORDS_CHARACTERS, Draft, render_form
from bot.retros.posts import open_and_post
from bot.retros.queries import find_series
from bot.retros.rooms import check_room_of
from bot.retros.views import render_done, render_list
from bot.schedule_words import Scheduled, read_schedule, say
from bot.slack.blocks import Message
from bot.slack.kinds import is_channel
from bot.slack.text import channel as channel_link
from bot.slack.text import escape, plain
from handlers.answers import Answer, OpenModal, Private, ShowModal
from handlers.faults import gather_faults
from handlers.payloads import Request, split_word

# Two blocks each, of the 50 that a message takes.
LISTED = 20


async def open_form(request: Request, deps: Deps) -> Answer:
    """``/retro [name]`` opens the form; ``/retro list`` lists what goes on."""
    word, rest = split_word(request.text)
    if word == "list" and not rest:
        return Private(await read_list(request, deps))
    if not request.asker.is_member:
        raise NotAllowed("Guests can read `/retro list`; please ask a member to hold a retro.")
    here = request.channel_id if is_channel(request.channel_id) else ""
    typed = plain(request.text)
    name, whole = fit_title(typed, rules.NAME_CHARACTERS)
    if whole:
        return Private(render_too_long(typed, limit=rules.NAME_CHARACTERS))
    draft = Draft(name=name or rules.DEFAULT_NAME, channel=here)
    return OpenModal(await _form(request, deps, _with_questions(draft)))


def _with_questions(draft: Draft) -> Draft:
    _, questions = rules.TEMPLATES[draft.template]
    return Draft(**(vars(draft) | {"questions": "\n".join(questions)}))


async def redraw_form(request: Request, deps: Deps) -> Answer:
    """Template or schedule changed: its questions, or when it would be held."""
    draft = _typed(request)
    if request.name.startswith("retro.form.template"):
        draft = _with_questions(draft)
    return ShowModal(await _form(request, deps, draft))


async def _form(request: Request, deps: Deps, draft: Draft) -> dict[str, object]:
    return render_form(draft, preview=await _preview(request, deps, draft))


def _typed(request: Request) -> Draft:
    template = request.values.get("template", "")
    return Draft(
        name=request.typed("name", limit=rules.NAME_CHARACTERS),
        template=template if template in rules.TEMPLATES else rules.DEFAULT_TEMPLATE,
        questions=request.typed("questions"),
        channel=request.values.get("channel", ""),
        when=request.typed("when", limit=WORDS_CHARACTERS),
        is_anonymous=request.values.get("anonymous") == "yes",
    )


async def _preview(request: Request, deps: Deps, draft: Draft) -> str:
    zone = request.asker.timezone
    if rules.is_now(draft.when):
        return f"Opens at once, and closes by itself 24 hours later (times in {zone})."
    try:
        schedule = _schedule(request, draft.when)
    except BadInput as error:
        return str(error)
    place = When(schedule.rule, schedule.zone, draft.channel or request.channel_id)
    async with deps.db.read() as session:
        return await read_coming(session, request.workspace_id, place, at=request.at)


def _schedule(request: Request, words: str) -> Scheduled:
    try:
        return read_schedule(words, at=request.at, zone=zone_named(request.asker.timezone))
    except BadInput as error:
        raise BadInput(field="when", problem=error.problem, fix=error.fix) from error


async def save_form(request: Request, deps: Deps) -> Answer:
    """The form: a new series, and its first run where it is held now."""
    draft = _typed(request)
    new = _read(request, draft)
    await check_place(request, new.channel_id, is_anonymous=new.is_anonymous)
    audience = await request.place.directory.audience(new.channel_id, at=request.at)
    async with deps.act(request) as session:
        row = await service.create_series(
            session, request.workspace_id, new, by=request.user_id, at=request.at
        )
        if new.rule is None:
            await open_and_post(
                session, request.cause, row, audience, by=request.user_id, at=request.at
            )
    where = channel_link(new.channel_id)
    if new.rule is None:
        return ShowModal(render_done(f"Open in {where}. It closes by itself in 24 hours."))
    coming = escape(await _preview(request, deps, draft))
    return ShowModal(render_done(f"Set up for {where}. {coming}."))


def _read(request: Request, draft: Draft) -> service.NewSeries:
    name = request.typed("name", label="The name", limit=rules.NAME_CHARACTERS)
    schedule = None if rules.is_now(draft.when) else _schedule(request, draft.when)
    return service.NewSeries(
        name=" ".join(name.split()),
        template=draft.template,
        questions=rules.read_questions(draft.questions),
        channel_id=draft.channel,
        timezone=schedule.zone.key if schedule else request.asker.timezone,
        rule=schedule.rule if schedule else None,
        # With its zone: whoever reads it next may live in another one.
        words=say(schedule.rule, schedule.zone) if schedule else "",
        is_anonymous=draft.is_anonymous,
    )


async def retro_faults(request: Request, _deps: Deps) -> list[BadInput]:
    """Return all that is wrong with the form of a retro."""
    values = request.values
    when = values.get("when", "")
    return await gather_faults(
        [
            lambda: request.typed("name", label="The name", limit=rules.NAME_CHARACTERS),
            lambda: rules.read_questions(values.get("questions", "")),
            lambda: request.typed("when", limit=WORDS_CHARACTERS),
            lambda: None if rules.is_now(when) else _schedule(request, when),
            lambda: check_place(
                request,
                values.get("channel", ""),
                is_anonymous=values.get("anonymous") == "yes",
            ),
        ]
    )


async def check_place(request: Request, channel_id: str, *, is_anonymous: bool) -> None:
    """Raise ``BadInput`` where this person cannot hold a retro in that channel."""
    await check_room_of(request.place, channel_id, is_anonymous=is_anonymous, at=request.at)
    reader = await request.place.directory.asker(request.user_id, at=request.at)
    if channel_id not in reader.channel_ids:
        raise BadInput(
            field="channel", problem="You are not in that channel.", fix="Join it, or pick another."
        )


async def read_list(request: Request, deps: Deps, *, note: str = "") -> Message:
    """Return the series that the asker may see, with buttons on those they may change."""
    async with deps.db.read() as session:
        found = await find_series(session, request.asker, limit=LISTED)
    asker = request.asker
    may = {one.id for one in found if asker.is_admin or one.owner_id == asker.user_id}
    return render_list(found, may_change=may, note=note)
