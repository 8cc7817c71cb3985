import re

from playground.sample.customers import CUSTOMERS
from playground.sample.team import (
    CHANNELS,
    ENG,
    EXT_NORTHWIND,
    GRETA,
    LEADERSHIP,
    MEMBERS,
    TEAM_ID,
    WIM,
    Member,
)

BY_ID = {member.id: member for member in MEMBERS}


def channels_of(member: str) -> set[str]:
    return {channel.id for channel in CHANNELS if member in channel.members}


def staff() -> list[Member]:
    return [member for member in MEMBERS if not member.is_guest and not member.is_outsider]


def test_ids_look_like_slacks_and_are_unique() -> None:
    ids = [member.id for member in MEMBERS] + [channel.id for channel in CHANNELS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[UC][A-Z0-9]{9}", found) for found in ids)
    assert re.fullmatch(r"T[A-Z0-9]{9}", TEAM_ID)


def test_handles_and_channel_names_are_ones_that_slack_accepts() -> None:
    names = [member.handle for member in MEMBERS] + [channel.name for channel in CHANNELS]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9_-]{1,80}", name) for name in names)


def test_nine_people_work_in_four_zones() -> None:
    assert len(staff()) == 9
    assert len({member.zone for member in staff()}) == 4


def test_every_channel_member_exists() -> None:
    assert all(person in BY_ID for channel in CHANNELS for person in channel.members)


def test_the_guest_is_in_one_channel_only() -> None:
    assert BY_ID[WIM].is_guest
    assert channels_of(WIM) == {ENG}


def test_the_outsider_is_only_where_their_company_is() -> None:
    assert BY_ID[GRETA].is_outsider
    assert channels_of(GRETA) == {EXT_NORTHWIND}


def test_revenue_lives_in_a_channel_without_guest_or_outsider() -> None:
    leaders = next(channel for channel in CHANNELS if channel.id == LEADERSHIP)
    assert leaders.kind == "private"
    assert not any(
        BY_ID[person].is_guest or BY_ID[person].is_outsider for person in leaders.members
    )


def test_a_shared_channel_and_its_customer_name_each_other() -> None:
    shared = {channel.id: channel.customer for channel in CHANNELS if channel.kind == "shared"}
    assert shared == {who.channel: who.key for who in CUSTOMERS if who.channel}


def test_topics_fit_into_slack() -> None:
    assert all(0 < len(channel.topic) <= 250 for channel in CHANNELS)


def test_all_domains_are_reserved_for_examples() -> None:
    domains = [member.email.split("@")[1] for member in MEMBERS]
    domains += [who.domain for who in CUSTOMERS]
    assert all(domain.endswith(".example") for domain in domains)


def test_customers_differ_in_tier_status_and_currency() -> None:
    assert len(CUSTOMERS) == 12
    assert len({who.key for who in CUSTOMERS}) == len({who.domain for who in CUSTOMERS}) == 12
    assert {who.tier for who in CUSTOMERS} == {"starter", "growth", "business"}
    assert {who.status for who in CUSTOMERS} == {"trial", "active", "at risk", "churned"}
    assert len({who.currency for who in CUSTOMERS}) == 3
