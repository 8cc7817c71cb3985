"""Digests' doors: the command, the form, the card's buttons, a metric's facts."""

from dataclasses import replace

from bot.deps import Deps
from bot.errors import NotAllowed
from bot.slack.ids import Action, Form
from handlers import digest_cards, digest_form
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.payloads import Request, split_word


async def open_or_list(request: Request, deps: Deps) -> Answer:
    """``/digest``: the form, with ``feedback`` or ``launches`` that of those, with ``list`` what
    there is (and words of a name). Other words are the schedule.
    """
    word, rest = split_word(request.text)
    if word in {"list", "ls", "show"}:
        return Private(await digest_cards.read_list(request, deps, words=rest))
    if request.asker.is_guest:
        raise NotAllowed("Guests can read `/digest list`; please ask a member to set one up.")
    if word == "feedback":
        return await digest_form.open_feedback_form(replace(request, text=rest), deps)
    if word == "launches":
        return await digest_form.open_launches_form(replace(request, text=rest), deps)
    return await digest_form.open_form(request, deps)


COMMANDS = {"digest": Route(open_or_list, guests=True)}
ACTIONS = {
    Action.DIGEST_NEW.value: Route(digest_form.open_form),
    Action.DIGEST_NEW_FEEDBACK.value: Route(digest_form.open_feedback_form),
    Action.DIGEST_NEW_LAUNCHES.value: Route(digest_form.open_launches_form),
    Action.DIGEST_TARGET.value: Route(digest_form.redraw_form),
    Action.DIGEST_SCHEDULE.value: Route(digest_form.redraw_form),
    Action.DIGEST_TEST.value: Route(digest_cards.send_test),
    Action.DIGEST_SEND.value: Route(digest_cards.send_now),
    Action.DIGEST_EDIT.value: Route(digest_form.open_edit_form),
    Action.DIGEST_PAUSE.value: Route(digest_cards.pause),
    Action.DIGEST_RESUME.value: Route(digest_cards.resume),
    Action.DIGEST_REMOVE.value: Route(digest_cards.remove),
    Action.DIGEST_EXPLAIN.value: Route(digest_cards.explain_metric, guests=True),
}
FORMS = {Form.DIGEST.value: Route(digest_form.save_form, faults=digest_form.digest_faults)}
