"""Every id that comes back from Slack, in one place: ``ritual.noun.verb``."""

from enum import StrEnum


class Action(StrEnum):
    """Action ids of buttons, menus and inputs that report by themselves."""

    ENGINE_RESEND = "engine.delivery.resend"
    ENGINE_RESUME = "engine.schedule.resume"

    HANDOVER_OPEN = "handover.form.open"
    HANDOVER_UNDO = "handover.form.undo"

    CALENDAR_MENU = "calendar.menu.open"
    CALENDAR_TEAM = "calendar.team.open"
    CALENDAR_UNDO = "calendar.team.undo"
    CALENDAR_OWN = "calendar.own.open"
    CALENDAR_REMOVE = "calendar.own.remove"

    HOME_DECISION = "home.decision.open"
    HOME_FEEDBACK = "home.feedback.open"

    FEEDBACK_KIND = "feedback.kind.choose"
    FEEDBACK_EDIT = "feedback.item.edit"
    FEEDBACK_UNDO = "feedback.item.undo"
    FEEDBACK_REDACT = "feedback.item.redact"
    FEEDBACK_FIELD = "feedback.field.choose"
    FEEDBACK_SPLIT = "feedback.item.split"
    FEEDBACK_WHOLE = "feedback.item.whole"
    FEEDBACK_SAME = "feedback.item.same"
    FEEDBACK_APART = "feedback.item.apart"

    CUSTOMER_LIST = "customer.list.open"
    CUSTOMER_OPEN = "customer.list.push"
    CUSTOMER_NEW = "customer.form.open"
    CUSTOMER_EDIT = "customer.item.edit"
    CUSTOMER_ARCHIVE = "customer.item.archive"
    CUSTOMER_RESTORE = "customer.item.restore"

    IMPORT_OPEN = "import.form.open"
    IMPORT_UNDO = "import.file.undo"
    EXPORT_OPEN = "export.form.open"

    HOOK_LIST = "hook.list.open"
    HOOK_NEW = "hook.form.open"
    HOOK_REVOKE = "hook.item.revoke"

    PRIVACY_RETENTION = "privacy.retention.open"
    PRIVACY_ERASE = "privacy.person.open"

    THEME_SAME = "theme.pair.same"
    THEME_DIFFERENT = "theme.pair.different"
    THEME_UNDO = "theme.answer.undo"
    THEME_PIN = "theme.item.pin"
    THEME_NOT_THIS = "theme.item.reject"

    THEME_BACK = "theme.item.back"

    THEME_LIST = "theme.list.open"
    THEME_FILTER = "theme.list.filter"
    THEME_OPEN = "theme.page.open"
    THEME_OLDER = "theme.page.older"
    THEME_SET_PIN = "theme.page.pin"
    THEME_RENAME = "theme.page.rename"
    THEME_DECLINE = "theme.page.decline"
    THEME_REOPEN = "theme.page.reopen"
    THEME_CONDITION = "theme.decline.condition"
    THEME_ASK = "theme.page.ask"
    THEME_UNASK = "theme.page.unask"
    THEME_SPLIT = "theme.split.yes"
    THEME_WHOLE = "theme.split.no"

    TRIAGE_OPEN = "triage.inbox.open"
    TRIAGE_CLOSE = "triage.inbox.close"
    TRIAGE_GO = "triage.inbox.go"
    TRIAGE_KEEP = "triage.item.keep"
    TRIAGE_KIND = "triage.item.kind"
    TRIAGE_THEME = "triage.item.theme"
    TRIAGE_LATER = "triage.item.later"
    TRIAGE_DISMISS = "triage.item.dismiss"
    TRIAGE_UNDO = "triage.item.undo"

    AREA_LIST = "area.list.open"
    AREA_ADD = "area.item.add"
    AREA_EDIT = "area.item.edit"
    AREA_REMOVE = "area.item.remove"

    TOLD_TOLD = "told.item.told"
    TOLD_EDIT = "told.item.edit"
    TOLD_NOT_NEEDED = "told.item.not_needed"
    TOLD_UNDO = "told.item.undo"

    LAUNCH_STAGE = "launch.stage.move"
    LAUNCH_EDIT = "launch.item.edit"
    LAUNCH_UPDATE = "launch.update.write"
    LAUNCH_OPEN = "launch.form.open"
    LAUNCH_OFFER_TAKE = "launch.offer.take"
    LAUNCH_OFFER_DECLINE = "launch.offer.decline"
    LAUNCH_BET_FOLD = "launch.bet.fold"
    LAUNCH_BET_KIND = "launch.bet.kind"
    LAUNCH_BET_METRIC = "launch.bet.metric"
    LAUNCH_BET_TARGET = "launch.bet.target"
    LAUNCH_BET_DATE = "launch.bet.date"
    LAUNCH_VERDICT = "launch.verdict.give"
    LAUNCH_VERDICT_CHANGE = "launch.verdict.change"
    LAUNCH_TITLE = "launch.form.title"
    LAUNCH_CREW = "launch.crew.open"
    LAUNCH_ROLE = "launch.role.claim"
    LAUNCH_ROLE_LEAVE = "launch.role.leave"
    LAUNCH_GO = "launch.approval.go"
    LAUNCH_NO_GO = "launch.approval.no_go"
    LAUNCH_ITEM = "launch.item.tick"
    LAUNCH_ANNOUNCE = "launch.announcement.draft"
    LAUNCH_WORD = "launch.announcement.word"
    LAUNCH_STEP = "launch.step.answer"
    LAUNCH_REACTION = "launch.reaction.answer"

    DECISION_OPEN = "decision.form.open"
    DECISION_DRAFT = "decision.draft.open"
    DECISION_TITLE = "decision.form.title"
    DECISION_ACCEPT = "decision.item.accept"
    DECISION_EDIT = "decision.item.edit"
    DECISION_SUPERSEDE = "decision.item.supersede"
    DECISION_RETIRE = "decision.item.retire"
    DECISION_HOLDS = "decision.revisit.holds"
    DECISION_EXTEND = "decision.revisit.extend"
    DECISION_REOPEN = "decision.revisit.reopen"
    DECISION_BET_OPEN = "decision.bet.open"
    DECISION_BET_CHANGE = "decision.bet.change"  # with the field that was changed

    WHY_SHOW = "why.story.show"

    ALERT_SEEN = "alert.item.seen"
    ALERT_LEAVE = "alert.item.leave"
    ALERT_EXCUSE = "alert.item.excuse"
    ALERT_UNEXCUSE = "alert.item.unexcuse"
    ALERT_MUTE = "alert.mute.open"
    ALERT_UNMUTE = "alert.item.unmute"
    ALERT_UNMUTE_ONE = "alert.metric.unmute"

    DIGEST_NEW = "digest.form.open"
    DIGEST_NEW_FEEDBACK = "digest.form.feedback"
    DIGEST_NEW_LAUNCHES = "digest.form.launches"
    DIGEST_TARGET = "digest.form.target"
    DIGEST_SCHEDULE = "digest.form.schedule"
    DIGEST_TEST = "digest.card.test"
    DIGEST_SEND = "digest.card.send"
    DIGEST_EDIT = "digest.card.edit"
    DIGEST_PAUSE = "digest.card.pause"
    DIGEST_RESUME = "digest.card.resume"
    DIGEST_REMOVE = "digest.card.remove"
    DIGEST_EXPLAIN = "digest.metric.explain"

    DIGEST_USEFUL = "digest.post.useful"
    DIGEST_NOT_USEFUL = "digest.post.not_useful"
    DIGEST_SNOOZE = "digest.post.snooze"
    DIGEST_WAKE = "digest.post.wake"
    DIGEST_KEEP = "digest.card.keep"
    DIGEST_RESTORE = "digest.card.restore"

    METRIC_LIST = "metric.list.open"
    METRIC_NEW = "metric.form.open"
    METRIC_SOURCE = "metric.form.source"
    METRIC_EDIT = "metric.item.edit"
    METRIC_READ = "metric.item.read"
    METRIC_RETIRE = "metric.item.retire"
    METRIC_RESTORE = "metric.item.restore"

    RETRO_TEMPLATE = "retro.form.template"
    RETRO_SCHEDULE = "retro.form.schedule"
    RETRO_ANSWER = "retro.run.answer"
    RETRO_CLOSE = "retro.run.close"
    RETRO_ACTIONS = "retro.actions.add"
    RETRO_CHECK = "retro.action.check"
    RETRO_WORD = "retro.action.word"
    RETRO_RUN = "retro.series.run"
    RETRO_PAUSE = "retro.series.pause"
    RETRO_RESUME = "retro.series.resume"
    RETRO_REMOVE = "retro.series.remove"


