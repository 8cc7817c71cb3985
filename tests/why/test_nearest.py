"""A story that only is near what was asked says so."""

from datetime import date

from bot.entries.links import Node
from bot.why.records import Candidate, Story
from bot.why.views import render_story

STORY = Story(about=Candidate(Node("theme", "t1"), 62, "Little wren"))
TODAY = date(2026, 5, 18)


def test_a_story_that_no_word_led_to_is_called_the_nearest() -> None:
    told = render_story(STORY, today=TODAY, unfound="purple *elephants*")
    assert told.text.startswith("Nothing is called “purple ∗elephants∗”. The nearest in meaning is")
    assert told.blocks[0]["text"]["text"].startswith("Nothing is called “purple ∗elephants∗”.")
    assert "*Why #62 Little wren*" in told.blocks[1]["text"]["text"]


def test_a_story_found_by_its_words_begins_with_itself() -> None:
    told = render_story(STORY, today=TODAY)
    assert told.text == "Why #62 Little wren"
