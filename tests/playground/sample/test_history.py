import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
import yaml

from playground.sample.acts import (
    Act,
    AnswerRetro,
    ChangeStage,
    CloseRetro,
    DeclineTheme,
    GiveVerdict,
    JudgedByHand,
    Launch,
    LogDecision,
    MarkFeedback,
    MoveMetric,
    OpenRetro,
    React,
    Say,
    SubscribeDigest,
    TellAsker,
)
from playground.sample.customers import CUSTOMERS
from playground.sample.facts import Facts, read_facts
from playground.sample.history import ACTS, Scripted, write_history
from playground.sample.series import Days, simulate
from playground.sample.setting import DEFAULT_SEED, METRICS_FILE
from playground.sample.story.importer import IMPORTER
from playground.sample.story.launches import ANNUAL_OFFER, CHECKLIST
from playground.sample.story.open_quotes import GUIDE_MESSAGE
from playground.sample.story.themes import THEMES
from playground.sample.team import CHANNELS, CUSTOMER_VOICE, LEADERSHIP, MEMBERS
from playground.sample.timeline import SATURDAY, Day, Timeline

T = TypeVar("T")
BERLIN = ZoneInfo("Europe/Berlin")
MEMBER = {member.id: member for member in MEMBERS}
CHANNEL = {channel.id: channel for channel in CHANNELS}
CUSTOMER = {who.key: who for who in CUSTOMERS}
THEME = {theme.key: theme for theme in THEMES}
METRIC = {metric["name"] for metric in yaml.safe_load(METRICS_FILE.read_text())["metrics"]}
Script = tuple[Scripted, ...]


def all_of(kind: type[T]) -> list[T]:
    return [act for act in ACTS if isinstance(act, kind)]


def by_key(kind: type[T]) -> dict[str, T]:
    return {getattr(act, "key"): act for act in all_of(kind)}  # noqa: B009


SAID = by_key(Say)
LAUNCHES = by_key(Launch)
DECISIONS = by_key(LogDecision)
RETROS = by_key(OpenRetro)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


# Order and time


def test_the_same_day_and_facts_give_the_same_script(
    today: date, facts: Facts, script: Script
) -> None:
    assert write_history(today, facts) == script


def test_everything_happened_before_today_nine_in_berlin(any_day: date, facts: Facts) -> None:
    morning = datetime.combine(any_day, time(9), tzinfo=BERLIN)
    assert all(scripted.at < morning for scripted in write_history(any_day, facts))


def test_history_goes_back_three_to_four_weeks(any_day: date, facts: Facts) -> None:
    first = write_history(any_day, facts)[0].at.astimezone(BERLIN).date()
    assert 21 <= (any_day - first).days <= 28


def test_nothing_is_said_at_a_weekend(any_day: date, facts: Facts) -> None:
    for scripted in write_history(any_day, facts):
        assert scripted.at.astimezone(BERLIN).weekday() < SATURDAY


@pytest.mark.parametrize("day", [date(2026, 1, 28), date(2026, 3, 30), date(2026, 7, 15)])
def test_nobody_is_awake_at_an_unkind_hour(day: date, facts: Facts) -> None:
    for scripted in write_history(day, facts):
        local = scripted.at.astimezone(ZoneInfo(MEMBER[scripted.act.who].zone))
        assert 7 <= local.hour < 22, (scripted.act, local)


def test_instants_are_aware_utc(script: Script) -> None:
    assert all(scripted.at.tzinfo is UTC for scripted in script)


def needs(act: Act) -> list[str]:
    """Keys of the acts that must have come before."""
    match act:
        case Say():
            found = [act.thread]
        case React() | MarkFeedback():
            found = [act.message]
        case LogDecision():
            found = [act.thread, act.supersedes]
        case Launch():
            found = [act.decision, act.thread]
        case ChangeStage() | GiveVerdict():
            found = [act.launch]
        case TellAsker():
            found = [act.launch, act.message]
        case OpenRetro():
            found = [act.launch]
        case AnswerRetro() | CloseRetro():
            found = [act.retro]
        case _:
            found = []
    return [key for key in found if key]


def test_every_act_comes_after_what_it_refers_to(any_day: date, facts: Facts) -> None:
    seen: set[str] = set()
    for scripted in write_history(any_day, facts):
        missing = [key for key in needs(scripted.act) if key not in seen]
        assert not missing, (scripted.act, missing)
        if not isinstance(scripted.act, MarkFeedback):
            seen.add(getattr(scripted.act, "key", ""))


