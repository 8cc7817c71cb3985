"""What people see of a launch's roles, go or no-go, and checklist. Pure."""

from collections.abc import Iterable

from bot.launches.readiness import GO, NO_GO, OWNER, ROLES, checks_of, missing_go, progress
from bot.launches.records import Approval, LaunchDetail, LaunchView, Reaction
from bot.launches.stages import WORDS
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    field_input,
    modal,
    section,
    text_input,
    users_select,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, link, person, quote

ITEM_LIMIT = 150
# A longer list is a project plan, which stands better elsewhere.
ITEMS_SHOWN = 20


def people(ids: Iterable[str]) -> str:
    """Return people as mentions with commas."""
    return ", ".join(person(member_id) for member_id in ids)


def render_crew_lines(detail: LaunchDetail) -> list[Block]:
    """The small print under the headline: go or no-go, roles, how far the checklist is."""
    crew = detail.crew
    lines = []
    if crew.approvals:
        lines.append(go_phrase(crew.approvals))
    held = [f"{words}: {person(crew.roles[role])}" for role, words in ROLES.items()
            if role in crew.roles]  # fmt: skip
    if held:
        lines.append(" · ".join(held))
    if crew.items or crew.approvals or held or crew.announced:
        done, total, first = progress(detail)
        following = f"; next: {escape(first, limit=80)}" if first else ""
        lines.append(f"Checklist: {done} of {total} done{following}")
    return [context(*lines)] if lines else []


def go_phrase(approvals: Iterable[Approval]) -> str:
    """Say who said go, who no-go and why, and who is still asked."""
    by_answer: dict[str, list[Approval]] = {}
    for one in approvals:
        by_answer.setdefault(one.answer, []).append(one)
    parts = []
    if said := by_answer.get(GO):
        parts.append(f"*Go:* {people(one.member_id for one in said)}")
    for one in by_answer.get(NO_GO, []):
        why = f" (“{escape(one.reason, limit=120)}”)" if one.reason else ""
        parts.append(f"*No-go:* {person(one.member_id)}{why}")
    if asked := by_answer.get(""):
        parts.append(f"Asked for a go: {people(one.member_id for one in asked)}")
    return " · ".join(parts)


def render_crew_form(detail: LaunchDetail, viewer: str) -> View:
    """The checklist, the roles, and who is to say go; ``viewer`` is who looks."""
    launch = detail.launch
    blocks = [
        section(f"#{launch.number} {escape(launch.title, limit=100)}"),
        *_checklist(detail),
        divider(),
        *_roles(detail, viewer),
        divider(),
        *_approvals(detail, viewer),
    ]
    ask = users_select("approvers", multiple=True)
    line = text_input("item", placeholder="Help page is written", limit=ITEM_LIMIT)
    blocks += [
        field_input("approvers", "Ask for a go", ask, optional=True),
        field_input("item", "Add to the checklist", line, optional=True),
    ]
    return modal(
        Form.LAUNCH_CREW,
        "Checklist and people",
        blocks,
        submit="Save",
        state={"launch": launch.id},
    )


def _checklist(detail: LaunchDetail) -> list[Block]:
    seen = "\n".join(f"{_mark(is_done=check.is_done)} {check.text}" for check in checks_of(detail))
    blocks = [section(f"*Checklist*\n{seen}")]
    if not detail.crew.announced:
        draft = button("Draft the announcement", Action.LAUNCH_ANNOUNCE, detail.launch.id)
        blocks.append(actions(draft))
    for item in detail.crew.items[:ITEMS_SHOWN]:
        done = f", done by {person(item.done_by)}" if item.done_by else ""
        label = "Not done yet" if item.done_by else "Done"
        value = f"{detail.launch.id}:{item.id}"
        tick = button(label, f"{Action.LAUNCH_ITEM}:{item.id}", value)
        text = f"{_mark(is_done=bool(item.done_by))} {escape(item.text, limit=ITEM_LIMIT)}{done}"
        blocks.append(section(text, accessory=tick))
    return blocks


def _mark(*, is_done: bool) -> str:
    return "☑ done:" if is_done else "☐ open:"


def _roles(detail: LaunchDetail, viewer: str) -> list[Block]:
    launch, blocks = detail.launch, []
    holders = [(OWNER, "Owner", launch.owner_id)]
    holders += [(role, words, detail.crew.roles.get(role, "")) for role, words in ROLES.items()]
    for role, words, holder in holders:
        who = person(holder) if holder else "nobody yet"
        blocks.append(section(f"*{words}:* {who}", accessory=_claim(launch, role, holder, viewer)))
    return blocks


def _claim(launch: LaunchView, role: str, holder: str, viewer: str) -> Block | None:
    if holder == viewer:
        if role == OWNER:
            return None
        return button("Step back", f"{Action.LAUNCH_ROLE_LEAVE}:{role}", launch.id)
    label = "Take over" if holder else "I do this"
    confirm = "The verdict will be asked of you." if role == OWNER else ""
    return button(label, f"{Action.LAUNCH_ROLE}:{role}", launch.id, confirm=confirm)


