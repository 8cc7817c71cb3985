"""Everyday life: #general, #leadership, the shared channel, digests, and an honest no."""

from playground.sample.acts import (
    Act,
    DeclineTheme,
    JudgedByHand,
    LogDecision,
    React,
    Say,
    SubscribeDigest,
)
from playground.sample.story.themes import SINGLE_SIGN_ON
from playground.sample.team import (
    ARJUN,
    CALEB,
    DANA,
    EXT_NORTHWIND,
    GENERAL,
    GRETA,
    JONAS,
    LEADERSHIP,
    LENA,
    MAEVE,
    NOOR,
    PRIYA,
    PRODUCT,
    TOMAS,
)
from playground.sample.timeline import ZONE_NAME, Day, Moment

NO_SINGLE_SIGN_ON = "no-single-sign-on"
TEAM_DIGEST = "product-numbers"
REVENUE_DIGEST = "revenue"

_GENERAL: tuple[Act, ...] = (
    Say(
        Moment(19, "09:05"),
        LENA,
        GENERAL,
        "New this week: Daybook lives in our Slack. It keeps what we decide, what we expect and what came of it, so that I can stop being the team's memory. My memory is bad.",
        "hello-daybook",
    ),
    React(Moment(19, "09:09"), NOOR, "hello-daybook", "wave"),
    React(Moment(19, "09:30"), JONAS, "hello-daybook", "tada"),
    Say(
        Moment(19, "09:12"),
        MAEVE,
        GENERAL,
        "Does it remember where I put the good markers?",
        "hello-daybook-maeve",
        "hello-daybook",
    ),
    Say(
        Moment(19, "09:14"),
        LENA,
        GENERAL,
        "Second drawer, Lisbon. You see, no software needed.",
        "hello-daybook-lena",
        "hello-daybook",
    ),
    Say(
        Moment(14, "15:30"),
        CALEB,
        GENERAL,
        "Good morning from New York. It is raining sideways, so the importer launch is the best weather I had today.",
        "rain",
    ),
    React(Moment(14, "15:36"), DANA, "rain", "umbrella_with_rain_drops"),
    Say(
        Moment(12, "10:00"),
        ARJUN,
        GENERAL,
        'Three years at Tallywren today. First ticket I ever answered was "where is the bird?". It was behind the logo.',
        "anniversary",
    ),
    React(Moment(12, "10:01"), NOOR, "anniversary", "birthday"),
    React(Moment(12, "10:03"), LENA, "anniversary", "birthday"),
    React(Moment(12, "10:12"), TOMAS, "anniversary", "bird"),
    Say(
        Moment(12, "10:05"),
        NOOR,
        GENERAL,
        "Three years in which I have never once had to check whether a customer was treated well. Thank you, Arjun.",
        "anniversary-noor",
        "anniversary",
    ),
    Say(
        Moment(8, "11:30"),
        MAEVE,
        GENERAL,
        "I drew the wren in a tiny high-visibility vest for the warehouse posters. Objections are not accepted.",
        "vest",
    ),
    React(Moment(8, "11:31"), PRIYA, "vest", "safety_vest"),
    React(Moment(8, "11:35"), JONAS, "vest", "heart_eyes"),
    React(Moment(8, "15:10"), DANA, "vest", "heart"),
    Say(
        Moment(3, "09:15"),
        JONAS,
        GENERAL,
        "I will be out after 15:00 today, my son has his first football match. He is goalkeeper. He is afraid of balls. Wish us luck.",
        "football",
    ),
    React(Moment(3, "09:18"), LENA, "football", "four_leaf_clover"),
    Say(
        Moment(2, "09:01"),
        JONAS,
        GENERAL,
        'Lost 9 to 1, happiest child in Berlin. He says one goal is "not nothing".',
        "football-result",
    ),
    React(Moment(2, "09:04"), NOOR, "football-result", "soccer"),
    React(Moment(2, "09:20"), MAEVE, "football-result", "heart"),
)

_DIGESTS: tuple[Act, ...] = (
    SubscribeDigest(
        Moment(6, "14:00"),
        TEAM_DIGEST,
        LENA,
        "Product numbers",
        PRODUCT,
        ("sign_ups", "activation_rate", "importing_teams", "error_rate", "p95_latency"),
        "09:00",
        ZONE_NAME,
    ),
    Say(
        Moment(6, "14:05"),
        LENA,
        PRODUCT,
        "From tomorrow the numbers come here at 09:00 Berlin on working days, so nobody has to open the dashboard with the eleven tabs. If it bores you, say so and I turn it down.",
        "digest-hello",
    ),
    React(Moment(6, "14:12"), TOMAS, "digest-hello", "pray"),
    SubscribeDigest(
        Moment(6, "14:10"),
        REVENUE_DIGEST,
        LENA,
        "Revenue",
        LEADERSHIP,
        ("revenue", "annual_upgrades"),
        "09:30",
        ZONE_NAME,
    ),
)

