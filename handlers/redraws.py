"""Which act in an open form is the newest, so that its answer is the one that is drawn."""

from collections import OrderedDict

from handlers.payloads import Request

# Forms that are open at once; a form that is forgotten is drawn as if nothing else had been done.
FORMS_KNOWN = 2_000


class Redraws:
    """Remembers the last act of each form, by Slack's ids of the form and of the act.

    Slack takes a redraw only for the form as the act saw it. When an earlier act was answered in
    between, the newest one is drawn all the same, and the earlier ones are not.
    """

    def __init__(self) -> None:
        self._newest: OrderedDict[str, str] = OrderedDict()

    def note(self, view_id: str, trigger_id: str) -> None:
        """Remember that this act came last."""
        self._newest[view_id] = trigger_id
        self._newest.move_to_end(view_id)
        if len(self._newest) > FORMS_KNOWN:
            self._newest.popitem(last=False)

    def is_newest(self, request: Request) -> bool:
        """Tell whether nothing was done in the form since this act."""
        return self._newest.get(request.view_id) == request.trigger_id
