"""A few thousand sentences as customers write them, and a database that has them logged."""

import itertools
import random
from datetime import UTC, datetime, timedelta

from bot.ai.themes import Grouping, name_theme
from bot.ai.vectors import Vectors
from bot.db.session import Database
from bot.feedback.tables import Feedback, TextVector, Theme
from bot.workspaces.tables import Channel, Counter, Workspace

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
WORKSPACE, ROOM = "bench", "C0BENCH"
# Sentences embedded at once while the database is filled.
AT_ONCE = 200

THINGS = (
    "the export to a spreadsheet", "the mobile app", "single sign-on", "the monthly invoice",
    "the calendar sync", "dark mode", "the search in old reports", "the audit log",
    "the onboarding checklist", "the public API", "the chart of weekly numbers", "push messages",
    "the import of contacts", "the role for read-only guests", "the billing page",
    "the link to share a board", "the keyboard shortcuts", "the webhook for new orders",
    "the two-factor login", "the dashboard on a large screen", "the comments in a document",
    "the offline mode", "the French translation", "the print layout", "the recurring tasks",
    "the archive of closed projects", "the profile picture", "the time zone of reminders",
    "the bulk edit", "the undo after a delete", "the permission settings", "the e-mail digest",
    "the drag and drop of files", "the custom fields", "the free trial", "the map of our stores",
    "the photo upload", "the barcode scanner", "the payroll run", "the tax report",
)  # fmt: skip
WORDS = (
    "We would love to have {} in our plan before the summer",
    "{} fails with an error since the last update",
    "{} is far too slow when we have more than a thousand rows",
    "How do we switch {} on for the whole team?",
    "{} saved us hours this month, thank you",
    "Our auditor asks for {} and we cannot answer her",
    "{} shows wrong numbers every Monday morning",
    "Could you please add filters to {}?",
    "Half of my colleagues do not find {} at all",
    "A rival offers {} for less and we are looking at it",
    "{} loses what we typed when the connection drops",
    "I tried {} twice and gave up",
    "{} should remember what I chose last time",
    "Since yesterday {} does not open in Safari",
    "{} is the reason why we renewed",
    "We need {} to work with our German customers",
    "{} asks me to log in again and again",
    "Please let us rename things in {}",
    "{} sends everything twice",
    "The letters in {} are too small to read on a phone",
    "We pay for {} and nobody here uses it",
    "{} breaks as soon as a name has an accent",
    "Can {} be limited to managers?",
    "{} hangs at ninety percent",
    "I wish {} had a preview",
    "{} disappeared from the menu",
    "Everything about {} got better with the new version",
    "{} does not say why it refuses",
    "Our new hires are confused by {}",
    "{} costs us a day a week in copying by hand",
    "Is there a plan for {} in two languages?",
    "{} crashed in front of our biggest customer",
    "We moved to you because of {}",
    "{} forgets the decimal places",
    "Let me schedule {} for the night",
    "{} opens a blank page for me",
    "Without {} we have to leave at the end of the year",
    "It took us a week to set {} up",
    "{} mixes up the first and the last name",
    "Could {} tell us when it is done?",
    "{} works on my machine and not on the tablet",
    "There are too many clicks in {}",
    "We cannot get our old data out of {}",
    "{} ignores the holiday calendar",
    "The help page about {} describes the old version",
    "{} is a joy to use",
    "We would pay more for {} with an approval step",
    "{} overwrites what somebody else changed",
    "Nobody answered our question about {}",
    "{} makes the fan of my laptop scream",
)  # fmt: skip
TAILS = ("", ". This is what our whole office says", ", as I told your colleague on the phone")


def sentences(count: int) -> list[str]:
    """Return ``count`` different ones, in an order that only chance knows: 6,000 at most."""
    parts = list(itertools.product(WORDS, THINGS, TAILS))
    random.Random(1).shuffle(parts)
    said = [words.format(thing).rstrip("?") + tail for words, thing, tail in parts[:count]]
    return [text[0].upper() + text[1:] for text in said]


async def log_all(db: Database, team_id: str, texts: list[str], vectors: Vectors) -> int:
    """Store them with their vectors, grouped as they came. Returns how many themes there are."""
    rows = [v for n in range(0, len(texts), AT_ONCE) for v in vectors.embed(texts[n : n + AT_ONCE])]
    grouping = Grouping(vectors)
    groups = [grouping.place(row) for row in rows]
    async with db.write() as session:
        session.add(Workspace(id=WORKSPACE, team_id=team_id, created_at=AT))
        await session.flush()
        session.add(Channel(workspace_id=WORKSPACE, id=ROOM, is_private=False, refreshed_at=AT))
        highest = 200_000
        session.add(Counter(workspace_id=WORKSPACE, name="number", value=highest))
        first = dict(reversed(list(zip(groups, texts, strict=True))))
        for group, text in first.items():
            session.add(_theme(group, name_theme([text], [])))
        await session.flush()
        for n, (text, row, group) in enumerate(zip(texts, rows, groups, strict=True)):
            session.add(_item(n, text, group))
            session.add(
                TextVector(
                    workspace_id=WORKSPACE,
                    subject_kind="feedback",
                    subject_id=f"f{n}",
                    model_id=vectors.model_id,
                    vector=row.astype("<f4").tobytes(),
                )
            )
    return len(set(groups))


def _theme(group: int, name: str) -> Theme:
    return Theme(
        workspace_id=WORKSPACE, id=f"t{group}", number=100_000 + group, name=name, group_id=group,
        created_at=AT,
    )  # fmt: skip


def _item(n: int, text: str, group: int) -> Feedback:
    return Feedback(
        workspace_id=WORKSPACE,
        id=f"f{n}",
        number=n + 1,
        text=text,
        source_channel_id=ROOM,
        message_ts=f"{n}.0",
        kind="request",
        theme_id=f"t{group}",
        said_at=AT - timedelta(minutes=n),
        logged_at=AT,
    )
