"""Time zones as people name them: by city, or by IANA name in any case."""

import difflib
import unicodedata
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import BadInput

REGIONS = "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific US Canada"
"""First parts of names that stand for a place; Etc/GMT+5 means the contrary of what it seems."""

_ALSO = {
    "America/Chicago": "austin, dallas, houston, minneapolis, nashville, new orleans, st louis",
    "America/Denver": "salt lake city, boulder, colorado springs",
    "America/Edmonton": "calgary",
    "America/Los_Angeles": "san francisco, sf, la, seattle, san diego, oakland, palo alto,"
    " mountain view, san jose california, las vegas, portland oregon",
    "America/New_York": "nyc, new york city, boston, washington, washington dc, atlanta, miami,"
    " philadelphia, pittsburgh, charlotte, brooklyn, portland maine",
    "America/Sao_Paulo": "rio, rio de janeiro, brasilia",
    "America/Toronto": "ottawa, montreal, quebec",
    "Africa/Johannesburg": "cape town, durban, pretoria",
    "Africa/Lagos": "abuja",
    "Asia/Dubai": "abu dhabi",
    "Asia/Ho_Chi_Minh": "hanoi, saigon, ho chi minh city",
    "Asia/Jerusalem": "tel aviv, haifa",
    "Asia/Karachi": "lahore, islamabad",
    "Asia/Kolkata": "bangalore, bengaluru, mumbai, bombay, delhi, new delhi, chennai, hyderabad,"
    " pune, gurgaon",
    "Asia/Shanghai": "beijing, shenzhen, guangzhou, hangzhou",
    "Asia/Tokyo": "osaka, kyoto",
    "Pacific/Auckland": "wellington, christchurch",
    "Europe/Amsterdam": "rotterdam, utrecht, the hague, eindhoven",
    "Europe/Berlin": "munich, munchen, hamburg, frankfurt, cologne, koln, stuttgart, dusseldorf,"
    " leipzig",
    "Europe/Brussels": "antwerp, ghent",
    "Europe/Istanbul": "ankara, izmir",
    "Europe/Kyiv": "kiev, lviv, kharkiv",
    "Europe/Lisbon": "porto",
    "Europe/London": "manchester, edinburgh, glasgow, bristol, leeds, cardiff, oxford",
    "Europe/Madrid": "barcelona, valencia, seville",
    "Europe/Moscow": "st petersburg",
    "Europe/Paris": "lyon, marseille, toulouse, bordeaux",
    "Europe/Rome": "milan, turin, naples",
    "Europe/Stockholm": "gothenburg, malmo",
    "Europe/Warsaw": "krakow, wroclaw, gdansk",
    "Europe/Zurich": "geneva, basel, bern, lausanne",
}

_TWO_OF_A_NAME = {
    "portland": "“Portland Oregon” or “Portland Maine”",
    "birmingham": "London or Chicago",
    "cambridge": "London or Boston",
    "san jose": "“San Jose California”, or Costa_Rica",
    "cordoba": "America/Argentina/Cordoba or Madrid",
}

_ABBREVIATIONS = {
    **dict.fromkeys(("cet", "cest", "met"), "Berlin or Paris"),
    **dict.fromkeys(("eet", "eest"), "Helsinki or Athens"),
    **dict.fromkeys(("wet", "west"), "Lisbon"),
    **dict.fromkeys(("gmt", "bst", "british time", "uk"), "London, or UTC"),
    **dict.fromkeys(("est", "edt", "et", "eastern", "est5edt"), "New York"),
    **dict.fromkeys(("cst", "cdt", "ct", "central", "cst6cdt"), "Chicago, or Shanghai"),
    **dict.fromkeys(("mst", "mdt", "mt", "mountain", "mst7mdt"), "Denver or Phoenix"),
    **dict.fromkeys(("pst", "pdt", "pt", "pacific", "pst8pdt"), "Los Angeles"),
    **dict.fromkeys(("ist",), "Bangalore, Dublin or Tel Aviv"),
    **dict.fromkeys(("jst", "kst", "msk", "sgt", "hkt"), "Tokyo, Seoul, Moscow or Singapore"),
    **dict.fromkeys(("aest", "aedt", "acst", "awst"), "Sydney, Brisbane, Adelaide or Perth"),
}


def find_zone(words: str) -> ZoneInfo:
    """Return the zone of a city or an IANA name, written in any case.

    Raises ``BadInput`` for abbreviations and offsets (they do not follow summer time), names that
    two cities share, and unknown ones.
    """
    wanted = folded(words)
    if wanted in ("utc", "etc utc", "zulu"):
        return ZoneInfo("UTC")
    _check_is_place(words, wanted)
    name = _iana_names().get(wanted) or _cities().get(wanted)
    if name:
        return ZoneInfo(name)
    near = difflib.get_close_matches(wanted, [*_cities(), *_iana_names()], n=1, cutoff=0.75)
    hint = f"Did you mean “{near[0].title()}”? " if near else ""
    raise _unknown(
        f"“{words}” is no city or time zone that Daybook knows.",
        f"{hint}Name a large city of the same time, or a zone such as Europe/Berlin.",
    )


def _check_is_place(words: str, wanted: str) -> None:
    if wanted in _TWO_OF_A_NAME:
        raise _unknown(
            f"There is more than one {words.strip().title()}.",
            f"Name {_TWO_OF_A_NAME[wanted]} instead.",
        )
    bare = wanted.removesuffix(" time")
    if bare in _ABBREVIATIONS:
        raise _unknown(
            f"“{words}” is no place: it does not say when summer time begins.",
            f"Name a city, such as {_ABBREVIATIONS[bare]}.",
        )
    if any(sign.isdigit() for sign in wanted) or wanted.startswith("etc "):
        raise _unknown(
            f"“{words}” is no place: a fixed distance to UTC ignores summer time.",
            "Name a city, such as Berlin, or UTC itself.",
        )


def _unknown(problem: str, fix: str) -> BadInput:
    return BadInput(field="time zone", problem=problem, fix=fix)


@cache
def _iana_names() -> dict[str, str]:
    names = (name for name in available_timezones() if name.split("/")[0] in REGIONS.split())
    return {folded(name): name for name in names if "/" in name}


@cache
def _cities() -> dict[str, str]:
    # Where two names end alike (America/Louisville, America/Kentucky/Louisville) they are one
    # zone under an old and a new name; of Europe/Istanbul and Asia/Istanbul too.
    found = {}
    for name in sorted(_iana_names().values(), key=lambda name: (name.count("/"), name)):
        if name.split("/")[0] not in ("US", "Canada"):
            found[folded(name.rsplit("/", 1)[1])] = name
    for name, others in _ALSO.items():
        found.update(dict.fromkeys(others.split(", "), name))
    return found


def folded(words: str) -> str:
    """Return small letters without accents; every run of other signs becomes one space."""
    plain = unicodedata.normalize("NFKD", words.casefold()).replace("ł", "l").replace("ø", "o")
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    spaced = "".join(sign if sign.isalnum() else " " for sign in kept.replace("'", ""))
    return " ".join(spaced.split())
