"""The stages of a launch and where each may go. Pure."""

from collections.abc import Sequence

from bot.errors import BadInput

PROTOTYPE, PLANNED, BETA = "prototype", "planned", "beta"
ROLLING_OUT, LIVE = "rolling_out", "live"
ROLLED_BACK, RETIRED = "rolled_back", "retired"

WORDS = {
    PROTOTYPE: "prototype",
    PLANNED: "planned",
    BETA: "beta",
    ROLLING_OUT: "rolling out",
    LIVE: "live",
    ROLLED_BACK: "rolled back",
    RETIRED: "retired",
}
STAGES = tuple(WORDS)
FIRST_STAGES = (LIVE, PLANNED, PROTOTYPE, BETA, ROLLING_OUT)
ENDED = (ROLLED_BACK, RETIRED)
NEXT: dict[str, tuple[str, ...]] = {
    PROTOTYPE: (PLANNED, BETA, ROLLING_OUT, LIVE, RETIRED),
    PLANNED: (PROTOTYPE, BETA, ROLLING_OUT, LIVE, RETIRED),
    BETA: (ROLLING_OUT, LIVE, ROLLED_BACK, RETIRED),
    ROLLING_OUT: (LIVE, ROLLED_BACK, RETIRED),
    LIVE: (ROLLED_BACK, RETIRED),
    ROLLED_BACK: (PLANNED, BETA, ROLLING_OUT, LIVE, RETIRED),
    RETIRED: (PLANNED, LIVE),
}
# Stages in which everybody may meet it, so that the days from there on are not "before".
EXPOSED = (ROLLING_OUT, LIVE)


def check_move(stage: str, to: str) -> None:
    """Raise ``BadInput`` when a launch cannot go from ``stage`` to ``to``."""
    if to not in NEXT.get(stage, ()):
        raise BadInput(
            field="stage",
            problem=f"A launch that is {WORDS[stage]} cannot become {WORDS.get(to, to)}.",
            fix=f"From there it can become {listed(NEXT[stage])}.",
        )


def entry_kind(stage: str) -> str:
    """Return the kind of the log's line for coming to ``stage``."""
    return {LIVE: "launch.live", ROLLED_BACK: "launch.rolled_back"}.get(stage, "launch.stage")


def stage_named(text: str) -> str | None:
    """Return the stage that ``text`` names ("rolled back", "rolling-out"), or None."""
    word = text.strip().lower().replace(" ", "_").replace("-", "_")
    return word if word in WORDS else None


def listed(stages: Sequence[str]) -> str:
    """Return stages in words: "beta, live or retired"."""
    *first, last = (WORDS[stage] for stage in stages)
    return f"{', '.join(first)} or {last}" if first else last
