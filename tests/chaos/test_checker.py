"""The checker sees what it must: without this, a green run says nothing."""

from datetime import UTC, date, datetime, time, timedelta

from tests.chaos.checker import Due, Post, Verdict, check, check_events, total
from tests.chaos.reading import read_post
from tests.chaos.scenes import Digest, make_scene

DAY = date(2026, 3, 30)
NINE = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
DUE = [Due("s0d0", DAY, NINE), Due("s0d1", DAY, NINE), Due("s0d2", DAY, TEN)]


def post(name: str, at: datetime, number: int, *, slot: date = DAY, channel: str = "C1") -> Post:
    return Post(name, slot, at, channel, number)


def posts() -> list[Post]:
    second = timedelta(seconds=1)
    return [
        post("s0d0", NINE + second, 1),
        post("s0d1", NINE + second, 2),
        post("s0d2", TEN + second, 3),
    ]


def test_all_is_well_when_each_slot_is_posted_once_in_time() -> None:
    verdict = check(DUE, posts())
    assert verdict.faults == []
    assert verdict.line() == "3 slots, 0 lost, 0 doubled, 0 early, 0 uncertain"


def test_a_lost_post_is_seen() -> None:
    assert len(check(DUE, posts()[1:]).lost) == 1


def test_a_doubled_post_is_seen() -> None:
    again = post("s0d1", NINE + timedelta(minutes=3), 4)
    verdict = check(DUE, [*posts(), again])
    assert len(verdict.doubled) == 1


def test_an_early_post_is_seen_by_a_millisecond() -> None:
    early = post("s0d0", NINE - timedelta(milliseconds=1), 1)
    assert len(check(DUE, [early, *posts()[1:]]).early) == 1


def test_a_post_that_was_never_due_is_seen() -> None:
    stray = post("s0d0", TEN, 4, slot=DAY + timedelta(days=1))
    assert len(check(DUE, [*posts(), stray]).doubled) == 1


def test_a_later_slot_that_overtakes_an_earlier_one_in_its_channel_is_seen() -> None:
    first, _, third = posts()
    late = post("s0d1", TEN + timedelta(minutes=1), 4)
    assert len(check(DUE, [first, third, late]).disordered) == 1
    elsewhere = post("s0d1", TEN + timedelta(minutes=1), 4, channel="C2")
    assert check(DUE, [first, third, elsewhere]).disordered == []


def test_a_missing_post_is_uncertain_only_when_its_owner_was_told() -> None:
    told = check(DUE, posts()[1:], ["s0d0"])
    assert (told.lost, told.uncertain) == ([], 1)
    other = check(DUE, posts()[1:], ["s0d1"])
    assert (len(other.lost), other.uncertain) == (1, 1)


def test_one_note_excuses_one_post() -> None:
    again = Due("s0d0", DAY + timedelta(days=1), NINE + timedelta(days=1))
    verdict = check([*DUE, again], posts()[1:], ["s0d0"])
    assert len(verdict.lost) == 1


def test_a_slot_of_a_digest_removed_meanwhile_may_be_posted_or_not() -> None:
    due = [Due("s0d0", DAY, NINE, is_optional=True), *DUE[1:]]
    assert check(due, posts()).faults == check(due, posts()[1:]).faults == []


def test_an_event_answered_twice_or_never_is_seen() -> None:
    verdict = Verdict()
    check_events(["a", "b", "c"], ["a", "b", "b"], verdict)
    assert (len(verdict.lost), len(verdict.doubled)) == (1, 1)


def test_verdicts_add_up() -> None:
    whole = total([check(DUE, posts()), check(DUE, posts()[1:])])
    assert whole.line() == "6 slots, 1 lost, 0 doubled, 0 early, 0 uncertain"


def test_a_ledgers_row_is_read_as_the_slot_it_says() -> None:
    row = {
        "seq": 7,
        "method": "chat.postMessage",
        "real_at": "2026-03-30T07:00:01+00:00",
        "channel": "C1",
        "args": {"blocks": [{"text": "s0d12 · Mon 30 Mar"}]},
    }
    assert read_post(row) == Post("s0d12", DAY, NINE + timedelta(seconds=1), "C1", 7)
    assert read_post(row | {"method": "chat.update"}) is None


def test_a_seed_always_makes_the_same_scene() -> None:
    assert make_scene(3, "sqlite", 30) == make_scene(3, "sqlite", 30)
    assert make_scene(3, "sqlite", 30) != make_scene(4, "sqlite", 30)


def test_an_edit_after_the_days_slot_leaves_the_day_with_one() -> None:
    digest = Digest("s0d0", 0, time(9), "Europe/Berlin", NINE - timedelta(hours=3))
    later = NINE + timedelta(seconds=1)
    digest.edit(time(10), "Europe/Berlin", when=later, done=later)
    assert digest.due(NINE + timedelta(hours=12)) == [(DAY, NINE)]


def test_an_edit_under_way_when_a_slot_comes_due_may_count_before_or_after_it() -> None:
    opens = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
    digest = Digest("d", 0, time(9), "UTC", opens)
    nine, tenth = datetime(2026, 5, 18, 9, 0, tzinfo=UTC), timedelta(milliseconds=100)
    digest.edit(time(11), "UTC", when=nine - tenth, done=nine + tenth)
    first, second = digest.histories(nine + timedelta(hours=3))
    assert first == [(nine.date(), nine.replace(hour=11))]
    assert second == [(nine.date(), nine)]
