"""Sentences typical of each kind, and the evidence of being near them in meaning.

About any product on purpose: apps that people rate, tools that they report on, software that
others build with. Written without looking at any set that the kinds are measured on.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from bot.ai.cues import BUG, COMPETITOR, PRAISE, QUESTION, REQUEST
from bot.ai.stored_rows import embed_known
from bot.ai.vectors import Doubles, Floats, Vectors

# A text is as near to a kind as to this many of its sentences: one may be near by chance.
NEAREST = 3
# So much more cosine than the mean of the kinds is one unit of evidence.
UNIT = 0.06
# Names of other products lie anywhere in meaning: nearness alone never makes a competitor.
MOST_FOR_COMPETITOR = 1.0

PROTOTYPES: Mapping[str, tuple[str, ...]] = {
    BUG: (
        "The app crashes as soon as I open it.",
        "It stopped working after the latest update.",
        "I keep getting an error message when I try to log in.",
        "The screen stays black and nothing loads.",
        "My data disappeared and I cannot get it back.",
        "Clicking the button has no effect at all.",
        "It is extremely slow and freezes all the time.",
        "The numbers shown are wrong.",
        "An exception is thrown when the function is called with an empty list.",
        "Notifications do not arrive any more.",
        "The layout is broken on small screens.",
        "Unexpected behaviour: the value is overwritten after a restart.",
        "The build fails with the new version, it worked with the previous one.",
        "I was charged although I had cancelled; this is terrible.",
        "The sound is missing in every video.",
        "Memory usage grows until the process is killed.",
    ),
    REQUEST: (
        "Please add a way to sort the list.",
        "It would be great to have a widget for the home screen.",
        "I wish there were an option to turn this off.",
        "Can you support more languages?",
        "We need to be able to share this with the rest of the company.",
        "Feature request: let users choose their own colours.",
        "Allow passing a custom configuration to the constructor.",
        "It should remember my choice the next time.",
        "A search field on this page would make it much more useful.",
        "Would be five stars if it worked without a connection.",
        "Proposal: add a command that lists everything.",
        "The ability to undo is missing, please consider it.",
        "More templates and more ways to customise would be welcome.",
        "Provide an interface for plugins so that others can extend it.",
        "Bring back the old design.",
    ),
    PRAISE: (
        "I love this app, it is amazing.",
        "Great work, thank you so much!",
        "Best purchase I ever made, highly recommended.",
        "Works perfectly, no complaints.",
        "Very easy to use and beautifully designed.",
        "This has made my life so much easier.",
        "Excellent support, they helped me within minutes.",
        "I use it every day and it never lets me down.",
        "Awesome, keep it up.",
        "Good.",
        "Our whole team is very happy with it.",
        "So much better than before, well done.",
        "Fun and useful, five stars.",
        "The new version is fast and looks wonderful.",
    ),
    QUESTION: (
        "How do I change my password?",
        "Where can I find the settings?",
        "Is it possible to use this on two devices?",
        "What is the difference between the two plans?",
        "Does it work with the newest version of the system?",
        "I am not sure how to configure this, can somebody help?",
        "What does this message mean?",
        "When will the next version come out?",
        "Is there any documentation on how the cache works?",
        "I want to understand how the score is calculated.",
        "Can someone explain what the right way to do this is?",
        "How can I call this from another module?",
        "Do I need a licence for each person?",
        "Am I doing something wrong here, or is this intended?",
        "Could you give an example of how it is meant to be used?",
    ),
    COMPETITOR: (
        "We are switching to another product.",
        "Another tool does this out of the box.",
        "A competitor offers the same for less money.",
        "We compared you with two other vendors.",
        "They chose a different provider in the end.",
        "The product we used before was better at this.",
        "We are evaluating alternatives to your service.",
        "How do you compare to the market leader?",
        "We moved over from a rival last year.",
        "Unlike the others, you charge for every user.",
        "Our contract with another supplier ends soon.",
        "Their software already has this feature.",
    ),
}

SENTENCES = tuple(text for texts in PROTOTYPES.values() for text in texts)


class Meaning:
    """Evidence from nearness in meaning to the prototypes; an `Evidence` for `Kinds`."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def weigh(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """For each text, evidence by kind: above or below the mean of the kinds."""
        return self.weigh_rows(self._vectors.embed(list(texts))) if texts else []

    def weigh_rows(self, rows: Floats) -> list[dict[str, float]]:
        """As `weigh`, for texts whose vectors are known."""
        near = np.column_stack([_nearness(rows, one) for one in _prototypes(self._vectors)])
        evidence = (near - near.mean(axis=1, keepdims=True)) / UNIT
        told = [dict(zip(PROTOTYPES, map(float, row), strict=True)) for row in evidence]
        for row, one in zip(rows, told, strict=True):
            one[COMPETITOR] = min(one[COMPETITOR], MOST_FOR_COMPETITOR)
            if not row.any():
                one.clear()
        return told


def _nearness(rows: Floats, prototypes: Floats) -> Doubles:
    cosines = np.sort((rows @ prototypes.T).astype(np.float64), axis=1)
    mean: Doubles = cosines[:, -NEAREST:].mean(axis=1)
    return mean


# By model: they never change within a process.
_known: dict[str, tuple[Floats, ...]] = {}


def _prototypes(vectors: Vectors) -> tuple[Floats, ...]:
    if vectors.model_id not in _known:
        rows = embed_known(vectors, SENTENCES)
        ends = np.cumsum([len(texts) for texts in PROTOTYPES.values()])
        _known[vectors.model_id] = tuple(np.split(rows, ends[:-1]))
    return _known[vectors.model_id]
