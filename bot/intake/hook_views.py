"""What admins see of webhooks. Pure."""

from collections.abc import Sequence

from bot.intake.hooks import NAME_LIMIT, HookView, Made
from bot.intake.signatures import DAYBOOK, INTERCOM, TYPEFORM, ZENDESK
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
    select,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.text import channel, escape, when

SHAPE_NAMES = {
    DAYBOOK: "Another program",
    ZENDESK: "Zendesk",
    INTERCOM: "Intercom",
    TYPEFORM: "Typeform",
}
HOW = {
    DAYBOOK: (
        'Post `{"id": …, "text": …, "email": …, "customer": …}` with the headers '
        "`X-Daybook-Timestamp` (seconds since 1970) and `X-Daybook-Signature`: `v1=` and the "
        "HMAC-SHA256, in hex, of `v1:timestamp:body` with this secret."
    ),
    ZENDESK: "In Zendesk: Admin Center > Webhooks, with a trigger that sends the ticket.",
    INTERCOM: "In Intercom: your app > Webhooks, topic conversation.user.created and .replied.",
    TYPEFORM: "In Typeform: Connect > Webhooks, with this secret.",
}


def render_hooks_door() -> Block:
    """The button to the webhooks, in the settings; admins only."""
    return button("Webhooks in", Action.HOOK_LIST)


def render_hooks(hooks: Sequence[HookView]) -> View:
    """All webhooks that stand."""
    blocks: list[Block] = [section(_line(hook), accessory=_revoke(hook)) for hook in hooks]
    if not hooks:
        blocks.append(section("No webhooks yet. They bring feedback in from a support desk."))
    blocks.append(actions(button("New webhook", Action.HOOK_NEW)))
    return modal(Form.PROBLEM, "Webhooks in", blocks)


def _line(hook: HookView) -> str:
    used = f"last used {when(hook.used_at)}" if hook.used_at else "never used"
    readers = f"read in {channel(hook.channel_id)}" if hook.channel_id else "read by all members"
    name = escape(hook.name, limit=NAME_LIMIT)
    return f"*{name}* ({SHAPE_NAMES.get(hook.shape, '')}): {readers}; {used}"


def _revoke(hook: HookView) -> Block:
    ask = "What it brought stays; nothing more comes in. A new one has a new address."
    return button("Revoke", Action.HOOK_REVOKE, hook.id, confirm=ask)


def render_hook_form() -> View:
    """A new webhook."""
    shapes = select("shape", [(name, shape) for shape, name in SHAPE_NAMES.items()], chosen=DAYBOOK)
    return modal(
        Form.HOOK,
        "New webhook",
        [
            field_input("name", "Name", text_input("name", placeholder="Support desk", limit=80)),
            field_input("shape", "Who sends", shapes),
            field_input(
                "channel",
                "Whose readers see it",
                channels_select("channel"),
                optional=True,
                hint="Empty: all members. A private channel: its members only.",
            ),
            field_input(
                "secret",
                "Their signing secret",
                text_input("secret", limit=200),
                optional=True,
                hint="Zendesk and Intercom give you one. Empty: I make one.",
            ),
            field_input(
                "item_url",
                "Address of one item",
                text_input("item_url", placeholder="https://acme.zendesk.com/agent/tickets/{id}"),
                optional=True,
                hint="So that feedback leads back to it.",
            ),
        ],
        submit="Make it",
    )


def render_made(made: Made, shape: str, *, is_reachable: bool) -> View:
    """The address and the secret of a new webhook: shown once."""
    blocks: list[Block] = [
        section(f"*Address*\n`https://your-daybook/hooks/feedback/{made.id}`"),
        section(f"*Secret*, shown only now\n`{escape(made.secret)}`"),
        section(HOW[shape]),
    ]
    if not is_reachable:
        blocks.append(
            context("Nothing listens yet: whoever runs Daybook sets HEALTH_PORT (Socket Mode).")
        )
    return modal(Form.PROBLEM, "Webhook made", blocks)
