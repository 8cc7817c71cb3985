"""What people see of feedback. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.feedback.queries import WORDS_REMOVED, FeedbackView, ThemeView
from bot.feedback.rules import KINDS, CustomerCard
from bot.feedback.rules import MOODS as KINDS_OF_MOOD
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    field_input,
    modal,
    section,
    select,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.limits import TYPED_TEXT
from bot.slack.text import channel, escape, link, quote

KIND_OPTIONS = [(kind.capitalize(), kind) for kind in KINDS]


BETWEEN = "/"  # two ids in one value
IMPORTANCE = [("Small", "1"), ("Usual", "2"), ("High", "3")]
MOODS = [(mood.capitalize(), mood) for mood in KINDS_OF_MOOD]


@dataclass(frozen=True)
class Offers:
    """What a receipt offers beside kind, Edit and Undo.

    ``customers`` are (name, id); ``same`` is the feedback that says the same (id, number);
    ``asks`` is how many asks the message holds, ``pieces`` how many were split off.
    """

    customers: tuple[tuple[str, str], ...] = ()
    areas: tuple[str, ...] = ()
    same: tuple[str, int] | None = None
    asks: int = 0
    pieces: int = 0


def render_receipt(
    item: FeedbackView,
    theme: ThemeView | None,
    *,
    reporters: int,
    left: ThemeView | None = None,
    offers: Offers | None = None,
) -> Message:
    """One private line for the one who reported it, with one-tap corrections.

    ``left`` is the theme that it was just taken out of.
    """
    offers = offers or Offers()
    kind = f"{item.kind} about {escape(item.area)}" if item.area else item.kind
    parts = [kind, escape(item.customer_name) if item.customer_name else "customer unknown"]
    if theme and theme.items > 1:
        people = _count(theme.customers, "customer")
        parts.append(f"like theme #{theme.number} “{escape(theme.name, limit=80)}” ({people})")
    text = f"Logged as #{item.number}: {', '.join(parts)}."
    if reporters > 1:
        text = f"Already logged as #{item.number}; {reporters} of you have reported it now."
    rows = [actions(*_menus(item, offers)), actions(*_buttons(item, theme, left, offers))]
    return Message(text, [section(text), *rows])


def _menus(item: FeedbackView, offers: Offers) -> list[Block]:
    menu = select(Action.FEEDBACK_KIND, KIND_OPTIONS, chosen=item.kind)
    menu["action_id"] = f"{Action.FEEDBACK_KIND}:{item.id}"
    menus = [menu]
    if offers.customers:
        customers, chosen = list(offers.customers), item.customer_id or ""
        menus.append(_field_menu("customer", item, customers, chosen, "Customer"))
    if offers.areas:
        areas = [(area, area) for area in offers.areas]
        menus.append(_field_menu("area", item, areas, item.area, "Area"))
    # A menu in a message has no label: "Usual" alone says nothing.
    weights = [(f"Importance: {name.lower()}", weight) for name, weight in IMPORTANCE]
    menus.append(_field_menu("importance", item, weights, str(item.importance), "Importance"))
    return menus


def _field_menu(
    field: str, item: FeedbackView, options: list[tuple[str, str]], chosen: str, placeholder: str
) -> Block:
    known = chosen if chosen in {value for _, value in options} else ""
    name = f"{Action.FEEDBACK_FIELD}:{field}{BETWEEN}{item.id}"
    return select(name, options, chosen=known, placeholder=placeholder)


def _buttons(
    item: FeedbackView, theme: ThemeView | None, left: ThemeView | None, offers: Offers
) -> list[Block]:
    buttons = [
        button("Edit", Action.FEEDBACK_EDIT, item.id),
        button("Undo", Action.FEEDBACK_UNDO, item.id),
    ]
    if offers.same:
        other_id, number = offers.same
        value = f"{item.id}{BETWEEN}{other_id}"
        buttons.append(button(f"Same as #{number}", Action.FEEDBACK_SAME, value))
    if offers.asks:
        buttons.append(button(f"Split into {offers.asks}", Action.FEEDBACK_SPLIT, item.id))
    if offers.pieces:
        buttons.append(button("Put together again", Action.FEEDBACK_WHOLE, item.id))
    if theme and theme.items > 1:
        buttons.append(button("Not this theme", Action.THEME_NOT_THIS, f"{item.id}/{theme.id}"))
        buttons.append(button("See theme", f"{Action.THEME_OPEN}:{theme.number}", theme.id))
    if left:
        back = f"{item.id}/{left.id}"
        buttons.append(button(f"Back to theme #{left.number}", Action.THEME_BACK, back))
    return buttons


def render_pieces(items: Sequence[FeedbackView]) -> Message:
    """What a message was split into."""
    numbers = ", ".join(f"#{one.number}" for one in items)
    lines = "\n".join(f"*#{one.number}* {one.kind}: {escape(one.text, limit=120)}" for one in items)
    undo = button("Put together again", Action.FEEDBACK_WHOLE, items[0].id)
    text = f"Split into {numbers}."
    return Message(text, [section(f"{text}\n{lines}"), actions(undo)])


def render_joined(item: FeedbackView, number: int) -> Message:
    """Say that two are one."""
    text = f"#{item.number} is #{number} once more: your report counts there."
    undo = button("Not the same", Action.FEEDBACK_APART, item.id)
    return Message(text, [section(text), actions(undo)])


def render_home_logged(items: Sequence[FeedbackView]) -> list[Block]:
    """What a person logged last, with what a receipt corrects: receipts vanish. No quotes here."""
    blocks: list[Block] = []
    for item in items:
        name = link(item.permalink, f"#{item.number}")
        who = escape(item.customer_name, limit=80) if item.customer_name else "customer unknown"
        blocks.append(section(f"You logged {name}: {item.kind}, {who}."))
        buttons = [
            button(f"Edit #{item.number}", Action.FEEDBACK_EDIT, item.id),
            button(f"Undo #{item.number}", Action.FEEDBACK_UNDO, item.id),
        ]
        blocks.append(actions(*_menus(item, Offers()), *buttons))
    return blocks


def render_undone(number: int) -> Message:
    """Say that a log was taken back."""
    return Message(f"Undone: #{number} is no longer logged.")


def render_not_undone(number: int) -> Message:
    """Say that others still report it."""
    return Message(f"Your report of #{number} is taken back; others reported it too, so it stays.")


def render_form(
    customers: Sequence[CustomerCard],
    *,
    text: str = "",
    kind: str = "",
    customer_id: str = "",
    area: str = "",
    importance: int = 2,
    mood: str = "",
    state: dict[str, str] | None = None,
    is_edit: bool = False,
) -> View:
    """The form for feedback typed in, taken from a message, or corrected."""
    blocks: list[Block] = []
    if is_edit:
        blocks.append(section(quote(text)))
    else:
        field = text_input("text", initial=text, multiline=True, limit=TYPED_TEXT)
        blocks.append(field_input("text", "What did the customer say?", field))
    if customers:
        names = [(card.name, card.id) for card in customers]
        menu = select("customer", names, chosen=customer_id, placeholder="Unknown is fine")
        blocks.append(field_input("customer", "Customer", menu, optional=True))
    kinds = select("kind", KIND_OPTIONS, chosen=kind, placeholder="Daybook guesses if you don't")
    blocks.append(field_input("kind", "Kind", kinds, optional=True))
    place = text_input("area", initial=area, placeholder="e.g. Import", limit=60)
    blocks.append(field_input("area", "Product area", place, optional=True))
    if is_edit:
        weight = select("importance", IMPORTANCE, chosen=str(importance))
        blocks.append(field_input("importance", "Importance", weight, optional=True))
        moods = select("mood", MOODS, chosen=mood)
        blocks.append(field_input("mood", "Mood", moods, optional=True))
    if is_edit and state and text != WORDS_REMOVED:
        redact = button("Remove the words", Action.FEEDBACK_REDACT, state["feedback"])
        blocks.append(actions(redact))
    form = Form.FEEDBACK_EDIT if is_edit else Form.FEEDBACK_LOG
    title = "Edit feedback" if is_edit else "Log feedback"
    return modal(form, title, blocks, submit="Save" if is_edit else "Log it", state=state)


def render_logged(number: int, receipt: str) -> View:
    """What the form becomes once it is logged; ``receipt`` is what a receipt would say, escaped."""
    door = f"Something is wrong? `/daybook feedback {number}` corrects it."
    return modal(Form.PROBLEM, "Logged", [section(receipt), context(door)])


def render_known(item: FeedbackView) -> View:
    """What the form becomes when the same words of the same customer stand logged."""
    said = (
        f"The same words are logged already as #{item.number}, so your report counts there. "
        "Did another customer say them? Then log them again, with that customer chosen."
    )
    return modal(Form.PROBLEM, "Logged before", [section(said)])


def render_feedback_line(item: FeedbackView, *, limit: int = 240) -> str:
    """One quote on one or two lines: number, kind, customer, the words, where it was said."""
    who = f", {escape(item.customer_name)}" if item.customer_name else ""
    where = f" · {link(item.permalink, 'see the message')}" if item.permalink else ""
    return f"*#{item.number}* {item.kind}{who}{where}\n{quote(item.text, limit=limit)}"


def render_found(words: str, items: Sequence[FeedbackView]) -> list[Block]:
    """The feedback part of a search's answer."""
    if not items:
        return []
    head = f"*Feedback* about “{escape(words, limit=80)}”, nearest first"
    return [section(head), *(section(render_feedback_line(item)) for item in items)]


