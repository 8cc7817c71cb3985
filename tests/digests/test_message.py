"""What a digest says, read as its reader reads it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from bot.digests.headline import featured, render_headline
from bot.digests.narration import render_narration
from bot.digests.rules import Day, Standing, stand
from bot.digests.use_views import render_use_buttons
from bot.digests.views import BetLine, Happening, MetricLine, Post, render_post
from bot.metrics.judging import Moved
from bot.metrics.queries import Correction
from bot.metrics.units import Unit
from bot.slack import limits
from bot.slack.blocks import Message, image

LAST = date(2026, 5, 14)  # a Thursday
DAYS = 140
AT = datetime(2026, 5, 15, 7, 0, tzinfo=UTC)
THIN = "\u202f"


def _standing(last: float = 118, *, gap: bool = False, problem: bool = False) -> Standing:
    dates = np.arange(np.datetime64(LAST) - DAYS + 1, np.datetime64(LAST) + 1)
    values = 118.0 + np.arange(DAYS) % 5
    values[-1] = np.nan if gap else last
    return stand(dates, values, expected=LAST, has_problem=problem)


def _line(label: str = "Sign-ups", standing: Standing | None = None, **more: object) -> MetricLine:
    known = {
        "id": label.lower(),
        "label": label,
        "good": "up",
        "owner_id": "U0DANA",
        "target": None,
        "standing": standing or _standing(),
        "unit": Unit("teams"),
    }
    return MetricLine(**(known | more))  # type: ignore[arg-type]


def _post(*lines: MetricLine, **more: object) -> Post:
    known = {
        "number": 12,
        "name": "Product numbers",
        "slot": date(2026, 5, 15),
        "zone": "Europe/Berlin",
        "lines": lines,
        "as_of": AT,
    }
    return Post(**(known | more))  # type: ignore[arg-type]


def _words(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_a_calm_day_is_one_calm_sentence() -> None:
    lines = [_line("Sign-ups"), _line("Imports"), _line("Upgrades")]
    assert render_headline(lines) == ("A calm Thursday: all 3 metrics stayed in their usual range.")


def test_a_calm_sentence_names_all_the_days_that_it_speaks_of() -> None:
    def calm(days: int) -> Standing:
        before = (Day(LAST - timedelta(days=n), 118.0, "") for n in range(days, 0, -1))
        return replace(_standing(), covered=tuple(before))

    both = [_line("Sign-ups", calm(2)), _line("Imports", calm(2))]
    assert render_headline(both) == (
        "A calm Tuesday to Thursday: both metrics stayed in their usual range."
    )
    assert render_headline([both[0]]).endswith("Sign-ups at 118 teams on Thursday, as usual.")
    late = _line("Revenue", _standing(gap=True))
    assert render_headline([both[0], late]) == (
        "Nothing stood out from Tuesday to Thursday. Late: Revenue."
    )
    assert render_headline([_line("Sign-ups", calm(8))]).startswith("A calm 9 days to Thursday: ")


def test_a_metric_that_is_a_day_behind_by_its_zone_is_not_called_calm_on_the_later_day() -> None:
    west = replace(_standing(), day=Day(LAST - timedelta(days=1), 118.0))
    assert render_headline([_line("Sign-ups"), _line("West", west)]) == (
        "A calm Wednesday to Thursday: both metrics stayed in their usual range."
    )


def _second_day_out() -> Standing:
    """Two days far below: the first spoke, the second is nothing new."""
    dates = np.arange(np.datetime64(LAST) - DAYS + 1, np.datetime64(LAST) + 1)
    values = 118.0 + np.arange(DAYS) % 5
    values[-2:] = 40.0
    standing = stand(dates, values, expected=LAST)
    assert (standing.side, standing.still) == ("", "below")
    return standing


def test_a_day_that_is_still_outside_is_nothing_new_but_never_called_usual() -> None:
    out = _line("Sign-ups", _second_day_out())
    assert render_headline([out, _line("Imports")]) == (
        "Nothing new stood out on Thursday; Sign-ups is still outside the usual range."
    )
    assert featured([_line("Imports"), out]) == 1
    [message] = render_post(_post(out))
    words = message.text + _words(message)
    assert "*Still unusual:* outside its usual range (" in words
    assert "as usual" not in words
    covered = replace(out.standing, covered=(Day(LAST - timedelta(days=1), 40.0, "below"),))
    headline = render_headline([replace(out, standing=covered)])
    assert headline.endswith("below the usual range. It still is outside.")


def test_what_is_still_outside_is_not_counted_among_the_usual_ones() -> None:
    lines = [_line("A", _standing(71)), _line("B", _second_day_out()), _line("C"), _line("D")]
    assert render_narration(lines, (), "UTC").endswith("Of the others 2 were as usual.")


def test_the_headline_names_the_metric_that_stands_out_with_its_numbers() -> None:
    lines = [_line("Imports"), _line("Sign-ups", _standing(71))]
    headline = render_headline(lines)
    assert headline.startswith("Sign-ups stood out on Thursday: 71 teams, below the usual ")
    assert featured(lines) == 1


def test_a_late_metric_is_named_and_never_called_calm() -> None:
    headline = render_headline([_line("Sign-ups"), _line("Revenue", _standing(gap=True))])
    assert headline == "Nothing stood out on Thursday. Late: Revenue."


def test_a_digest_of_metrics_that_cannot_be_read_says_only_that() -> None:
    broken = _line("Revenue", _standing(gap=True, problem=True))
    assert render_headline([broken]) == "No new numbers: Revenue could not be read."


def test_with_little_history_the_headline_does_not_claim_a_calm_day() -> None:
    dates = np.arange(np.datetime64(LAST) - 9, np.datetime64(LAST) + 1)
    young = stand(dates, np.full(10, 5.0), expected=LAST)
    assert "too little history" in render_headline([_line("Sign-ups", young)])


def test_a_metric_with_little_history_says_so_in_its_line() -> None:
    dates = np.arange(np.datetime64(LAST) - 9, np.datetime64(LAST) + 1)
    young = stand(dates, np.full(10, 500.0), expected=LAST)
    [message] = render_post(_post(_line("Sign-ups", young)))
    assert "Too little history to say what is usual." in message.blocks[2]["text"]["text"]


def test_what_hardly_ever_happens_is_too_few_to_say() -> None:
    dates = np.arange(np.datetime64(LAST) - DAYS + 1, np.datetime64(LAST) + 1)
    rare = stand(dates, np.zeros(DAYS), expected=LAST)
    [message] = render_post(_post(_line("Churned", rare)))
    assert "they are too few to say what is usual" in message.text
    assert "Too few to say what is usual." in message.blocks[2]["text"]["text"]


def test_a_week_that_left_its_level_is_told_by_its_means() -> None:
    moved = replace(_standing(), moved=Moved(7, 91.0, 120.0), day=Day(LAST, 95.0, "below"))
    [message] = render_post(_post(_line("Sign-ups", moved)))
    told = "left its level: 91 teams a day over the last 7 days, 120 before."
    assert message.text.startswith(f"Sign-ups {told}")
    assert told in message.blocks[2]["text"]["text"]


def test_a_metrics_line_stands_alone_with_value_comparison_and_target() -> None:
    [message] = render_post(_post(_line(target=130.0)))
    line = message.blocks[2]["text"]["text"]
    assert line.startswith("*Sign-ups* Thu 14 May: *118 teams*")
    assert "Thu last week (" in line
    assert "mean of the last 4 Thu " in line
    assert "target 130 not reached" in line


def test_the_fallback_text_says_the_same_without_blocks() -> None:
    [message] = render_post(_post(_line(standing=_standing(71))))
    assert message.text.startswith("Sign-ups stood out on Thursday: 71 teams")
    assert "\nSign-ups Thu 14 May: 71 teams" in message.text


def test_the_small_print_names_the_zone_of_the_datas_time() -> None:
    [message] = render_post(_post(_line()))
    assert "Data as of 09:00 Europe/Berlin" in _words(message)


def test_a_late_day_is_shown_as_late_and_not_as_a_drop() -> None:
    [message] = render_post(_post(_line(standing=_standing(gap=True))))
    line = message.blocks[2]["text"]["text"]
    assert "Nothing for Thu 14 May yet" in line
    assert "Wed 13 May" in line
    assert "no figure" not in line


def test_a_metric_that_cannot_be_read_says_why_and_who_can_mend_it() -> None:
    standing = _standing(gap=True, problem=True)
    line = _line(
        standing=standing, problem="The database cannot be reached.", fix="Check that it runs."
    )
    [message] = render_post(_post(line))
    text = message.blocks[2]["text"]["text"]
    assert "cannot be read: The database cannot be reached. Check that it runs." in text
    assert "<@U0DANA>" in text


def test_a_bet_shows_its_day_and_smallest_change_and_no_score() -> None:
    bet = BetLine("New importer", 41, 9, 28, 0.12, "https://x.slack.com/p1")
    [message] = render_post(_post(_line(bets=(bet,))))
    said = message.blocks[3]["elements"][0]["text"]
    assert said == (
        "Bet on <https://x.slack.com/p1|New importer> (#41): day 9 of 28; "
        f"the smallest change it could show is 12{THIN}%"
    )


def test_what_happened_since_stands_below_with_links() -> None:
    launched = Happening("Launched", "New importer", AT, 41, permalink="https://x.slack.com/p1")
    post = _post(_line(), happenings=(launched,), since=AT - timedelta(days=3))
    [message] = render_post(post)
    assert message.blocks[-1]["text"]["text"] == (
        "*Since Tue 12 May*\n• Launched: <https://x.slack.com/p1|New importer> (#41)"
    )


def test_a_corrected_past_value_is_told() -> None:
    correction = Correction(date(2026, 5, 12), 110.0, 121.0, AT)
    [message] = render_post(_post(_line(corrections=(correction,))))
    assert "Corrected: Tue 12 May was 110, is 121." in message.blocks[2]["text"]["text"]


def test_a_past_that_was_rewritten_is_told_by_the_number_of_its_days() -> None:
    fixed = tuple(Correction(LAST - timedelta(days=n), 110.0, 121.0, AT) for n in range(1, 41))
    [message] = render_post(_post(_line(corrections=fixed)))
    said = message.blocks[2]["text"]["text"]
    assert said.count("Corrected: ") == 3
    assert "37 more days were corrected" in said


def test_a_correction_that_does_not_show_in_the_figures_is_not_told() -> None:
    tiny = Correction(date(2026, 5, 12), 1_234_567.4, 1_234_567.3, AT)
    [message] = render_post(_post(_line(corrections=(tiny,))))
    assert "Corrected" not in _words(message)


def test_old_data_is_dated_so_that_it_never_looks_like_this_mornings() -> None:
    [message] = render_post(_post(_line(), as_of=AT - timedelta(days=3)))
    assert "Data as of Tue 12 May 09:00 Europe/Berlin" in _words(message)


def test_a_metric_that_was_retired_since_is_named_once() -> None:
    [message] = render_post(_post(_line(), retired=("Revenue <!here>",)))
    assert "Retired, and shown no more: Revenue &lt;!here&gt;." in _words(message)


def test_all_that_happened_since_is_told_however_much_it_was() -> None:
    address = "https://x.slack.com/archives/C0PRODUCT1/p1700000000000000"
    happened = tuple(
        Happening("Launched", f"Launch {n} " + "x" * 60, AT, n + 1, "y" * 100, address)
        for n in range(50)
    )
    pieces = render_post(_post(_line(), happenings=happened, since=AT))
    words = "".join(map(_words, pieces))
    assert all(f"(#{n + 1})" in words for n in range(50))
    assert all(len(piece.blocks) <= limits.BLOCKS_PER_MESSAGE for piece in pieces)


def test_every_live_bet_of_a_metric_has_its_line() -> None:
    bets = tuple(BetLine(f"Title {n}", n + 1, 3, 14) for n in range(13))
    words = _words(render_post(_post(_line(bets=bets)))[0])
    assert all(f"(#{n + 1})" in words for n in range(13))


def test_what_people_typed_cannot_mention_or_link() -> None:
    evil = "<!channel> *bold* <https://evil.test|x>"
    happening = Happening("Launched", evil, AT, 1)
    for message in render_post(_post(_line(evil, id="m1"), name=evil, happenings=(happening,))):
        words = _words(message) + message.text
        assert "<!channel>" not in words
        assert "<https://evil" not in words


def test_metrics_left_out_for_the_audience_are_counted_and_not_named() -> None:
    [message] = render_post(_post(_line(), hidden=2))
    assert "2 metrics are left out: not everybody here may see them." in _words(message)


def test_a_test_says_that_it_is_one_and_where_it_would_go() -> None:
    [message] = render_post(_post(_line(), test_for="<#C0PRODUCT>"))
    assert "A test: only you see it. It would go to <#C0PRODUCT>." in _words(message)


def test_a_late_post_says_when_it_was_due() -> None:
    [message] = render_post(_post(_line(), due_at=AT - timedelta(hours=1)))
    assert "Late: it was due at 08:00 Europe/Berlin" in _words(message)


def test_sixty_metrics_fit_slacks_limits_and_go_on_in_the_thread() -> None:
    standing = replace(_standing(71))
    lines = [_line(f"Metric {n} " + "x" * 60, standing, target=5.0) for n in range(60)]
    first, *rest = render_post(_post(*lines))
    assert rest
    for message in (first, *rest):
        # One block and its characters are kept free for the picture.
        assert len(message.blocks) < limits.BLOCKS_PER_MESSAGE
        assert sum(len(json.dumps(b, ensure_ascii=False)) for b in message.blocks) < 12_500
    shown = "".join(_words(message) for message in (first, *rest))
    assert all(f"Metric {n} " in shown for n in range(60))
    assert "The rest is in the thread." in _words(first)


def test_each_line_says_whether_it_is_unusual_or_as_usual() -> None:
    [message] = render_post(_post(_line("Calm"), _line("Odd", _standing(71))))
    calm, odd = (block["text"]["text"] for block in message.blocks[2:4])
    assert calm.endswith("as usual")
    assert "*Unusual:*" in odd
    assert "as usual" not in odd


def test_the_largest_post_fits_with_its_picture_and_its_buttons() -> None:
    lines = [_line(f"Metric {n} " + "ü" * 60, _standing(71), target=5.0) for n in range(60)]
    buttons = render_use_buttons("0" * 36)
    first, *_ = render_post(_post(*lines, buttons=buttons))
    assert first.blocks[-1] == buttons
    whole = [*first.blocks, image("F" + "0" * 12, "x" * 2000)]
    assert len(whole) <= limits.BLOCKS_PER_MESSAGE
    assert sum(len(json.dumps(b, ensure_ascii=False)) for b in whole) <= 13_000


def test_every_block_has_room_for_each_metric_once() -> None:
    first, *_ = render_post(_post(_line("A"), _line("B")))
    ids = [b["accessory"]["action_id"] for b in first.blocks if "accessory" in b]
    assert len(ids) == len(set(ids)) == 2
