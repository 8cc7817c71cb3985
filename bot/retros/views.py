"""What people see of retros: the headline, the answers, the promises, lists, App Home. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.clock import zone_named
from bot.retros import rules
from bot.retros.records import ActionView, RunView, Said, SeriesView
from bot.slack.blocks import Block, Message, View, actions, button, context, modal, section
from bot.slack.ids import Action, Form
from bot.slack.text import channel, escape, link, person, shorten, when

# Half of what a section holds: escaping may make hostile text longer.
PIECE_CHARACTERS = 1_400


def render_headline(run: RunView) -> Message:
    """The one message of a run in its channel, edited in place."""
    name, number = escape(run.name, limit=120), f"etro #{run.number}"
    has_name = run.name != rules.DEFAULT_NAME
    state = "is open" if run.state == rules.OPEN else "is closed"
    title = f"*{name}* · r{number}" if has_name else f"*R{number}*"
    blocks = [section(title), *_happened(run)]
    if run.state == rules.OPEN:
        listed = "\n".join(f"• {escape(question, limit=300)}" for question in run.questions)
        blocks.append(section(f"*The questions*\n{listed}"))
    blocks.append(section(_count(run)))
    blocks.append(_buttons(run))
    blocks.append(context(*_small_print(run)))
    told = f"R{number}: {name} {state}" if has_name else f"R{number} {state}"
    return Message(told, blocks)


def _happened(run: RunView) -> list[Block]:
    since = spoken_day(run.covers_from, run.timezone)
    if not run.happened:
        return [section(f"*What happened since {since}*\nNothing that is logged.")]
    blocks, lines = [], [f"*What happened since {since}*"]
    for line in run.happened:
        if sum(map(len, lines)) + len(lines) + len(line) > 2_800:
            blocks.append(section("\n".join(lines)))
            lines = []
        lines.append(line)
    return [*blocks, section("\n".join(lines))]


def _count(run: RunView) -> str:
    if run.state == rules.OPEN:
        return f"*Answered so far:* {run.answered}"
    if not run.answered:
        return "*Closed.* Nobody answered this time."
    return f"*Closed.* Answered: {run.answered}. What was said stands in the thread."


def _buttons(run: RunView) -> Block:
    if run.state != rules.OPEN:
        return actions(button("Add actions", Action.RETRO_ACTIONS, run.id, style="primary"))
    return actions(
        button("Answer", Action.RETRO_ANSWER, run.id, style="primary"),
        button("Close", Action.RETRO_CLOSE, run.id, confirm="Close it and show the answers?"),
    )


def _small_print(run: RunView) -> list[str]:
    small = []
    if run.state == rules.OPEN:
        small.append(f"Closes {spoken_instant(run.closes_at, run.timezone)}")
        small.append("Answers show when it closes; until then you can change yours.")
    if run.is_anonymous:
        small[1:] = ["Anonymous: answers are kept without their authors."]
    return small or [f"Closed {spoken_instant(run.closed_at or run.closes_at, run.timezone)}"]


def render_summary(
    run: RunView, answers: Mapping[int, Sequence[Said]], names: Mapping[str, str]
) -> Message:
    """The answers grouped by question, for the thread. ``names`` by user id."""
    blocks = []
    for place, question in enumerate(run.questions):
        said = answers.get(place, ())
        blocks.append(section(f"*{escape(question, limit=300)}*"))
        if not said:
            blocks.append(context("No answer."))
        for one in said:
            blocks += _said(one, names)
    blocks.append(actions(button("Add actions", Action.RETRO_ACTIONS, run.id)))
    return Message(f"What was said in retro #{run.number}", blocks)


def _said(one: Said, names: Mapping[str, str]) -> list[Block]:
    author = escape(names.get(one.author_id, "somebody"), limit=80) if one.author_id else ""
    first, *rest = pieces(one.text)
    lead = f"{author}: " if author else "• "
    return [section(lead + first), *(section(piece) for piece in rest)]


def pieces(text: str) -> list[str]:
    """Return hostile ``text`` escaped, in parts that a section holds; nothing is cut off."""
    whole = escape(text, limit=100_000)
    if len(whole) <= 2_800:
        return [whole]
    if len(text) <= 1:
        return [whole[:2_800]]
    size = PIECE_CHARACTERS if len(text) > PIECE_CHARACTERS else len(text) // 2
    found: list[str] = []
    for start in range(0, len(text), size):
        found += pieces(text[start : start + size])
    return found


def summary_text(run: RunView, answers: Mapping[int, Sequence[Said]]) -> str:
    """Return what was said as plain text, without who said it: what the log's search finds."""
    lines = [run.name]
    for place, question in enumerate(run.questions):
        lines += [question, *(f"- {one.text}" for one in answers.get(place, ()))]
    return "\n".join(lines)


def render_promised(run: RunView, promised: Sequence[ActionView]) -> Message:
    """What was promised, in the thread; edited when an owner says how it went."""
    text = f"Promised in retro #{run.number}"
    return Message(text, [section(f"*{text}*"), *(section(_promise(one)) for one in promised)])


def _promise(one: ActionView) -> str:
    lines = [f"*#{one.number}* {escape(one.text, limit=700)}"]
    lines.append(f"{person(one.owner_id)} · due {spoken_date(one.due_on)} · {state_words(one)}")
    if one.expected_effect:
        lines.append(f"Should change: {escape(one.expected_effect, limit=600)}")
    if one.check:
        lines.append(f"How we tell: {escape(one.check, limit=600)}")
    if one.word:
        lines.append(f"Afterwards: {escape(one.word, limit=600)}")
    return "\n".join(lines)