def _approvals(detail: LaunchDetail, viewer: str) -> list[Block]:
    approvals = detail.crew.approvals
    if not approvals:
        return [section("*Go or no-go:* nobody was asked.")]
    blocks = [section(go_phrase(approvals))]
    if any(one.member_id == viewer for one in approvals):
        blocks.append(_go_buttons(detail.launch))
    return blocks


def _go_buttons(launch: LaunchView) -> Block:
    return actions(
        button("Go", Action.LAUNCH_GO, launch.id, style="primary"),
        button("No-go …", Action.LAUNCH_NO_GO, launch.id),
    )


def render_go_question(launch: LaunchView, asked_by: str) -> Message:
    """The private question to somebody who is to decide."""
    title = escape(launch.title, limit=100)
    text = f"{person(asked_by)} asks you: go or no-go for #{launch.number} {title}?"
    where = f" · {link(launch.permalink, 'the launch and its thread')}" if launch.permalink else ""
    small = context(f"It is {WORDS[launch.stage]}{where}. Your answer stands under its headline.")
    return Message(text, [section(text), _go_buttons(launch), small])


def render_go_answered(launch: LaunchView, answer: str) -> Message:
    """What the question becomes once it is answered."""
    said = "go" if answer == GO else "no-go"
    title = escape(launch.title, limit=100)
    text = f"You said *{said}* for #{launch.number} {title}."
    change = actions(
        button("No-go …", Action.LAUNCH_NO_GO, launch.id)
        if answer == GO
        else button("Go after all", Action.LAUNCH_GO, launch.id)
    )
    return Message(text, [section(text), change])


def render_go_note(answer: str, by: str, reason: str, detail: LaunchDetail) -> Message:
    """The line in the thread when somebody answered."""
    text = f"{person(by)} says *{'go' if answer == GO else 'no-go'}*."
    blocks = [section(text)]
    if reason:
        blocks.append(section(quote(reason)))
    missing = missing_go(detail.crew.approvals)
    if not missing:
        blocks.append(context("Everybody asked says go."))
    elif waiting := [one.member_id for one in missing if not one.answer]:
        blocks.append(context(f"Still asked: {people(waiting)}"))
    return Message(text, blocks)


def render_go_asked_note(by: str, asked: Iterable[str]) -> Message:
    """The line in the thread when people were asked."""
    return Message(f"{person(by)} asked for a go: {people(asked)}. They were asked privately.")


def render_role_note(role: str, by: str, before: str, *, is_left: bool = False) -> Message:
    """The line in the thread when a role changed hands."""
    words = ROLES.get(role, "owner").lower() if role != OWNER else "owns the launch"
    if is_left:
        return Message(f"{person(by)} stepped back: “{words}” is open again.")
    after = f", after {person(before)}" if before else ""
    return Message(f"{person(by)} now {words}{after}.")


def render_no_go_form(launch: LaunchView) -> View:
    """A no-go says why."""
    why = text_input("reason", multiline=True, limit=600)
    return modal(
        Form.LAUNCH_NO_GO,
        "No-go",
        [
            section(f"#{launch.number} {escape(launch.title, limit=100)}"),
            field_input("reason", "What has to be true first?", why),
        ],
        submit="Say no-go",
        state={"launch": launch.id},
    )


def render_anyway_form(launch: LaunchView, stage: str, missing: Iterable[Approval]) -> View:
    """A move without everybody's go is possible, and says why."""
    why = text_input("reason", multiline=True, limit=600)
    return modal(
        Form.LAUNCH_ANYWAY,
        "Without a go",
        [
            section(f"#{launch.number} {escape(launch.title, limit=100)}"),
            section(f"Not everybody asked says go. {go_phrase(missing)}"),
            field_input("reason", f"Why does it become {WORDS[stage]} all the same?", why),
        ],
        submit="Move anyway",
        state={"launch": launch.id, "stage": stage},
    )


def render_home_reactions(found: Iterable[Reaction]) -> list[Block]:
    """What customers said since this person's launches, and may be about them."""
    blocks = []
    for one in found:
        launch = one.launch
        where = link(launch.permalink, launch.title) if launch.permalink else escape(launch.title)
        quoted = quote(one.text, limit=300)
        blocks.append(section(f"*Is this about #{launch.number} {where}?*\n{quoted}"))
        blocks.append(
            actions(
                button("Yes, it is", f"{Action.LAUNCH_REACTION}:taken:{one.id}", one.id),
                button("No", f"{Action.LAUNCH_REACTION}:declined:{one.id}", one.id),
            )
        )
    return blocks


def render_home_go(launches: Iterable[LaunchView]) -> list[Block]:
    """The launches that wait for this person's go."""
    blocks = []
    for launch in launches:
        where = link(launch.permalink, launch.title) if launch.permalink else escape(launch.title)
        blocks += [section(f"*Go or no-go?* #{launch.number} {where}"), _home_buttons(launch)]
    return blocks


def _home_buttons(launch: LaunchView) -> Block:
    return actions(
        button("Go", f"{Action.LAUNCH_GO}:{launch.id}", launch.id, style="primary"),
        button("No-go …", f"{Action.LAUNCH_NO_GO}:{launch.id}", launch.id),
    )
