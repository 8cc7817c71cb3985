"""What a product area is, and which examples make one. Pure."""

from dataclasses import dataclass

from bot.errors import BadInput

NAME_LIMIT, EXAMPLE_LIMIT = 60, 300
# One sentence is not yet an area; more than these say nothing new.
EXAMPLES_AT_LEAST, EXAMPLES_AT_MOST = 3, 12
AREAS_AT_MOST = 60


@dataclass(frozen=True)
class AreaView:
    """An area and the sentences that it is recognised by."""

    id: str
    name: str
    examples: tuple[str, ...]


def read_examples(typed: str) -> list[str]:
    """Return one example a line; raises ``BadInput`` (field ``examples``) when they are too few."""
    lines = (" ".join(line.split())[:EXAMPLE_LIMIT] for line in typed.splitlines())
    examples = list(dict.fromkeys(line for line in lines if line))
    if len(examples) < EXAMPLES_AT_LEAST:
        raise BadInput(
            field="examples",
            problem=f"From {len(examples)} no area can be recognised.",
            fix="Give three to five sentences, one on each line.",
        )
    return examples[:EXAMPLES_AT_MOST]
