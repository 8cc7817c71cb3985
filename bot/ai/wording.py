"""What a customer typed, made comparable: one spelling of spaces, quotes, case and hidden marks."""

import re
import unicodedata

# Longer than any message Slack shows in one piece; bounds the work a hostile text can cause.
MAX_CHARACTERS = 12_000
# What runs on for longer without a space is no word; it may be cut anywhere.
LONGEST_WORD = 100

_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
# What plain English has of them; other texts are looked at letter by letter, eight times slower.
_CONTROLS = dict.fromkeys(c for c in (*range(32), 127) if chr(c) not in "\n\t")
_SLACK_TOKEN = re.compile(r"<(?:[@!#][^<>|]*)(?:\|([^<>]*))?>")
_SLACK_LINK = re.compile(r"<(?:https?|mailto):[^<>|]*(?:\|([^<>]*))?>")
_BARE_LINK = re.compile(r"\bhttps?://\S+")
_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def visible(text: str) -> str:
    """`text` in NFKC without format and control characters (zero-width, direction marks)."""
    beginning = _beginning(text)
    if beginning.isascii():
        return beginning.translate(_CONTROLS)
    folded = unicodedata.normalize("NFKC", beginning)
    kept = (c for c in folded if c in "\n\t" or unicodedata.category(c) not in ("Cf", "Cc", "Cs"))
    return "".join(kept)


def _beginning(text: str) -> str:
    """As much of `text` as is read, without a word cut in two: its half is no word of anybody."""
    if len(text) <= MAX_CHARACTERS:
        return text
    cut = text[:MAX_CHARACTERS]
    whole = cut if text[MAX_CHARACTERS].isspace() else cut.rsplit(maxsplit=1)[0]
    return whole if len(cut) - len(whole) <= LONGEST_WORD else cut


def plain(text: str) -> str:
    """`text` visible, with straight quotes and without Slack's tokens, links and code blocks.

    A link keeps its label, a mention keeps its name if it carries one. Case is kept.
    """
    bare = _CODE_BLOCK.sub(" code-block ", visible(text)).translate(_QUOTES)
    bare = _SLACK_LINK.sub(lambda match: match[1] or " ", bare)
    bare = _SLACK_TOKEN.sub(lambda match: match[1] or " ", bare)
    bare = _BARE_LINK.sub(" ", bare)
    return re.sub(r"[ \t]+", " ", bare).strip()


def words(text: str) -> list[str]:
    """The words of `text` in order, casefolded, accents removed, apostrophes kept."""
    folded = plain(text).casefold()
    if folded.isascii():
        return _WORD.findall(folded)
    decomposed = unicodedata.normalize("NFD", folded)
    return _WORD.findall("".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def normalised(text: str) -> str:
    """The words joined by one space; for texts without any word, the visible marks themselves."""
    return " ".join(words(text)) or "".join(visible(text).split())


def first_sentence_end(text: str) -> int:
    """Where the first sentence of `text` ends; the whole length when there is only one."""
    match = _SENTENCE_END.search(text)
    return match.end() if match else len(text)
