"""Read a story over the rituals' own queries, each as its asker may see it."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import find_decisions
from bot.decisions.records import DecisionView
from bot.engine.deliveries import where_sent
from bot.entries.links import Node
from bot.entries.tables import Link
from bot.errors import NotFound
from bot.feedback.queries import FeedbackView, find_feedback, find_themes, merged_themes
from bot.feedback.told_queries import find_follow_ups
from bot.launches.queries import find_launches
from bot.launches.reactions import reactions_to
from bot.launches.records import LaunchView
from bot.why.records import Candidate, LaunchStory, Story
from bot.why.rules import (
    DECISIONS,
    LAUNCHES,
    Edge,
    chain_of,
    customer_key,
    order_decisions,
    pick_quotes,
    without_hidden,
)
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace

# What is looked through for a question: the newest of each kind, more than a team remembers.
SEARCHED = 400
SEARCHED_QUOTES = 1_000
# A story longer than this is a whole product; its far ends are no longer about the question.
STEPS = 6
KINDS = ("theme", "decision", "launch")


async def find_candidates(session: AsyncSession, asker: Asker) -> list[Candidate]:
    """Return everything that this asker may ask about, with its words."""
    themes = await find_themes(session, asker, limit=SEARCHED)
    said: dict[str, list[str]] = {}
    for item in await find_feedback(session, asker, limit=SEARCHED_QUOTES):
        said.setdefault(item.theme_id or "", []).append(item.text)
    return [
        *(_of_launch(row) for row in await find_launches(session, asker, limit=SEARCHED)),
        *(_of_decision(row) for row in await find_decisions(session, asker, limit=SEARCHED)),
        *(
            Candidate(Node("theme", row.id), row.number, row.name, " ".join(said.get(row.id, ())))
            for row in themes
        ),
    ]


def _of_launch(row: LaunchView) -> Candidate:
    return Candidate(Node("launch", row.id), row.number, row.title, f"{row.summary} {row.area}")


def _of_decision(row: DecisionView) -> Candidate:
    words = (row.choice, row.context, *row.options, row.rationale, row.area)
    return Candidate(Node("decision", row.id), row.number, row.title, " ".join(words))


async def find_numbered(session: AsyncSession, asker: Asker, number: int) -> Candidate | None:
    """Return what has that number; for feedback, the theme that it belongs to."""
    for candidate in await find_candidates(session, asker):
        if candidate.number == number:
            return candidate
    for item in await find_feedback(session, asker, limit=SEARCHED_QUOTES):
        if item.number == number and item.theme_id:
            return await get_candidate(session, asker, Node("theme", item.theme_id))
    return None


async def get_candidate(session: AsyncSession, asker: Asker, node: Node) -> Candidate:
    """Return one thing to tell the story of; raises ``NotFound``."""
    if node.kind == "launch":
        launches = await find_launches(session, asker, ids=[node.id], limit=1)
        found = [_of_launch(row) for row in launches]
    elif node.kind == "decision":
        decisions = await find_decisions(session, asker, ids=[node.id], limit=1)
        found = [_of_decision(row) for row in decisions]
    else:
        themes = await find_themes(session, asker, ids=[node.id], limit=1)
        found = [Candidate(Node("theme", row.id), row.number, row.name) for row in themes]
    if not found:
        raise NotFound("There is nothing of that kind that you can see.")
    return found[0]


async def read_story(session: AsyncSession, asker: Asker, about: Candidate) -> Story:
    """Return the story of something. The walk goes through nothing that the asker cannot see."""
    nodes = await _chain(session, asker, about.node)
    themes = await find_themes(session, asker, ids=_ids(nodes, "theme"), limit=50)
    quotes = await _quotes(session, asker, [theme.id for theme in themes])
    decisions = await find_decisions(session, asker, ids=_ids(nodes, "decision"), limit=50)
    launches = await find_launches(session, asker, ids=_ids(nodes, "launch"), limit=50)
    launches.sort(key=lambda row: (row.id != about.node.id, row.bet is None, -row.number))
    return Story(
        about=about,
        themes=tuple(themes),
        quotes=pick_quotes(quotes),
        said=len(quotes),
        customers=len({customer_key(item) for item in quotes}),
        decisions=tuple(order_decisions(decisions)[:DECISIONS]),
        launches=tuple([await _launch(session, asker, row) for row in launches[:LAUNCHES]]),
    )


def _ids(nodes: Collection[Node], kind: str) -> list[str]:
    return [node.id for node in nodes if node.kind == kind]


async def _quotes(
    session: AsyncSession, asker: Asker, theme_ids: Sequence[str]
) -> list[FeedbackView]:
    if not theme_ids:
        return []
    return await find_feedback(session, asker, theme_ids=list(theme_ids), limit=SEARCHED_QUOTES)


async def _chain(session: AsyncSession, asker: Asker, start: Node) -> list[Node]:
    edges: list[Edge] = []
    seen, edge = {start}, {start}
    merged = await merged_themes(session, asker)
    for _ in range(STEPS):
        links = await _links(session, asker, edge, merged)
        edges += links
        near = {node for link in links for node in (link.first, link.then)} - seen
        edge = await _visible(session, asker, near)
        if not edge:
            break
        seen |= edge
    return chain_of(start, list(dict.fromkeys(edges)), seen)


async def _links(
    session: AsyncSession, asker: Asker, nodes: set[Node], merged: Mapping[str, str]
) -> list[Edge]:
    """Return the links of nodes; what led to a theme that merged leads to where it is now."""
    own = {node.id for node in nodes}
    ids = sorted(own | {gone for gone, into in merged.items() if into in own})
    query = (
        select(Link)
        .where(
            Link.workspace_id == asker.workspace_id,
            or_(Link.from_id.in_(ids), Link.to_id.in_(ids)),
            Link.from_kind.in_(KINDS),
            Link.to_kind.in_(KINDS),
        )
        .order_by(Link.at, Link.from_id, Link.to_id)
    )
    return [
        Edge(
            Node(row.from_kind, merged.get(row.from_id, row.from_id)),
            Node(row.to_kind, merged.get(row.to_id, row.to_id)),
        )
        for row in await session.scalars(query)
    ]


async def _visible(session: AsyncSession, asker: Asker, nodes: set[Node]) -> set[Node]:
    """Return the nodes that the asker may see, by each ritual's own query."""
    themes = await find_themes(session, asker, ids=_ids(nodes, "theme"), limit=200)
    decisions = await find_decisions(session, asker, ids=_ids(nodes, "decision"), limit=200)
    launches = await find_launches(session, asker, ids=_ids(nodes, "launch"), limit=200)
    return {
        *(Node("theme", row.id) for row in themes),
        *(Node("decision", row.id) for row in decisions),
        *(Node("launch", row.id) for row in launches),
    }


async def _launch(session: AsyncSession, asker: Asker, launch: LaunchView) -> LaunchStory:
    told = await find_follow_ups(session, asker, [launch.id])
    evidence = launch.evidence.message_id if launch.evidence else None
    address = await _address(session, asker, evidence or "")
    said = await reactions_to(session, asker, launch.id)
    return without_hidden(LaunchStory(launch, tuple(told), address, tuple(said)))


async def _address(session: AsyncSession, asker: Asker, delivery_id: str) -> str:
    """Return the address of a posted message, or nothing while it is not posted."""
    sent = await where_sent(session, asker.workspace_id, delivery_id) if delivery_id else None
    workspace = await session.get(Workspace, asker.workspace_id)
    if not (sent and sent.ts and workspace and workspace.url):
        return ""
    return f"{workspace.url.rstrip('/')}/archives/{sent.channel}/p{sent.ts.replace('.', '')}"
