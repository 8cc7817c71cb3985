"""The App Home: what needs the person, what is broken, what is going on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.entries.queries import Logged
from bot.slack.blocks import Block, View, actions, button, context, divider, home, section
from bot.slack.ids import Action
from bot.slack.text import escape, link, when

# Blocks a section may take, so that all of them fit into Slack's 100 with their titles.
ROOM = {
    "done": 1,
    "needs": 34,
    "inbox": 5,
    "broken": 12,
    "themes": 12,
    "bets": 6,
    "mine": 16,
    "latest": 3,
}
CALM = "Nothing needs you."

VERDICTS = {"hit": "hit", "missed": "missed", "inconclusive": "inconclusive", "invalid": "invalid"}
# What the log's lines say here: number and title stand before it. Others are no news by themselves.
NEWS: Mapping[str, str] = {
    "launch.created": "was logged as a launch",
    "launch.live": "is live",
    "launch.rolled_back": "was rolled back",
    "verdict.given": "has its verdict",
    "decision.proposed": "is proposed",
    "decision.accepted": "is decided",
    "decision.superseded": "was superseded",
    "decision.retired": "was retired",
    "digest.created": "is a new digest",
    "retro.opened": "is open",
}
# Lines whose words are quotes, or long: told by their number alone.
BARE: Mapping[str, str] = {
    "feedback.logged": "feedback {number} was logged",
    "retro.closed": "retro {number} is closed",
}


@dataclass(frozen=True)
class Part:
    """One section of the App Home; left out when it has nothing to say."""

    key: str  # of ROOM
    title: str
    blocks: Sequence[Block] = field(default_factory=list)


def render_home(parts: Sequence[Part], *, is_member: bool, emoji: Sequence[str]) -> View:
    """Put the sections together; calm when nothing is due."""
    shown = [part for part in parts if part.blocks]
    blocks: list[Block] = [_buttons()] if is_member else []
    if not any(part.key in {"needs", "broken"} for part in shown):
        blocks.append(section(f"*{CALM}*"))
    for part in shown:
        blocks += _part(part)
    blocks += [divider(), context(_help(emoji, is_member=is_member))]
    return home(blocks)


def _part(part: Part) -> list[Block]:
    room = ROOM[part.key]
    kept = list(part.blocks[:room])
    if len(part.blocks) > room:
        kept.append(context("There is more; it comes up here as these are done."))
    return [section(f"*{part.title}*"), *kept]


def _buttons() -> Block:
    return actions(
        button("New launch", Action.LAUNCH_OPEN),
        button("New decision", Action.HOME_DECISION),
        button("Log feedback", Action.HOME_FEEDBACK),
        button("Themes", Action.THEME_LIST),
        button("Settings", Action.CALENDAR_MENU),
    )


def _help(emoji: Sequence[str], *, is_member: bool) -> str:
    if not is_member:
        return "You see what comes from channels you are in. `/daybook search words` finds more."
    signs = " or ".join(f":{name}:" for name in emoji)
    return (
        f"React with {signs} to a customer's message to log it. `/daybook help` lists the rest, "
        "`/daybook status` says what is due and what failed."
    )


def render_latest(lines: Sequence[Logged]) -> list[Block]:
    """What happened lately, one line each; no quotes and no names of who did it."""
    rows = [row for line in lines if (row := _news(line))]
    return [section("\n".join(rows))] if rows else []


def _news(line: Logged) -> str:
    number = f"#{line.facts['number']}" if line.facts.get("number") else ""
    day = when(line.at, "{date_short_pretty}")
    if line.kind in BARE:
        permalink = str(line.facts.get("permalink") or "")
        where = f" ({link(permalink, 'message')})" if permalink else ""
        return f"{day}: {BARE[line.kind].format(number=number)}{where}"
    if line.kind not in NEWS:
        return ""
    title = escape(line.prose.split("\n", 1)[0], limit=100)
    verdict = VERDICTS.get(str(line.facts.get("verdict") or ""), "")
    return f"{day}: {number} {title} {NEWS[line.kind]}" + (f": {verdict}" if verdict else "")
