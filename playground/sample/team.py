"""Tallywren, an invented company of nine that sells stock-keeping to small warehouses.

Everybody and everything here is made up. Domains end in `.example`, which RFC 2606 keeps free.
Ids look like Slack's and never change, so that links, tests and screenshots stay valid.
"""

from dataclasses import dataclass
from typing import Literal

FEEDBACK_EMOJI = "memo"  # what Daybook listens for unless told otherwise
COMPANY = "Tallywren"
DOMAIN = "tallywren.example"
TEAM_ID = "T0TALLYWRN"
NORTHWIND_TEAM_ID = "T0NORTHWND"

LENA = "U0LENAVOSS"
TOMAS = "U0TOMASARR"
PRIYA = "U0PRIYAKAT"
JONAS = "U0JONASEBE"
CALEB = "U0CALEBOST"
MAEVE = "U0MAEVECOR"
NOOR = "U0NOORHADD"
ARJUN = "U0ARJUNBEL"
DANA = "U0DANAWHIT"
WIM = "U0WIMTERHV"
GRETA = "U0GRETAMOL"

GENERAL = "C0GENERAL1"
PRODUCT = "C0PRODUCT1"
CUSTOMER_VOICE = "C0CUSTVOIC"
ENG = "C0ENGINEER"
LEADERSHIP = "C0LEADERSH"
EXT_NORTHWIND = "C0XNORTHWD"

Role = Literal[
    "founder", "product engineer", "design", "support", "sales", "contractor", "customer"
]


@dataclass(frozen=True, slots=True)
class Member:
    """One person; `zone` is IANA, `color` a hex tint for the avatar.

    A guest is Slack's `is_restricted`; an outsider has another team id and sees only what is
    shared with their company.
    """

    id: str
    handle: str
    name: str
    role: Role
    title: str
    zone: str
    color: str
    email: str
    team_id: str = TEAM_ID
    is_guest: bool = False
    is_admin: bool = False

    @property
    def is_outsider(self) -> bool:
        """Whether the person works for another company."""
        return self.team_id != TEAM_ID


@dataclass(frozen=True, slots=True)
class Channel:
    """One conversation; `customer` is a customer's key where it is shared with that company."""

    id: str
    name: str
    kind: Literal["public", "private", "shared"]
    topic: str
    members: tuple[str, ...]
    customer: str | None = None


def _at_home(handle: str) -> str:
    return f"{handle}@{DOMAIN}"


MEMBERS: tuple[Member, ...] = (
    Member(
        LENA,
        "lena",
        "Lena Vossbeck",
        "founder",
        "Founder",
        "Europe/Berlin",
        "#7a5195",
        _at_home("lena"),
        is_admin=True,
    ),
    Member(
        TOMAS,
        "tomas",
        "Tomás Arrudela",
        "product engineer",
        "Product engineer, imports",
        "Europe/Lisbon",
        "#00798c",
        _at_home("tomas"),
    ),
    Member(
        PRIYA,
        "priya",
        "Priya Kattarina",
        "product engineer",
        "Product engineer, counting",
        "Asia/Kolkata",
        "#c2541b",
        _at_home("priya"),
    ),
    Member(
        JONAS,
        "jonas",
        "Jonas Eberwald",
        "product engineer",
        "Product engineer, first week",
        "Europe/Berlin",
        "#2f6f4f",
        _at_home("jonas"),
    ),
    Member(
        CALEB,
        "caleb",
        "Caleb Ostrowick",
        "product engineer",
        "Product engineer, platform",
        "America/New_York",
        "#4a5a8a",
        _at_home("caleb"),
    ),
    Member(
        MAEVE,
        "maeve",
        "Maeve Corrigal",
        "design",
        "Designer",
        "Europe/Lisbon",
        "#b03a5b",
        _at_home("maeve"),
    ),
    Member(
        NOOR,
        "noor",
        "Noor Haddane",
        "support",
        "Support lead",
        "Europe/Berlin",
        "#8a6d00",
        _at_home("noor"),
        is_admin=True,
    ),
    Member(
        ARJUN,
        "arjun",
        "Arjun Belavali",
        "support",
        "Support",
        "Asia/Kolkata",
        "#5b7f1e",
        _at_home("arjun"),
    ),
    Member(
        DANA,
        "dana",
        "Dana Whitlowe",
        "sales",
        "Sales and partnerships",
        "America/New_York",
        "#a0522d",
        _at_home("dana"),
    ),
    Member(
        WIM,
        "wim",
        "Wim Terhaven",
        "contractor",
        "Contractor, barcode scanning",
        "Europe/Amsterdam",
        "#66757f",
        "wim@terhaven.example",
        is_guest=True,
    ),
    Member(
        GRETA,
        "greta",
        "Greta Molnarik",
        "customer",
        "Warehouse manager, Northwind Outfitters",
        "Europe/Vienna",
        "#1c6dd0",
        "greta@northwind.example",
        team_id=NORTHWIND_TEAM_ID,
    ),
)

_EVERYONE = (LENA, TOMAS, PRIYA, JONAS, CALEB, MAEVE, NOOR, ARJUN, DANA)

CHANNELS: tuple[Channel, ...] = (
    Channel(
        GENERAL,
        "general",
        "public",
        "Nine people, four time zones, one wren. Be kind, write it down.",
        _EVERYONE,
    ),
    Channel(
        PRODUCT,
        "product",
        "public",
        "What we shipped, what we bet on it, what came of it. Numbers at 09:00 Berlin.",
        _EVERYONE,
    ),
    Channel(
        CUSTOMER_VOICE,
        "customer-voice",
        "public",
        "Customers in their own words. Paste it whole, name the company, react with :memo:",
        _EVERYONE,
    ),
    Channel(
        ENG,
        "eng",
        "public",
        "Pull requests, incidents, small victories over SQL.",
        (TOMAS, PRIYA, JONAS, CALEB, MAEVE, LENA, WIM),
    ),
    Channel(
        LEADERSHIP,
        "leadership",
        "private",
        "Money, hiring, runway. Stays in here.",
        (LENA, DANA, NOOR),
    ),
    Channel(
        EXT_NORTHWIND,
        "ext-northwind",
        "shared",
        "Tallywren and Northwind Outfitters. Greta runs the warehouse; ask her anything.",
        (NOOR, DANA, TOMAS, PRIYA, GRETA),
        customer="northwind",
    ),
)