# People and places


def test_keys_are_unique() -> None:
    keyed = (Say, Launch, LogDecision, OpenRetro, SubscribeDigest)
    counts = Counter(act.key for act in ACTS if isinstance(act, keyed))
    assert max(counts.values()) == 1


def test_people_speak_only_in_channels_they_are_in() -> None:
    for act in ACTS:
        if isinstance(act, Say | LogDecision | Launch | OpenRetro | SubscribeDigest):
            assert act.who in CHANNEL[act.channel].members, act


def test_people_react_only_in_channels_they_are_in() -> None:
    for act in all_of(React) + all_of(MarkFeedback):
        assert act.who in CHANNEL[SAID[act.message].channel].members, act


def test_replies_stay_in_the_channel_of_their_thread_and_never_nest() -> None:
    for said in SAID.values():
        if said.thread:
            root = SAID[said.thread]
            assert root.channel == said.channel
            assert root.thread is None


def test_nobody_reacts_twice_with_the_same_emoji() -> None:
    counts = Counter((act.who, act.message, act.emoji) for act in all_of(React))
    assert max(counts.values()) == 1


def test_only_staff_log_decide_launch_and_mark() -> None:
    for act in ACTS:
        if not isinstance(act, Say | React):
            assert not MEMBER[act.who].is_guest, act
            assert not MEMBER[act.who].is_outsider, act


def test_owners_participants_and_answerers_exist() -> None:
    people = {person for act in DECISIONS.values() for person in (act.owner, *act.participants)}
    people |= {act.owner for act in LAUNCHES.values()}
    people |= {person for act in RETROS.values() for person in act.participants}
    people |= {promise.owner for act in all_of(CloseRetro) for promise in act.actions}
    assert people <= MEMBER.keys()
    assert all(act.who in RETROS[act.retro].participants for act in all_of(AnswerRetro))


def test_handles_and_channels_named_in_texts_exist() -> None:
    handles = {member.handle for member in MEMBERS}
    names = {channel.name for channel in CHANNELS}
    for said in SAID.values():
        assert set(re.findall(r"(?<![\w.])@([a-z]+)", said.text)) <= handles
        assert set(re.findall(r"#([a-z][a-z-]+)", said.text)) <= names


# Words


def test_at_least_sixty_messages_are_said() -> None:
    assert len(SAID) >= 60


def test_texts_are_short_enough_for_slack_and_for_a_phone(script: Script) -> None:
    for scripted in script:
        assert all(0 < len(text) <= 600 for text in texts(scripted.act) if text), scripted.act
    titles = [act.title for act in LAUNCHES.values()] + [act.title for act in DECISIONS.values()]
    assert all(len(title) <= 150 for title in titles)


def test_no_placeholder_is_left_in_the_script(script: Script) -> None:
    assert not any("{" in text for scripted in script for text in texts(scripted.act))


def test_every_address_is_a_reserved_example() -> None:
    for said in SAID.values():
        assert all(
            domain.endswith(".example") for domain in re.findall(r"@([\w-]+\.[\w.-]*\w)", said.text)
        )
        assert "http" not in said.text


def test_emoji_are_names_without_colons() -> None:
    assert all(re.fullmatch(r"[a-z0-9_+-]+", act.emoji) for act in all_of(React))


def test_money_is_spoken_of_in_private_only() -> None:
    for said in SAID.values():
        if re.search(r"\brevenue\b|€|\bEUR\b", said.text, re.IGNORECASE):
            assert said.channel == LEADERSHIP


# Feedback


def test_at_least_25_messages_become_feedback_of_all_kinds_in_seven_themes() -> None:
    marks = all_of(MarkFeedback)
    assert len(marks) >= 25
    assert {mark.kind for mark in marks} == {"bug", "request", "praise", "question", "competitor"}
    assert len({mark.theme for mark in marks if mark.theme}) >= 7


def test_each_theme_has_several_quotes_of_more_than_one_customer() -> None:
    for key in THEME:
        marks = [mark for mark in all_of(MarkFeedback) if mark.theme == key]
        assert len(marks) >= 3
        assert len({mark.customer for mark in marks}) >= 3


