"""What customers said about things that have since been shipped or declined."""

from playground.sample.acts import Act, Say
from playground.sample.story.quotes import heard, quote
from playground.sample.story.themes import ANNUAL, FIRST_STEPS, IMPORT, SINGLE_SIGN_ON
from playground.sample.team import (
    ARJUN,
    DANA,
    EXT_NORTHWIND,
    GRETA,
    JONAS,
    MAEVE,
    NOOR,
    TOMAS,
)
from playground.sample.timeline import Moment

_IMPORT: tuple[Act, ...] = (
    *heard(
        quote(
            "import-bestand",
            Moment(19, "09:22"),
            NOOR,
            "*Saltmarsh Coffee Roasters*, e-mail from Hana Littlebeck, hana@saltmarsh.example",
            'I exported our bean list from the spreadsheet and your import says "unknown column: Bestand". That is simply German for stock. I gave up after the fourth try and typed all 130 beans by hand.',
        ),
        TOMAS,
        "bug",
        IMPORT,
        "saltmarsh",
    ),
    *heard(
        quote(
            "import-comma",
            Moment(19, "11:47"),
            ARJUN,
            "*Juniper Bay Clinics*, ticket from yusra@juniperbay.example",
            "The import reads our decimal comma wrong: 1,5 litres of disinfectant became 15 litres. A nurse noticed before we ordered, but this scared us.",
        ),
        NOOR,
        "bug",
        IMPORT,
        "juniperbay",
        "blocking",
    ),
    *heard(
        quote(
            "import-spins",
            Moment(18, "16:35"),
            DANA,
            "*Quillfeather Toys*, from my call with Bastian (bastian@quillfeather.example)",
            '4,200 toys in one CSV file. The import spins, then says "something went wrong". Which rows made it? Which did not? I have no way to know, so I start again from zero.',
        ),
        TOMAS,
        "bug",
        IMPORT,
        "quillfeather",
    ),
    *heard(
        Say(
            Moment(18, "10:12"),
            GRETA,
            EXT_NORTHWIND,
            "Good morning from hall 2! Could the import remember which of my columns is which? I map the same nine columns every Monday, and every Monday I get number seven wrong.",
            "import-remember",
        ),
        NOOR,
        "request",
        IMPORT,
        "northwind",
    ),
    *heard(
        quote(
            "import-planks",
            Moment(16, "10:41"),
            ARJUN,
            "*Oakline Joinery*, chat with Elke Tannhorst (elke@oakline.example)",
            "How do I import a plank that comes in three lengths? One row with three columns, or three rows? The import page does not say.",
        ),
        ARJUN,
        "question",
        IMPORT,
        "oakline",
        "nice to have",
    ),
    *heard(
        quote(
            "import-two-minutes",
            Moment(12, "09:55"),
            NOOR,
            '*Saltmarsh Coffee Roasters*, hana@saltmarsh.example again, subject line "well!"',
            "Whoever built the new import: it knew by itself that Bestand means stock. The whole list was in within two minutes. I had put the kettle on for a long wait and did not need it.",
        ),
        MAEVE,
        "praise",
        IMPORT,
        "saltmarsh",
        "nice to have",
    ),
    *heard(
        Say(
            Moment(11, "09:31"),
            GRETA,
            EXT_NORTHWIND,
            "It remembered all nine columns. Even number seven. I may have cheered out loud between two pallets.",
            "import-nine-columns",
        ),
        TOMAS,
        "praise",
        IMPORT,
        "northwind",
        "nice to have",
    ),
    *heard(
        quote(
            "import-row-reason",
            Moment(8, "12:18"),
            ARJUN,
            "*Bluebarrow Books*, imogen@bluebarrow.example",
            "Your import now tells me the row and the reason. Six wrong ISBNs, fixed, done before my tea was cold. More software should talk like that.",
        ),
        JONAS,
        "praise",
        IMPORT,
        "bluebarrow",
        "nice to have",
    ),
)

