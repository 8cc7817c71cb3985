"""The App Home: puts together what each ritual has for the person who looks."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.queries import home_mine as home_alerts
from bot.alerts.views import render_home_mine as render_home_alerts
from bot.bets import cards as bet_cards
from bot.bets.records import Judged
from bot.decisions import queries as decisions
from bot.decisions import views as decision_views
from bot.deps import Deps
from bot.digests import cards as digest_cards
from bot.digests import queries as digests
from bot.engine.status import find_broken_runs, find_failures, find_schedules
from bot.entries.queries import find_entries
from bot.feedback.proposal_queries import home_answered, home_proposals, home_splits
from bot.feedback.proposal_views import render_home_proposals
from bot.feedback.receipt_queries import home_logged
from bot.feedback.told_queries import due_for, find_follow_ups
from bot.feedback.told_records import JUST_DONE
from bot.feedback.told_views import render_home_done
from bot.feedback.told_views import render_home_due as render_home_told
from bot.feedback.triage_queries import count_open
from bot.feedback.triage_views import render_home_inbox
from bot.feedback.views import render_home_logged
from bot.general.closed_places import find_closed
from bot.general.home_views import BARE, NEWS, Part, render_home, render_latest
from bot.general.schedule_names import find_subjects
from bot.general.status_views import render_broken_runs, render_closed, render_failures
from bot.general.welcome import welcome
from bot.launches import crew_views
from bot.launches import queries as launches
from bot.launches import views as launch_views
from bot.launches.listening import home_reactions
from bot.metrics.views import render_file_problems
from bot.retros import queries as retros
from bot.retros import views as retro_views
from bot.slack.blocks import Block
from bot.slack.ids import Action
from bot.workspaces.channels import closed_channels
from handlers import decisions as decision_doors
from handlers import feedback as feedback_doors
from handlers import triage as triage_doors
from handlers.boundary import Route
from handlers.payloads import Request

# Events of which drafts stand in the App Home; the others are named, and come up in turn.
TOLD_SHOWN = 2
LATEST_SHOWN, BARE_SHOWN = 8, 3
# What the person logged themselves stands here for a day: the receipt itself vanishes.
LOGGED_SINCE, LOGGED_SHOWN = timedelta(days=1), 2
ACTIONS_SHOWN = 3


async def show_home(request: Request, deps: Deps) -> dict[str, Any]:
    """Draw the App Home of the one who opened it, or the inbox in its place."""
    if triage_doors.is_inbox(request) and request.asker.is_member:
        return await triage_doors.draw_inbox(request, deps)
    if request.asker.is_member:
        await welcome(deps, request.place, at=request.at, opened_by=request.user_id)
    if request.asker.is_admin:  # who can mend the metrics file is told that it needs it
        await deps.metrics.follow(request.workspace_id, at=request.at)
    async with deps.db.read() as session:
        parts = [
            Part("done", "Done", await _done(session, request)),
            Part("needs", "Needs you", await _needs(session, request)),
            Part("inbox", "Inbox", await _inbox(session, request)),
            Part("broken", "Broken", await _broken(session, request, deps)),
            Part("themes", "Are these themes right?", await _themes(session, request, deps)),
            Part("bets", "Live bets", await _bets(session, request)),
            Part("mine", "Yours", await _mine(session, request)),
            Part("latest", "Latest", await _latest(session, request)),
        ]
    emoji = sorted(deps.settings.emoji)
    return render_home(parts, is_member=request.asker.is_member, emoji=emoji)


async def _done(session: AsyncSession, request: Request) -> list[Block]:
    """What was told by the tap that draws the Home anew: it does not vanish without a word."""
    follow_up_id = str(request.state.get(JUST_DONE) or "")
    if not follow_up_id:
        return []
    found = await find_follow_ups(session, request.asker, ids=[follow_up_id])
    return render_home_done([one for one in found if one.owner_id == request.user_id])


async def _needs(session: AsyncSession, request: Request) -> list[Block]:
    asker = request.asker
    verdicts: list[Judged] = [*await launches.home_due(session, asker)]
    verdicts += await decisions.home_to_judge(session, asker)
    waiting = await launches.home_go(session, asker)
    reactions = await home_reactions(session, asker)
    steps = [one for one in await _steps(session, request) if _is_due(one, request)]
    told = await due_for(session, asker)
    today = _today(request)
    revisits = await decisions.home_due(session, asker, today=today)
    answers = await retros.home_to_answer(session, asker, at=request.at)
    actions = [one for one in await retros.home_actions(session, asker) if one.due_on <= today]
    alerts = await home_alerts(session, asker)
    return [
        *render_home_alerts(alerts),
        *crew_views.render_home_go(waiting),
        *bet_cards.render_home_due(verdicts),
        *bet_cards.render_home_steps(steps),
        *crew_views.render_home_reactions(reactions),
        *retro_views.render_home_to_answer(answers),
        *retro_views.render_home_actions(actions[:ACTIONS_SHOWN], today=today),
        *render_home_told(told, shown=TOLD_SHOWN),
        *decision_views.render_home_due(revisits),
    ]


async def _steps(session: AsyncSession, request: Request) -> list[Judged]:
    """Return what misses asked of this person: of launches and of decisions."""
    found: list[Judged] = [*await launches.home_steps(session, request.asker)]
    return [*found, *await decisions.home_steps(session, request.asker)]


def _is_due(one: Judged, request: Request) -> bool:
    return one.step is not None and one.step.due_on <= _today(request)


async def _inbox(session: AsyncSession, request: Request) -> list[Block]:
    asker = request.asker
    waiting = await count_open(session, asker, at=request.at)
    since = request.at - LOGGED_SINCE
    mine = await home_logged(session, asker, since=since, limit=LOGGED_SHOWN)
    return [*render_home_inbox(waiting), *render_home_logged(mine)]


async def _broken(session: AsyncSession, request: Request, deps: Deps) -> list[Block]:
    asker = request.asker
    failures = await find_failures(session, asker, at=request.at)
    runs = await find_broken_runs(session, asker, at=request.at)
    metrics = await digests.home_broken_metrics(session, asker)
    problems = deps.metrics.problems(request.workspace_id)
    own = await find_schedules(session, asker)
    subjects = await find_subjects(session, asker) if own or runs else {}
    names = {of: one.name for of, one in subjects.items()}
    return [
        *render_failures(failures),
        *render_broken_runs(runs, names, zone=asker.timezone),
        *render_closed(own, names, await find_closed(session, asker, own, subjects)),
        *digest_cards.render_home_broken([], metrics),
        *render_file_problems(problems if asker.is_admin else []),
    ]


async def _themes(session: AsyncSession, request: Request, deps: Deps) -> list[Block]:
    proposals = await home_proposals(session, request.asker, deps.feedback)
    splits = await home_splits(session, request.asker, deps.feedback)
    answered = await home_answered(session, request.asker, at=request.at)
    return render_home_proposals(proposals, answered, splits)


async def _bets(session: AsyncSession, request: Request) -> list[Block]:
    found = await launches.home_live_bets(session, request.asker, at=request.at)
    found += await decisions.live_bets(session, request.asker, at=request.at)
    return bet_cards.render_home_live_bets(found)


async def _mine(session: AsyncSession, request: Request) -> list[Block]:
    asker, today = request.asker, _today(request)
    actions = [one for one in await retros.home_actions(session, asker) if one.due_on > today]
    later = [one for one in await _steps(session, request) if not _is_due(one, request)]
    mine = await digests.home_mine(session, asker)
    closed = await closed_channels(session, asker.workspace_id, {one.target for one in mine})
    return [
        *launch_views.render_home_mine(await launches.home_mine(session, asker)),
        *bet_cards.render_home_steps(later),
        *decision_views.render_home_mine(await decisions.home_mine(session, asker)),
        *digest_cards.render_home_mine(mine, closed),
        *retro_views.render_home_actions(actions[:ACTIONS_SHOWN], today=today),
    ]


async def _latest(session: AsyncSession, request: Request) -> list[Block]:
    """Of each sort by itself: a file of feedback would leave room for nothing else."""
    asker = request.asker
    news = await find_entries(session, asker, kinds=tuple(NEWS), limit=LATEST_SHOWN)
    bare = await find_entries(session, asker, kinds=tuple(BARE), limit=BARE_SHOWN)
    lines = sorted([*news, *bare], key=lambda line: -line.seq)
    return render_latest(lines[:LATEST_SHOWN])


def _today(request: Request) -> date:
    return request.at.astimezone(ZoneInfo(request.asker.timezone)).date()


ACTIONS = {
    Action.HOME_DECISION.value: Route(decision_doors.open_form),
    Action.HOME_FEEDBACK.value: Route(feedback_doors.open_form),
}
