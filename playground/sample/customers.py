"""Tallywren's named customers, as a customer import would bring them."""

from dataclasses import dataclass
from typing import Literal

from playground.sample.team import EXT_NORTHWIND

Tier = Literal["starter", "growth", "business"]
Status = Literal["trial", "active", "at risk", "churned"]


@dataclass(frozen=True, slots=True)
class Customer:
    """One account; revenue is a month's, in minor units of `currency` (ISO 4217)."""

    key: str
    name: str
    domain: str
    tier: Tier
    monthly_revenue_minor: int
    currency: str = "EUR"
    status: Status = "active"
    channel: str | None = None


CUSTOMERS: tuple[Customer, ...] = (
    Customer(
        "northwind",
        "Northwind Outfitters",
        "northwind.example",
        "business",
        189_000,
        channel=EXT_NORTHWIND,
    ),
    Customer("saltmarsh", "Saltmarsh Coffee Roasters", "saltmarsh.example", "growth", 44_900),
    Customer("harrowpike", "Harrow & Pike Cycles", "harrowpike.example", "growth", 38_000, "GBP"),
    Customer("oakline", "Oakline Joinery", "oakline.example", "starter", 9_900),
    Customer("bluebarrow", "Bluebarrow Books", "bluebarrow.example", "growth", 29_900),
    Customer("quillfeather", "Quillfeather Toys", "quillfeather.example", "business", 124_000),
    Customer("ternisland", "Tern Island Chandlery", "ternisland.example", "starter", 14_900),
    Customer(
        "copperleaf",
        "Copperleaf Garden Centres",
        "copperleaf.example",
        "business",
        158_000,
        status="at risk",
    ),
    Customer("juniperbay", "Juniper Bay Clinics", "juniperbay.example", "business", 142_000, "USD"),
    Customer("vellumthread", "Vellum & Thread", "vellumthread.example", "starter", 9_900),
    Customer(
        "marrowstreet",
        "Marrow Street Bakery",
        "marrowstreet.example",
        "starter",
        0,
        status="trial",
    ),
    Customer(
        "ferrousyard", "Ferrous Yard Metals", "ferrousyard.example", "growth", 0, status="churned"
    ),
)
