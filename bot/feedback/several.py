"""Several asks in one message: found by its shape alone. Pure."""

import re

# A list's item: "- x", "* x", "• x", "1. x", "2) x", "a) x".
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)]|[a-hA-H][.)])\s+(?=\S)")
# Shorter pieces are no asks of their own, more is a document.
WORDS_AT_LEAST, PIECES_AT_MOST = 3, 8


def split_asks(text: str) -> list[str]:
    """Return the asks of a message that holds several, else an empty list.

    A list of two to eight items, each of three words or more; or paragraphs with a blank line
    between. What stands before a list is its heading, and left out of the pieces.
    """
    lines = text.split("\n")
    for pieces in (_items(lines), _paragraphs(text)):
        is_several = 2 <= len(pieces) <= PIECES_AT_MOST
        if is_several and all(len(one.split()) >= WORDS_AT_LEAST for one in pieces):
            return pieces
    return []


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    is_open = False
    for line in lines:
        if BULLET.match(line):
            items.append(BULLET.sub("", line, count=1).strip())
            is_open = True
        elif line.strip() and is_open and line.startswith((" ", "\t")):
            items[-1] += f" {line.strip()}"
        else:
            is_open = False
    return items


def _paragraphs(text: str) -> list[str]:
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [part for part in parts if part]