def test_a_message_is_marked_once_and_refers_to_known_theme_and_customer() -> None:
    marks = all_of(MarkFeedback)
    assert len({mark.message for mark in marks}) == len(marks)
    assert all(mark.theme is None or mark.theme in THEME for mark in marks)
    assert all(mark.customer is None or mark.customer in CUSTOMER for mark in marks)


def test_a_pasted_quote_names_its_company_and_an_address_of_its_domain() -> None:
    for mark in all_of(MarkFeedback):
        said, who = SAID[mark.message], CUSTOMER[mark.customer or ""]
        if said.channel == CUSTOMER_VOICE:
            assert said.text.startswith(f"*{who.name}*")
            assert f"@{who.domain}" in said.text
        else:
            assert CHANNEL[said.channel].customer == who.key
            assert MEMBER[said.who].is_outsider


def test_the_guides_first_message_is_a_customers_newest_and_nobody_has_touched_it() -> None:
    said = SAID[GUIDE_MESSAGE]
    assert said.channel == CUSTOMER_VOICE
    assert any(f"@{who.domain}" in said.text for who in CUSTOMERS)
    touched = {act.message for act in all_of(React)} | {m.message for m in all_of(MarkFeedback)}
    assert GUIDE_MESSAGE not in touched
    line = Timeline(date(2026, 7, 15))
    voices = [line.instant(s.at) for s in SAID.values() if s.channel == CUSTOMER_VOICE]
    assert line.instant(said.at) == max(voices)


# Launches, decisions, retro


def stages(launch: str) -> list[str]:
    moves = [act for act in all_of(ChangeStage) if act.launch == launch]
    ordered = sorted(moves, key=lambda act: (-act.at.back, act.at.clock))
    return [LAUNCHES[launch].stage, *(act.stage for act in ordered)]


def bet_of(launch: str) -> MoveMetric:
    bet = LAUNCHES[launch].bet
    assert isinstance(bet, MoveMetric)
    return bet


def test_the_importer_went_live_and_was_judged_a_hit_on_its_check_date() -> None:
    (verdict,) = all_of(GiveVerdict)
    assert stages(IMPORTER) == ["planned", "beta", "live"]
    assert (verdict.launch, verdict.verdict) == (IMPORTER, "hit")
    assert bet_of(IMPORTER).check == Day(verdict.at.back)


def test_the_checklist_is_due_next_morning_and_unjudged(any_day: date) -> None:
    line = Timeline(any_day)
    assert stages(CHECKLIST)[-1] == "live"
    assert line.on(bet_of(CHECKLIST).check) == line.next_morning


def test_the_annual_offer_is_live_with_a_far_check_date_inside_the_data(any_day: date) -> None:
    ahead = (Timeline(any_day).on(bet_of(ANNUAL_OFFER).check) - any_day).days
    assert stages(ANNUAL_OFFER)[-1] == "live"
    assert 30 <= ahead < 60


@pytest.mark.parametrize(
    ("launch", "day_of"),
    [(IMPORTER, "importer_live"), (CHECKLIST, "checklist_live"), (ANNUAL_OFFER, "annual_live")],
)
def test_a_launch_goes_live_on_the_day_the_data_says(
    launch: str, day_of: str, any_day: date
) -> None:
    line = Timeline(any_day)
    (live,) = (a for a in all_of(ChangeStage) if a.launch == launch and a.stage == "live")
    assert line.on(Day(live.at.back)) == getattr(line, day_of)


@pytest.mark.parametrize(
    ("launch", "field", "index"),
    [
        (IMPORTER, "importing_teams", "importer"),
        (CHECKLIST, "activation_rate", "checklist"),
        (ANNUAL_OFFER, "upgrades", "annual"),
    ],
)
def test_a_bets_baseline_is_the_mean_of_the_28_days_before(
    launch: str, field: str, index: str, script: Script, days: Days
) -> None:
    (act,) = (s.act for s in script if isinstance(s.act, Launch) and s.act.key == launch)
    assert isinstance(act.bet, MoveMetric)
    assert act.bet.baseline is not None
    assert act.bet.target is not None
    start = getattr(days.calendar, index)
    mean = getattr(days, field)[start - 28 : start].mean()
    assert act.bet.baseline == pytest.approx(mean, rel=0.05)
    assert act.bet.target > act.bet.baseline


