"""The forms of product areas. Pure."""

from collections.abc import Sequence

from bot.feedback.area_rules import (
    AREAS_AT_MOST,
    NAME_LIMIT,
    AreaView,
)
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    context,
    field_input,
    modal,
    section,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.limits import TYPED_TEXT
from bot.slack.text import escape


def render_areas_door() -> Block:
    """The way to the areas, from the settings of a channel."""
    return actions(button("Product areas", Action.AREA_LIST))


def render_areas(areas: Sequence[AreaView]) -> View:
    """All areas, each to be changed, and a button for a new one."""
    blocks: list[Block] = [
        section("Feedback is sorted into the areas of your product, learnt from your examples.")
    ]
    for area in areas[:AREAS_AT_MOST]:
        said = escape(area.examples[0], limit=80) if area.examples else ""
        blocks.append(
            section(
                f"*{escape(area.name)}*\n{said}",
                accessory=button("Change", f"{Action.AREA_EDIT}:{area.id}", area.id),
            )
        )
    if not areas:
        blocks.append(context("None yet: until there are, feedback gets no area by itself."))
    blocks.append(actions(button("Add an area", Action.AREA_ADD)))
    return modal(Form.AREAS, "Product areas", blocks)


def render_area_form(area: AreaView | None) -> View:
    """One area: its name, and what customers say about it."""
    examples = "\n".join(area.examples) if area else ""
    blocks: list[Block] = [
        field_input(
            "name",
            "Name",
            text_input("name", initial=area.name if area else "", limit=NAME_LIMIT),
        ),
        field_input(
            "examples",
            "What customers say about it, one sentence a line (three to five are enough)",
            text_input(
                "examples",
                initial=examples,
                multiline=True,
                limit=TYPED_TEXT,
            ),
        ),
    ]
    if area:
        blocks.append(actions(button("Remove this area", Action.AREA_REMOVE, area.id)))
        blocks.append(context("What has this area keeps it; it is only suggested no more."))
    title = "Change area" if area else "New area"
    state = {"area": area.id} if area else None
    return modal(Form.AREA, title, blocks, submit="Save", state=state)
