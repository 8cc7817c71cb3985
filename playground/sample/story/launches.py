"""The other launches: one due next morning, one that cannot be told soon, one judged by hand."""

from playground.sample.acts import (
    Act,
    ChangeStage,
    Guardrail,
    JudgedByHand,
    Launch,
    MoveMetric,
    React,
    Say,
)
from playground.sample.story.themes import ANNUAL, FIRST_STEPS, OFFLINE
from playground.sample.team import (
    CALEB,
    DANA,
    GENERAL,
    JONAS,
    LENA,
    MAEVE,
    NOOR,
    PRIYA,
    PRODUCT,
    TOMAS,
)
from playground.sample.timeline import Day, Moment

CHECKLIST = "first-count-checklist"
ANNUAL_OFFER = "annual-billing-offer"
OFFLINE_PROTOTYPE = "offline-counting-prototype"

_CHECKLIST: tuple[Act, ...] = (
    Launch(
        Moment(11, "15:05"),
        CHECKLIST,
        JONAS,
        PRODUCT,
        "First-count checklist",
        "Five steps from an empty screen to a first finished count, in the corner, until they are done.",
        JONAS,
        "First week",
        "planned",
        bet=MoveMetric(
            "activation_rate",
            check=Day(0),
            confidence=60,
            guardrails=(Guardrail("sign_ups", -10),),
        ),
        asked_by=(FIRST_STEPS,),
    ),
    ChangeStage(
        Moment(10, "10:40"), CHECKLIST, JONAS, "live", "Every new team sees it from today on."
    ),
    Say(
        Moment(10, "10:46"),
        JONAS,
        PRODUCT,
        "The first-count checklist is live for new teams. Today {activation_before} % of them finish a first count on their first day. My bet: {activation_target} % in two weeks. Mo from the bakery gets a personal invitation to try again.",
        "checklist-live",
    ),
    React(Moment(10, "10:50"), MAEVE, "checklist-live", "hatching_chick"),
    React(Moment(10, "10:58"), LENA, "checklist-live", "tada"),
    Say(
        Moment(10, "11:15"),
        MAEVE,
        PRODUCT,
        "I like it. My doubt stays the same: step two opens the big settings page. That is where I would get off the train.",
        "checklist-doubt",
        "checklist-live",
    ),
    Say(
        Moment(10, "11:22"),
        JONAS,
        PRODUCT,
        "Fair. Let the number decide whether that page is next.",
        "checklist-doubt-jonas",
        "checklist-live",
    ),
    Say(
        Moment(5, "11:40"),
        NOOR,
        PRODUCT,
        "Mo tried again and got lost on exactly that page, see #customer-voice. Maeve, you may say it.",
        "checklist-mo",
        "checklist-live",
    ),
    Say(
        Moment(5, "11:44"),
        MAEVE,
        PRODUCT,
        "I would never. (I told you so, with love.)",
        "checklist-mo-maeve",
        "checklist-live",
    ),
    React(Moment(5, "11:46"), JONAS, "checklist-mo-maeve", "joy"),
    Say(
        Moment(1, "08:41"),
        JONAS,
        PRODUCT,
        "The checklist's two weeks are nearly up, the verdict comes with the next digest. I have stared at the daily numbers too often, and on their own they tell me nothing.",
        "checklist-tomorrow",
    ),
)

_ANNUAL: tuple[Act, ...] = (
    Launch(
        Moment(7, "17:30"),
        ANNUAL_OFFER,
        DANA,
        PRODUCT,
        "Annual billing in the app",
        "A switch to yearly billing on the plan page: ten months' price for twelve, one invoice.",
        DANA,
        "Billing",
        "planned",
        bet=MoveMetric("annual_upgrades", check=Day(-25), confidence=55),
        asked_by=(ANNUAL,),
    ),
    ChangeStage(
        Moment(6, "16:10"), ANNUAL_OFFER, DANA, "live", "On the plan page for every paying team."
    ),
    Say(
        Moment(6, "16:15"),
        DANA,
        PRODUCT,
        "One can now pay for a year without writing to me. We have about {upgrades_before} upgrades a day, I hope for {upgrades_target}. With so few a day it will take long to know, and I am at peace with that.",
        "annual-live",
    ),
    React(Moment(6, "16:18"), LENA, "annual-live", "moneybag"),
    Say(
        Moment(6, "16:31"),
        CALEB,
        PRODUCT,
        'Respect for writing "we will not know for weeks" on launch day.',
        "annual-respect",
        "annual-live",
    ),
    Say(
        Moment(4, "15:35"),
        DANA,
        PRODUCT,
        "Three upgrades before lunch, then none. I have stopped refreshing.",
        "annual-refreshing",
        "annual-live",
    ),
)

_OFFLINE: tuple[Act, ...] = (
    Say(
        Moment(9, "10:25"),
        PRIYA,
        PRODUCT,
        "Four customers in two weeks cannot count where there is no signal. I have a prototype that keeps the count on the phone and sends it later. I would like eight real people to try it before we build the rest.",
        "offline-proposal",
    ),
    Say(
        Moment(9, "10:33"),
        LENA,
        PRODUCT,
        "Yes please. What would convince you to throw it away?",
        "offline-proposal-lena",
        "offline-proposal",
    ),
    Say(
        Moment(9, "10:41"),
        PRIYA,
        PRODUCT,
        "If fewer than five of eight finish a fifty-item count in aeroplane mode without asking me anything.",
        "offline-proposal-priya",
        "offline-proposal",
    ),
    React(Moment(9, "10:44"), LENA, "offline-proposal-priya", "100"),
    Launch(
        Moment(8, "09:50"),
        OFFLINE_PROTOTYPE,
        PRIYA,
        PRODUCT,
        "Counting without signal, prototype",
        "The phone keeps the count and sends it when the signal is back. Eight customers try it.",
        PRIYA,
        "Counting",
        "beta",
        bet=JudgedByHand(
            "5 of 8 people finish a count of 50 items in aeroplane mode without asking for help",
            check=Day(-10),
            confidence=65,
        ),
        asked_by=(OFFLINE,),
    ),
    Say(
        Moment(4, "12:20"),
        PRIYA,
        PRODUCT,
        "First two try-outs done, both in real cellars. Pilar found a bug that only exists between two floors. Greta wants it yesterday.",
        "offline-first-two",
    ),
    React(Moment(4, "12:26"), NOOR, "offline-first-two", "eyes"),
    Say(
        Moment(2, "09:48"),
        TOMAS,
        GENERAL,
        "Priya counted 50 cans of sardines in a lift to test the offline prototype. The neighbours have questions.",
        "offline-sardines",
    ),
    React(Moment(2, "09:55"), PRIYA, "offline-sardines", "fish"),
    React(Moment(2, "10:02"), MAEVE, "offline-sardines", "joy"),
)

OTHER_LAUNCHES: tuple[Act, ...] = _CHECKLIST + _ANNUAL + _OFFLINE
