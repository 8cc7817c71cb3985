"""Customers in Slack: the list, and the form of one. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from bot.figures import format_minor, minor_digits
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    channels_select,
    context,
    field_input,
    modal,
    section,
    text_input,
    users_select,
)
from bot.slack.ids import Action, Form
from bot.slack.text import channel, escape, person
from bot.workspaces.customer_file import TEXT_LIMIT, WORD_LIMIT
from bot.workspaces.customer_queries import CustomerView

SHOWN = 40


def render_customers(customers: Sequence[CustomerView], *, words: str = "") -> View:
    """The list, or what of it holds ``words``."""
    blocks: list[Block] = [
        actions(
            button("Add a customer", Action.CUSTOMER_NEW),
            button("Import a file", Action.IMPORT_OPEN),
        )
    ]
    if not customers:
        about = f" with “{escape(words, limit=60)}”" if words else ""
        blocks.append(section(f"There is no customer{about} yet."))
    blocks += [section(_line(one), accessory=_button(one)) for one in customers[:SHOWN]]
    if len(customers) > SHOWN:
        left = len(customers) - SHOWN
        blocks.append(context(f"{left:,} more. `/daybook customers acme` finds one."))
    return modal(Form.CUSTOMERS, "Customers", blocks)


def _button(one: CustomerView) -> Block:
    if one.is_archived:
        return button("Restore", Action.CUSTOMER_RESTORE, one.id)
    return button("Edit", Action.CUSTOMER_EDIT, one.id)


def _line(one: CustomerView) -> str:
    parts = [
        "archived" if one.is_archived else "",
        escape(one.tier, limit=60),
        escape(one.status, limit=60),
        say_revenue(one),
        ", ".join(escape(domain, limit=60) for domain in one.domains[:3]),
        channel(one.channel_id) if one.channel_id else "",
        f"told by {person(one.owner_id)}" if one.owner_id else "",
    ]
    return f"*{escape(one.name, limit=100)}*\n{' · '.join(filter(None, parts)) or 'nothing more'}"


def say_revenue(one: CustomerView) -> str:
    """Return the monthly revenue in words, or nothing where it is not known."""
    if one.monthly_revenue is None:
        return ""
    return f"{format_minor(one.monthly_revenue, one.currency)} a month"


def _amount(one: CustomerView) -> str:
    """Return it as a form takes it back."""
    decimals = minor_digits(one.currency)
    return f"{Decimal(one.monthly_revenue or 0).scaleb(-decimals):.{decimals}f}"


def render_customer_form(one: CustomerView | None) -> View:
    """One customer: all but the name may be unknown."""
    revenue = _amount(one) if one and one.monthly_revenue is not None else ""
    domains = " ".join(one.domains) if one else ""
    blocks: list[Block] = [
        field_input("name", "Name", _text("name", one.name if one else "", TEXT_LIMIT)),
        _optional("domains", "E-mail domains", domains, "acme.example acme.test", 500),
        field_input(
            "channel",
            "Channel shared with them",
            channels_select("channel", chosen=one.channel_id if one else ""),
            optional=True,
        ),
        field_input(
            "owner",
            "Who tells them what came of it",
            users_select("owner", chosen=one.owner_id if one else ""),
            optional=True,
        ),
        _optional("tier", "Tier", one.tier if one else "", "e.g. growth", WORD_LIMIT),
        _optional("status", "Status", one.status if one else "", "e.g. trial", WORD_LIMIT),
        _optional("monthly_revenue", "Monthly revenue", revenue, "449.00", 20),
        _optional("currency", "Currency", one.currency if one else "", "EUR", 3),
    ]
    buttons = [button("All customers", Action.CUSTOMER_LIST)]
    if one:
        ask = "Not offered and not matched any more. What they said stays theirs."
        buttons.append(button("Archive", Action.CUSTOMER_ARCHIVE, one.id, confirm=ask))
    blocks.append(actions(*buttons))
    title = "Edit customer" if one else "New customer"
    state = {"customer": one.id} if one else None
    return modal(Form.CUSTOMER, title, blocks, submit="Save", state=state)


def _text(name: str, initial: str, limit: int, placeholder: str = "") -> Block:
    return text_input(name, initial=initial, limit=limit, placeholder=placeholder)


def _optional(name: str, label: str, initial: str, placeholder: str, limit: int) -> Block:
    return field_input(name, label, _text(name, initial, limit, placeholder), optional=True)