def state_words(one: ActionView) -> str:
    """Return where an action stands."""
    return rules.STATE_WORDS[one.state]


def render_promise_told(run: RunView, mine: Sequence[ActionView], zone: str) -> Message:
    """Tell an owner, once, what was promised for them. ``zone`` is theirs."""
    numbers = " and ".join(f"#{one.number}" for one in mine)
    verb = "is yours" if len(mine) == 1 else "are yours"
    text = f"{numbers} {verb}, promised in a retro."
    blocks = [section(f"{numbers} {verb}, promised in {link(run.permalink, run.name)}.")]
    for one in mine:
        asked = f"I ask you on {spoken_date(one.due_on)} at 09:00 ({zone}) how it went."
        blocks += [section(_promise(one)), context(asked)]
    return Message(text, blocks)


def render_question(one: ActionView) -> Message:
    """Ask the owner, on the due date, how it went."""
    text = f"Action #{one.number} is due today. Did it work?"
    return Message(text, [section(text), section(_promise(one)), _check_buttons(one)])


def _check_buttons(one: ActionView) -> Block:
    labels = {rules.WORKED: "It worked", rules.DID_NOT: "It did not", rules.NOT_DONE: "Not done"}
    return actions(
        *(
            button(label, f"{Action.RETRO_CHECK}:{state}:{one.id}", one.id)
            for state, label in labels.items()
        )
    )


def render_checked(one: ActionView) -> Message:
    """What the question becomes once it is answered."""
    text = f"Action #{one.number}: {state_words(one)}. The next retro opens with it."
    word = actions(button("Add a sentence", f"{Action.RETRO_WORD}:{one.id}", one.id))
    return Message(text, [section(text), word])


def render_cannot_open(series: SeriesView, why: str) -> Message:
    """Tell the owner that a scheduled retro did not open; ``why`` is ours."""
    text = f"The retro “{escape(series.name, limit=80)}” did not open: {why}"
    return Message(text, [section(text)])


def render_list(found: Sequence[SeriesView], *, may_change: set[str], note: str = "") -> Message:
    """``/retro list``; ``may_change`` are the ids of those that the reader may change."""
    lead = escape(note) or "Retros that go on"
    if not found:
        text = note or "No retro goes on that you can see. Type `/retro` to hold one."
        return Message(text, [section(text)])
    blocks = [section(f"*{lead}*")]
    for one in found:
        blocks.append(section(_line(one)))
        if one.id in may_change:
            blocks.append(_series_buttons(one))
    return Message(lead, blocks)


def _line(one: SeriesView) -> str:
    held = escape(one.words, limit=200) if one.rule else "held by hand"
    parts = [channel(one.channel_id), held]
    if one.is_anonymous:
        parts.append("anonymous")
    if one.state == rules.PAUSED:
        parts.append("*paused*")
    elif one.next_at:
        parts.append(f"next {spoken_instant(one.next_at, one.timezone)}")
    if one.open_run_id:
        parts.append("*open now*")
    return f"*#{one.number} {escape(one.name, limit=120)}*\n{' · '.join(parts)}"


def _series_buttons(one: SeriesView) -> Block:
    row = []
    if not one.open_run_id:
        row.append(button("Run now", f"{Action.RETRO_RUN}:{one.id}", one.id))
    if one.rule and one.state == rules.ACTIVE:
        row.append(button("Pause", f"{Action.RETRO_PAUSE}:{one.id}", one.id))
    if one.state == rules.PAUSED:
        row.append(button("Resume", f"{Action.RETRO_RESUME}:{one.id}", one.id))
    ask = "Remove it? What was said and promised stays."
    row.append(button("Remove", f"{Action.RETRO_REMOVE}:{one.id}", one.id, confirm=ask))
    return actions(*row)


def render_done(text: str) -> View:
    """What a form becomes once it did something; ``text`` is ours."""
    return modal(Form.PROBLEM, "Done", [section(text)])


def render_home_to_answer(runs: Sequence[RunView]) -> list[Block]:
    """App Home: open retros of the person's channels that wait for their answer."""
    blocks: list[Block] = []
    for run in runs:
        named = link(run.permalink, shorten(f"#{run.number} {run.name}", 120))
        closes = spoken_instant(run.closes_at, run.timezone)
        blocks.append(section(f"Retro {named} in {channel(run.channel_id)}, closes {closes}"))
        blocks.append(actions(button("Answer", f"{Action.RETRO_ANSWER}:{run.id}", run.id)))
    return blocks


def render_home_actions(found: Sequence[ActionView], *, today: date) -> list[Block]:
    """App Home: the person's open actions; the buttons once the day has come."""
    blocks: list[Block] = []
    for one in found:
        is_due = one.due_on <= today
        lead = "Did it work?" if is_due else "Promised:"
        text = escape(shorten(one.text, 200), limit=400)
        blocks.append(section(f"{lead} #{one.number} {text} (due {spoken_date(one.due_on)})"))
        blocks.append(_check_buttons(one))
    return blocks


def spoken_date(day: date) -> str:
    """Return "2 June 2026"."""
    return f"{day.day} {day:%B %Y}"


def spoken_day(at: datetime, zone: str) -> str:
    """Return the date of an instant in a zone: "4 May 2026"."""
    return spoken_date(at.astimezone(zone_named(zone)).date())


def spoken_instant(at: datetime, zone: str) -> str:
    """Return an instant in the retro's zone, named, and in the reader's own."""
    local = at.astimezone(zone_named(zone))
    return f"{local:%a} {local.day} {local:%B %H:%M} ({zone}); for you {when(at)}"