_FIRST_STEPS: tuple[Act, ...] = (
    *heard(
        quote(
            "first-empty-screen",
            Moment(19, "14:08"),
            NOOR,
            "*Marrow Street Bakery* (trial), mo@marrowstreet.example",
            "I signed up and saw an empty screen with a small bird on it. Lovely bird. But I did not know what to do next, so I closed it and went back to my clipboard.",
        ),
        JONAS,
        "request",
        FIRST_STEPS,
        "marrowstreet",
    ),
    *heard(
        quote(
            "first-need-import",
            Moment(16, "12:26"),
            ARJUN,
            "*Vellum & Thread*, pilar@vellumthread.example",
            "Where do I start? Do I have to import everything before I can count one shelf? I clicked around for half an hour and was none the wiser.",
        ),
        JONAS,
        "question",
        FIRST_STEPS,
        "vellumthread",
    ),
    *heard(
        quote(
            "first-location",
            Moment(14, "15:20"),
            NOOR,
            "*Oakline Joinery*, elke@oakline.example on the phone",
            'My apprentice started on her own and stopped at "create a location". What is a location? The shelf, the room, the town? She is clever. The word is not.',
        ),
        MAEVE,
        "request",
        FIRST_STEPS,
        "oakline",
    ),
    *heard(
        quote(
            "first-forty-settings",
            Moment(5, "11:02"),
            NOOR,
            "*Marrow Street Bakery*, mo@marrowstreet.example, after another try",
            "The list of first steps is friendly. But step two drops me on a page with forty settings, and there I was lost again. I only want to count flour.",
        ),
        JONAS,
        "bug",
        FIRST_STEPS,
        "marrowstreet",
    ),
)

_SINGLE_SIGN_ON: tuple[Act, ...] = (
    *heard(
        quote(
            "sso-sixty-seats",
            Moment(17, "18:15"),
            DANA,
            "*Quillfeather Toys*, their IT lead via bastian@quillfeather.example",
            "For sixty seats our IT wants SAML single sign-on and no new passwords. Without it we stay at twelve seats in the warehouse.",
        ),
        DANA,
        "request",
        SINGLE_SIGN_ON,
        "quillfeather",
    ),
    *heard(
        quote(
            "sso-auditor",
            Moment(12, "17:40"),
            DANA,
            "*Juniper Bay Clinics*, yusra@juniperbay.example",
            "Do you support single sign-on with our identity provider? Our auditor asks, and I would like to answer her this month.",
        ),
        NOOR,
        "question",
        SINGLE_SIGN_ON,
        "juniperbay",
    ),
    *heard(
        quote(
            "sso-leavers",
            Moment(7, "16:22"),
            DANA,
            "*Copperleaf Garden Centres*, ottilie@copperleaf.example",
            "We have many seasonal people. With single sign-on a leaver would lose access the same evening, without me keeping a list on the fridge.",
        ),
        DANA,
        "request",
        SINGLE_SIGN_ON,
        "copperleaf",
    ),
)

_ANNUAL: tuple[Act, ...] = (
    *heard(
        quote(
            "annual-one-invoice",
            Moment(15, "13:33"),
            NOOR,
            "*Bluebarrow Books*, imogen@bluebarrow.example",
            "Can we pay once a year? Our bookkeeper charges by the invoice, and twelve small ones from you are the most expensive part of Tallywren.",
        ),
        DANA,
        "request",
        ANNUAL,
        "bluebarrow",
    ),
    *heard(
        quote(
            "annual-up-front",
            Moment(11, "19:05"),
            DANA,
            "*Harrow & Pike Cycles*, Rufus at rufus@harrowpike.example",
            "Happy to pay the whole year up front if it comes out a bit cheaper. Winter is quiet for bikes and one bill in summer suits us.",
        ),
        DANA,
        "request",
        ANNUAL,
        "harrowpike",
        "nice to have",
    ),
    *heard(
        quote(
            "annual-where",
            Moment(4, "14:11"),
            NOOR,
            "*Saltmarsh Coffee Roasters*, hana@saltmarsh.example",
            "A friend says one can pay for the year now. Where is that? I looked under Account, Team and, in despair, under Beans.",
        ),
        NOOR,
        "question",
        ANNUAL,
        "saltmarsh",
        "nice to have",
    ),
)

SHIPPED_QUOTES: tuple[Act, ...] = _IMPORT + _FIRST_STEPS + _SINGLE_SIGN_ON + _ANNUAL
