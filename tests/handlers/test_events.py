"""Events as Slack sends them, and as servers do that leave out most of an envelope."""

from dataclasses import replace
from typing import Any

import pytest

from bot.workspaces.watch import Watch
from handlers.events import Event, mention_of, read_event

WATCH = Watch(bot_users={"U0BOT"})
SAID = {"type": "message", "user": "U1", "channel": "C1", "ts": "5.1", "text": "<@U0BOT> status"}


def _event(**raw: Any) -> Event:
    return read_event({"event_id": "Ev1", "team_id": "T1", "event": SAID | raw})


def test_a_mention_has_one_id_whether_told_as_message_or_as_mention() -> None:
    by_message = mention_of(_event(), WATCH)
    by_mention = mention_of(_event(type="app_mention"), WATCH)
    assert by_message is not None
    assert by_mention is not None
    assert by_message == replace(by_mention, raw=by_message.raw)


def test_an_edit_that_mentions_anew_is_another_mention() -> None:
    first = mention_of(_event(type="app_mention"), WATCH)
    again = mention_of(_event(type="app_mention", edited={"ts": "6.1"}), WATCH)
    assert first is not None
    assert again is not None
    assert first.id != again.id


@pytest.mark.parametrize(
    "raw",
    [
        {"text": "status"},
        {"text": "Ask <@U0BOT> status"},
        {"text": "<@U2> status"},
        {"subtype": "message_changed"},
        {"channel_type": "im"},
        {"channel": "D1"},
    ],
)
def test_other_messages_are_no_mention(raw: dict[str, Any]) -> None:
    assert mention_of(_event(**raw), WATCH) is None


def test_events_without_an_id_are_told_apart_by_what_they_say() -> None:
    bodies = [{"team_id": "T1", "event": SAID | {"ts": ts}} for ts in ("5.1", "5.1", "5.2")]
    first, same, other = (read_event(body).id for body in bodies)
    assert first == same != other


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"event": {"event_ts": "7.5"}, "event_time": 9}, "7.5"),
        ({"event": {"event_ts": 7.5}}, "7.5"),
        ({"event": {}, "event_time": 9}, "9"),
        ({"event": {"event_ts": "2026-11-21T20:00:00Z"}, "event_time": 9}, "9"),
        ({"event": {}}, "0"),
    ],
)
def test_when_it_happened_is_taken_from_what_is_there(body: dict[str, Any], expected: str) -> None:
    assert read_event(body).ts == expected