def render_capture_form(
    channel_id: str,
    *,
    modes: Sequence[str],
    emoji: Sequence[str],
    is_shared: bool,
    doors: Sequence[Block] = (),
) -> View:
    """How feedback is logged in one channel; ``doors`` lead to the other settings."""
    signs = ", ".join(f":{name}:" for name in emoji)
    options = [
        (f"Reacting with {' or '.join(emoji)}", "emoji"),
        ("Every new message (a feedback channel)", "all"),
        ("Mentioning me: @Daybook feedback", "mention"),
    ]
    if is_shared:
        options.append(("Show a receipt emoji that customers see", "receipt"))
    menu = select("modes", options, chosen=",".join(modes), multiple=True)
    return modal(
        Form.FEEDBACK_CAPTURE,
        "Channel settings",
        [
            section(f"How is feedback logged in {channel(channel_id)}? The emoji: {signs}."),
            field_input("modes", "Log feedback by", menu, optional=True),
            context("Only members log feedback. Messages that match nothing are never stored."),
            *doors,
        ],
        submit="Save",
        state={"channel": channel_id},
    )


def render_capture_saved(modes: Sequence[str]) -> View:
    """Say what holds from now on."""
    said = {
        "emoji": "the emoji",
        "all": "every new message",
        "mention": "mentioning me",
    }
    listed = ", ".join(said[mode] for mode in modes if mode in said) or "nothing"
    seen = " Customers see a receipt emoji on it." if "receipt" in modes else ""
    return modal(Form.PROBLEM, "Saved", [section(f"Here, feedback is logged by: {listed}.{seen}")])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
