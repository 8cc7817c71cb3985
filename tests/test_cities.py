from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cities import REGIONS, find_zone
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("europe/LONDON", "Europe/London"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"),
        ("Malmö", "Europe/Stockholm"),
        ("St. John's", "America/St_Johns"),
        ("Port-au-Prince", "America/Port-au-Prince"),
        ("Bangalore", "Asia/Kolkata"),
        ("San Francisco", "America/Los_Angeles"),
        ("Washington, DC", "America/New_York"),
        ("Louisville", "America/Kentucky/Louisville"),
        ("US/Pacific", "US/Pacific"),
        ("utc", "UTC"),
    ],
)
def test_a_city_has_its_zone(words: str, name: str) -> None:
    assert find_zone(words).key == name


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("CET", "Berlin"),
        ("PST", "Los Angeles"),
        ("Pacific time", "Los Angeles"),
        ("GMT", "London, or UTC"),
        ("IST", "Bangalore, Dublin or Tel Aviv"),
        ("GMT+1", "or UTC"),
        ("Etc/GMT+5", "or UTC"),
        ("EST5EDT", "New York"),
        ("Portland", "Portland Oregon"),
        ("San José", "Costa_Rica"),
        ("Berlinn", "Did you mean “Berlin”?"),
        ("Atlantis", "Europe/Berlin"),
        ("", "Europe/Berlin"),
    ],
)
def test_what_names_no_one_place_is_refused_with_a_way_out(words: str, fix: str) -> None:
    with pytest.raises(BadInput) as caught:
        find_zone(words)
    assert fix in caught.value.fix


@pytest.mark.parametrize("words", ["Portland Oregon", "Portland Maine", "San Jose California"])
def test_the_way_out_of_two_cities_works(words: str) -> None:
    assert find_zone(words).key.startswith("America/")


@given(
    st.sampled_from(
        sorted(name for name in available_timezones() if name.split("/")[0] in REGIONS.split())
    )
)
def test_every_zone_of_a_place_is_found_by_its_name(name: str) -> None:
    if "/" in name:
        assert find_zone(name).key == name
