"""Slack's JSON to safe HTML: messages, blocks, views. Nothing here knows a server or a clock."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from playground.page import elements, moments
from playground.page.emoji import render_emoji, render_plain
from playground.page.markdown import render_markdown
from playground.page.mrkdwn import render_mrkdwn
from playground.page.reader import Reader
from playground.page.rich_text import render_rich_text

Json = dict[str, Any]


@functools.cache
def environment() -> Environment:
    """The one Jinja environment: autoescape on; the filters need `reader` in the context."""
    templates = FileSystemLoader(Path(__file__).with_name("templates"))
    env = Environment(
        loader=templates,
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        text=_text,
        mrkdwn=_mrkdwn,
        rich=_rich,
        markdown=lambda value: render_markdown(str(value or "")),
        plain=lambda value: render_plain(str(value or "")),
        emoji=lambda name: render_emoji(str(name)),
        clock_time=moments.clock_time,
    )
    names = ("field_name", "field_id", "option_groups", "initial_options")
    more = ("chosen_values", "chosen_words", "initial_value")
    env.globals.update({name: getattr(elements, name) for name in (*names, *more)})
    return env


def render(template: str, reader: Reader, **values: Any) -> Markup:
    """A template of this page as HTML."""
    page = environment().get_template(template).render(reader=reader, **values)
    return Markup(page)  # noqa: S704 -- autoescaped


def render_blocks(
    blocks: Sequence[Json], reader: Reader, errors: Mapping[str, str] | None = None
) -> Markup:
    """Block Kit blocks. `errors` maps block_id to what is wrong with that input."""
    return render("only_blocks.html", reader, blocks_given=blocks, errors=errors)


@pass_context
def _text(context: Context, value: Json | None) -> Markup:
    """A Slack text object, or a bare string as plain text."""
    if not isinstance(value, dict):
        return render_plain(str(value or ""))
    text = str(value.get("text") or "")
    if value.get("type") == "mrkdwn":
        return render_mrkdwn(text, context["reader"])
    return render_plain(text, with_names=True)


@pass_context
def _mrkdwn(context: Context, value: str) -> Markup:
    return render_mrkdwn(value, context["reader"])


@pass_context
def _rich(context: Context, block: Json) -> Markup:
    return render_rich_text(block, context["reader"])
