"""What a launch's checklist holds: what the bot can see by itself, and go or no-go. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.bets.rules import MOVE_METRIC
from bot.launches.records import Approval, LaunchDetail
from bot.launches.stages import EXPOSED, LIVE

# The roles that anybody may take, in the order shown. The owner is the launch's own.
ROLES = {
    "numbers": "Watches the numbers",
    "customers": "Tells customers",
    "support": "Answers questions",
    "rollback": "Can roll it back",
}
OWNER = "owner"
GO, NO_GO = "go", "no_go"


@dataclass(frozen=True)
class Check:
    """One line of the checklist that completes itself."""

    text: str
    is_done: bool


def checks_of(detail: LaunchDetail) -> list[Check]:
    """Return what the bot sees by itself, in the order in which it usually happens."""
    launch, crew, bet = detail.launch, detail.crew, detail.launch.bet
    checks = [
        Check("Those who asked for it are linked", bool(detail.theme_ids)),
        Check("A bet is set", bet is not None),
    ]
    if bet and bet.kind == MOVE_METRIC:
        checks.append(Check("A guardrail is set", bool(bet.guardrails)))
    if crew.approvals:
        checks.append(Check("Everybody asked says go", not missing_go(crew.approvals)))
    checks.append(Check("Live for everybody", launch.stage == LIVE))
    checks.append(Check("Announced", crew.announced > 0))
    if detail.theme_ids or crew.to_tell:
        # A verdict brings its own to be told: then it is open once more.
        checks.append(Check("Those who asked for it are told", 0 < crew.to_tell == crew.told))
    if bet:
        checks.append(Check("Verdict given", bet.state == "judged"))
    return checks


def progress(detail: LaunchDetail) -> tuple[int, int, str]:
    """Return how many lines are done, of how many, and the first that is open (or nothing)."""
    lines = [(check.text, check.is_done) for check in checks_of(detail)]
    lines += [(item.text, bool(item.done_by)) for item in detail.crew.items]
    opened = [text for text, is_done in lines if not is_done]
    return len(lines) - len(opened), len(lines), opened[0] if opened else ""


def missing_go(approvals: Sequence[Approval]) -> list[Approval]:
    """Return who was asked and does not say go."""
    return [one for one in approvals if one.answer != GO]


def needs_go(detail: LaunchDetail, stage: str) -> list[Approval]:
    """Return whose go is missing for a move to ``stage``; nobody's for a move back."""
    return missing_go(detail.crew.approvals) if stage in EXPOSED else []
