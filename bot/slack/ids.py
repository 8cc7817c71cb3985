"""Every id that comes back from Slack, in one place: ``ritual.noun.verb``."""

from enum import StrEnum


class Action(StrEnum):
    """Action ids of buttons, menus and inputs that report by themselves."""

    ENGINE_RESEND = "engine.delivery.resend"


class Form(StrEnum):
    """Callback ids of modals."""

    PROBLEM = "daybook.problem"


class Shortcut(StrEnum):
    """Callback ids of shortcuts, as in app.yaml."""

    LOG_FEEDBACK = "feedback.message.log"
    LOG_DECISION = "decision.message.log"
    LOG_LAUNCH = "launch.message.log"
    NEW_LAUNCH = "launch.new"