# All seasons: in January the window after the launch holds three public holidays.
@pytest.mark.parametrize("day", [date(2026, 1, 13), *(date(2026, n, 8) for n in range(1, 13))])
def test_the_verdict_a_hit_is_what_the_data_says_at_any_time_of_year(day: date) -> None:
    facts = read_facts(simulate(DEFAULT_SEED, day))
    said = [s.act for s in write_history(day, facts) if isinstance(s.act, Say)]
    (verdict,) = (act for act in said if act.key == "importer-verdict")
    assert f"about {facts.importers_before} to about {facts.importers_after} teams" in verdict.text
    assert facts.importers_after > facts.importers_target > facts.importers_before


def test_bets_and_tripwires_and_digests_name_known_metrics() -> None:
    named = {act.bet.metric for act in LAUNCHES.values() if isinstance(act.bet, MoveMetric)}
    named |= {
        guard.metric
        for act in LAUNCHES.values()
        if isinstance(act.bet, MoveMetric)
        for guard in act.bet.guardrails
    }
    named |= {act.tripwire.metric for act in DECISIONS.values() if act.tripwire}
    named |= {name for act in all_of(SubscribeDigest) for name in act.metrics}
    assert named <= METRIC


def test_one_bet_is_judged_by_hand() -> None:
    assert [a.key for a in LAUNCHES.values() if isinstance(a.bet, JudgedByHand)] == [
        "offline-counting-prototype"
    ]


def test_no_tripwire_has_been_crossed_by_the_data_since_its_decision(days: Days) -> None:
    recent = slice(days.calendar.outage + 1, days.calendar.until)
    errors, requests = days.errors[recent], days.requests[recent]
    seen = {
        "error_rate": 100 * errors.sum(axis=1) / requests.sum(axis=1),
        "p95_latency": (days.p95[recent] * requests).sum(axis=1) / requests.sum(axis=1),
    }
    tripwires = [act.tripwire for act in DECISIONS.values() if act.tripwire]
    assert tripwires
    assert all(wire.side == "above" and seen[wire.metric].max() < wire.bound for wire in tripwires)


def test_revenue_is_subscribed_to_by_the_private_channel_only() -> None:
    channels = [a.channel for a in all_of(SubscribeDigest) if "revenue" in a.metrics]
    assert channels == [LEADERSHIP]


def test_exactly_one_decision_is_superseded() -> None:
    assert len(DECISIONS) >= 4
    assert [a.supersedes for a in DECISIONS.values() if a.supersedes] == ["row-limit"]


def test_a_choice_is_one_of_the_options_and_confidence_a_percentage() -> None:
    assert all(act.choice in act.options for act in DECISIONS.values())
    assert all(0 < act.confidence < 100 for act in DECISIONS.values())


def test_each_decision_taken_in_a_thread_lies_in_that_threads_channel() -> None:
    for act in DECISIONS.values():
        assert act.thread
        assert SAID[act.thread].channel == act.channel


def test_theme_status_agrees_with_what_was_done() -> None:
    asked = {theme for act in LAUNCHES.values() for theme in act.asked_by}
    declined = {act.theme for act in all_of(DeclineTheme)}
    assert {key for key, theme in THEME.items() if theme.status == "declined"} == declined
    assert {k for k, theme in THEME.items() if theme.status in {"shipped", "planned"}} == asked


def test_those_who_are_told_had_asked_and_some_are_still_to_be_told() -> None:
    marks = {mark.message: mark for mark in all_of(MarkFeedback)}
    told = {act.message for act in all_of(TellAsker)}
    for act in all_of(TellAsker):
        assert marks[act.message].theme in LAUNCHES[act.launch].asked_by
    assert {m for m, mark in marks.items() if mark.theme in LAUNCHES[IMPORTER].asked_by} - told


def test_the_retro_is_finished_with_answers_to_every_question_and_two_actions() -> None:
    (closed,) = all_of(CloseRetro)
    answers = all_of(AnswerRetro)
    assert len(closed.actions) == 2
    assert len(answers) >= 4
    assert all(len(a.answers) == len(RETROS[a.retro].questions) for a in answers)


def test_actions_are_due_in_the_future(any_day: date) -> None:
    (closed,) = all_of(CloseRetro)
    assert all(Timeline(any_day).on(promise.due) > any_day for promise in closed.actions)