class Form(StrEnum):
    """Callback ids of modals."""

    PROBLEM = "daybook.problem"

    HANDOVER = "handover.form.save"

    CALENDAR_TEAM = "calendar.team.save"
    CALENDAR_OWN = "calendar.own.save"

    FEEDBACK_LOG = "feedback.form.log"
    FEEDBACK_EDIT = "feedback.form.edit"
    FEEDBACK_CAPTURE = "feedback.form.capture"
    FEEDBACK_REDACT = "feedback.form.redact"

    EXPORT = "export.form.make"

    CUSTOMERS = "customer.list.show"
    CUSTOMER = "customer.form.save"

    IMPORT = "import.form.begin"

    HOOK = "hook.form.save"

    PRIVACY_RETENTION = "privacy.retention.save"
    ERASE_WHOM = "privacy.person.show"
    ERASE = "privacy.person.erase"

    AREAS = "area.list.show"
    AREA = "area.form.save"

    THEME_LIST = "theme.list.show"
    THEME_PAGE = "theme.page.show"
    THEME_NAME = "theme.form.name"
    THEME_DECLINE = "theme.form.decline"
    THEME_ASK = "theme.form.ask"

    TOLD_DRAFT = "told.form.draft"

    LAUNCH = "launch.form.launch"
    LAUNCH_ROLL_BACK = "launch.form.roll_back"
    LAUNCH_UPDATE = "launch.form.update"
    LAUNCH_VERDICT = "launch.form.verdict"
    LAUNCH_CREW = "launch.form.crew"
    LAUNCH_NO_GO = "launch.form.no_go"
    LAUNCH_ANYWAY = "launch.form.anyway"
    LAUNCH_ANNOUNCE = "launch.form.announce"

    DECISION = "decision.form.submit"
    DECISION_RETIRE = "decision.form.retire"
    DECISION_BET = "decision.form.bet"

    ALERT_MUTE = "alert.mute.save"

    DIGEST = "digest.form.submit"
    DIGEST_CARD = "digest.card.show"
    DIGEST_METRIC = "digest.metric.show"

    METRIC = "metric.form.submit"
    METRIC_DONE = "metric.form.done"

    RETRO = "retro.form.submit"
    RETRO_ANSWER = "retro.answer.submit"
    RETRO_ACTIONS = "retro.actions.submit"
    RETRO_WORD = "retro.word.submit"


class Shortcut(StrEnum):
    """Callback ids of shortcuts, as in app.yaml."""

    LOG_FEEDBACK = "feedback.message.log"
    LOG_DECISION = "decision.message.log"
    LOG_LAUNCH = "launch.message.log"
    NEW_LAUNCH = "launch.new"
