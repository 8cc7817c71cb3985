"""What /why says, sentence by sentence."""

from dataclasses import replace

from bot.entries.links import Node
from bot.why.records import Candidate, LaunchStory, Story
from bot.why.views import render_story
from tests.feedback.telling import words_of
from tests.launches.test_bulletin import AT, BET, LAUNCH, MISSED


def test_why_a_verdict_is_other_than_the_measurement_stands_as_a_sentence() -> None:
    against = replace(MISSED, is_against_evidence=True, reason="Billing came\nin between")
    judged = replace(LAUNCH, bet=replace(BET, state="judged"), verdict=against)
    about = Candidate(Node("launch", "l1"), 7, "New importer")
    told = render_story(Story(about, launches=(LaunchStory(judged),)), today=AT.date())
    assert "Seen differently: “Billing came\nin between”" in words_of(told.blocks)
