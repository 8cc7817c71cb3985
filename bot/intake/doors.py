"""The buttons to what comes in and goes out as a whole, in the settings of every member. Pure."""

from bot.slack.blocks import Block, actions, button
from bot.slack.ids import Action


def render_data_doors() -> Block:
    """Customers, and files in and out."""
    return actions(
        button("Customers", Action.CUSTOMER_OPEN),
        button("Import a file", Action.IMPORT_OPEN),
        button("Export", Action.EXPORT_OPEN),
    )