_LEADERSHIP: tuple[Act, ...] = (
    Say(
        Moment(13, "17:55"),
        DANA,
        LEADERSHIP,
        "Copperleaf is wobbling. Offline counting and single sign-on, in that order. I would not promise either date, but I would like to promise honesty.",
        "copperleaf-wobble",
    ),
    Say(
        Moment(13, "18:10"),
        LENA,
        LEADERSHIP,
        "Honesty we have in stock. Tell Ottilie about Priya's prototype as soon as there is one to hold, and invite her to break it.",
        "copperleaf-wobble-lena",
        "copperleaf-wobble",
    ),
    Say(
        Moment(6, "14:20"),
        LENA,
        LEADERSHIP,
        "Revenue comes to this channel at 09:30 from now on, and only to this one. Annual upgrades stand beside it, so that one big yearly payment does not make us think we are geniuses.",
        "revenue-hello",
    ),
    React(Moment(6, "14:26"), NOOR, "revenue-hello", "brain"),
    Say(
        Moment(2, "16:40"),
        DANA,
        LEADERSHIP,
        'Ottilie will try the prototype in her greenhouse. Her words: "If it survives my tomatoes, I stay." So now we need it to survive tomatoes.',
        "copperleaf-tomatoes",
    ),
    React(Moment(2, "16:44"), LENA, "copperleaf-tomatoes", "tomato"),
)

_NORTHWIND: tuple[Act, ...] = (
    Say(
        Moment(18, "10:20"),
        NOOR,
        EXT_NORTHWIND,
        "Good morning Greta! That is a very fair wish. Tomás is rebuilding the import as we speak, I pass it to him now.",
        "northwind-fair-wish",
        "import-remember",
    ),
    Say(
        Moment(17, "16:02"),
        PRIYA,
        EXT_NORTHWIND,
        "Two hours of tents, I am sorry. I will look at how the phone keeps a count. May I call you next week to see hall 3 through your camera?",
        "northwind-tents",
        "offline-hall-three",
    ),
    Say(
        Moment(17, "16:09"),
        GRETA,
        EXT_NORTHWIND,
        "You may. Bring a warm jacket, even through the camera.",
        "northwind-jacket",
        "offline-hall-three",
    ),
    React(Moment(17, "16:15"), PRIYA, "northwind-jacket", "snowflake"),
    Say(
        Moment(9, "09:40"),
        NOOR,
        EXT_NORTHWIND,
        "Seen, and passed on with the wet sand included. Caleb measures it today.",
        "northwind-wet-sand",
        "slow-wet-sand",
    ),
    Say(
        Moment(3, "10:30"),
        GRETA,
        EXT_NORTHWIND,
        "Stocktaking is in three weeks. Priya's prototype worked in hall 3 this morning, 212 tents, none lost. I did not want to give the phone back.",
        "northwind-212-tents",
    ),
    React(Moment(3, "10:34"), PRIYA, "northwind-212-tents", "tent"),
    React(Moment(3, "10:36"), NOOR, "northwind-212-tents", "heart"),
)

_NO: tuple[Act, ...] = (
    Say(
        Moment(5, "16:10"),
        DANA,
        PRODUCT,
        "Three business customers have asked for single sign-on. It is eight weeks of work and we have people for one big thing. I would rather say no clearly than maybe for a year.",
        "sso-question",
    ),
    Say(
        Moment(5, "16:22"),
        LENA,
        PRODUCT,
        "Agreed: counting without signal first. And we say what would change our mind.",
        "sso-lena",
        "sso-question",
    ),
    Say(
        Moment(5, "16:30"),
        NOOR,
        PRODUCT,
        'An honest no is easier to send than the fourth "we will look into it". Thank you.',
        "sso-noor",
        "sso-question",
    ),
    LogDecision(
        Moment(5, "16:45"),
        NO_SINGLE_SIGN_ON,
        DANA,
        PRODUCT,
        "No single sign-on this half-year",
        context="Three business customers asked. It would take eight weeks, and counting without signal needs the same people.",
        options=("Build SAML now", "Buy it from a provider", "Say no, with a condition"),
        choice="Say no, with a condition",
        rationale="Counting is why people buy us. An identity provider's price per seat would eat the margin of our small plans.",
        owner=DANA,
        participants=(LENA, NOOR),
        confidence=65,
        is_reversible=True,
        revisit=Day(-60),
        thread="sso-question",
        themes=(SINGLE_SIGN_ON,),
        bet=JudgedByHand(
            "At most one business customer leaves and names single sign-on as the reason",
            check=Day(-30),
            confidence=70,
        ),
    ),
    DeclineTheme(
        Moment(5, "16:50"),
        SINGLE_SIGN_ON,
        DANA,
        "Counting without signal needs the same people this half-year.",
        "Six business customers ask for it, or the offline work is done",
    ),
    React(Moment(5, "16:52"), CALEB, "sso-noor", "100"),
)

COMPANY_LIFE: tuple[Act, ...] = _GENERAL + _DIGESTS + _LEADERSHIP + _NORTHWIND + _NO
