"""What the docs say stands: features, links, commands and pictures."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from bot.cli import app
from bot.metrics.declaration import load
from handlers.routes import build_routes

ROOT = Path(__file__).parent.parent.parent
FEATURES = ROOT / "docs" / "features.md"
IMAGES = ROOT / "docs" / "images"
STATES = {"complete", "thin", "not yet"}
# The rows of what the product is to be: a letter for each ritual, and how many it has.
ROWS = {"L": 20, "D": 15, "F": 15, "R": 11, "O": 16, "X": 10}
IDS = [f"{ritual}{number}" for ritual, count in ROWS.items() for number in range(1, count + 1)]

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"`([\w./-]+/[\w./-]+)`")
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|(.*)\|$", re.MULTILINE)
PROGRAM = re.compile(r"(?:(?<![\w/@.-])|(?<=bin/))daybook ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
WORD = re.compile(r"(?<![\w/])/daybook ([a-z]+)")
SHORT = re.compile(r"(?<![\w/.])/([a-z]+)(?![\w/.])")


def pages() -> list[Path]:
    """All that is written for people."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def guides() -> list[Path]:
    """The pages that say how it is today; a decision record says how it was."""
    records = ROOT / "docs" / "decisions"
    return [page for page in pages() if records not in page.parents]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_of(page: Path) -> Iterator[str]:
    """Each code block and code span of a page."""
    text = page.read_text()
    yield from FENCED.findall(text)
    yield from SPAN.findall(FENCED.sub("", text))


def rows() -> list[tuple[str, str, str, str]]:
    """The features: id, words, state, where."""
    return ROW.findall(FEATURES.read_text())


def missing_targets(page: Path, targets: list[str]) -> list[str]:
    """The relative targets that lead nowhere."""
    local = [t for t in targets if not t.startswith(("http://", "https://", "mailto:", "#"))]
    return [t for t in local if not (page.parent / t.partition("#")[0]).exists()]


def test_every_feature_stands_once_in_the_table() -> None:
    assert Counter(row[0] for row in rows()) == Counter(IDS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_feature_is_complete_thin_or_not_yet(row: tuple[str, str, str, str]) -> None:
    assert row[2] in STATES


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_feature_that_is_there_names_where(row: tuple[str, str, str, str]) -> None:
    _, _, state, where = row
    links, paths = LINK.findall(where), PATH.findall(where)
    assert state == "not yet" or links or paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert missing_targets(FEATURES, links) == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_thin_feature_says_what_is_missing_and_no_other_does(
    row: tuple[str, str, str, str],
) -> None:
    assert ("Missing: " in row[3]) == (row[2] == "thin")


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text())
    assert missing_targets(page, LINK.findall(text)) == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_picture_is_there_once_pictures_were_taken(page: Path) -> None:
    named = [(page.parent / target).resolve() for target in IMAGE.findall(page.read_text())]
    has_pictures = any(IMAGES.glob("*.png"))
    taken = [image for image in named if image.parent != IMAGES or has_pictures]
    assert [image for image in taken if not image.exists()] == []


def is_known(command: str, part: str) -> bool:
    """Tell whether the program has a command, and it that part where it has parts."""
    commands = getattr(typer.main.get_command(app), "commands", {})
    parts = getattr(commands.get(command), "commands", None)
    return command in commands and (parts is None or not part or part in parts)


@pytest.mark.parametrize("page", guides(), ids=name_of)
def test_every_command_of_the_program_exists(page: Path) -> None:
    named = {words for code in code_of(page) for words in PROGRAM.findall(code)}
    assert [words for words in sorted(named) if not is_known(*words)] == []


@pytest.mark.parametrize("page", guides(), ids=name_of)
def test_every_word_for_slack_is_answered(page: Path) -> None:
    known = set(build_routes().commands)
    manifest = yaml.safe_load((ROOT / "app.yaml").read_text())
    commands = {one["command"].lstrip("/") for one in manifest["features"]["slash_commands"]}
    codes = list(code_of(page))
    named = {word for code in codes for word in WORD.findall(code)}
    # Others, such as /invite, are Slack's own, or paths.
    named |= {word for code in codes for word in SHORT.findall(code)} & (commands - {"daybook"})
    assert named - known == set()


def test_the_metrics_page_shows_only_what_can_be_declared() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text()
    samples = re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    names = set(re.findall(r"\$\{(\w+)\}", text))
    for sample in samples:
        assert load(sample, dict.fromkeys(names, "sqlite:///x.db"))
    assert len(samples) >= 3
