"""What customers said about things that nobody has answered yet, and the guide's first step."""

from playground.sample.acts import Act, Say
from playground.sample.story.quotes import heard, quote
from playground.sample.story.themes import LOW_STOCK, OFFLINE, SLOW_PAGE, STOCKPINE
from playground.sample.team import (
    ARJUN,
    CALEB,
    DANA,
    EXT_NORTHWIND,
    GRETA,
    LENA,
    MAEVE,
    NOOR,
    PRIYA,
)
from playground.sample.timeline import Moment

GUIDE_MESSAGE = "low-stock-brake-pads"
"""A customer's message that nobody has reacted to: the guide asks the visitor to."""

_OFFLINE: tuple[Act, ...] = (
    *heard(
        Say(
            Moment(17, "15:48"),
            GRETA,
            EXT_NORTHWIND,
            "Hall 3 has no signal at all. When the phone goes to sleep in the middle of a count, everything since the last save is gone. Yesterday that was two hours of tents.",
            "offline-hall-three",
        ),
        PRIYA,
        "bug",
        OFFLINE,
        "northwind",
        "blocking",
    ),
    *heard(
        quote(
            "offline-basement",
            Moment(15, "10:05"),
            NOOR,
            "*Harrow & Pike Cycles*, rufus@harrowpike.example",
            "Our store is a basement with walls like a castle, no signal. I count on paper and type it in at the top of the stairs. Please let the phone count offline.",
        ),
        PRIYA,
        "request",
        OFFLINE,
        "harrowpike",
    ),
    *heard(
        quote(
            "offline-greenhouses",
            Moment(13, "17:12"),
            DANA,
            "*Copperleaf Garden Centres*, my quarterly call with Ottilie (ottilie@copperleaf.example)",
            "The greenhouses have no wifi and no signal. If a count cannot survive twenty minutes offline, we cannot roll you out to the other six centres.",
        ),
        PRIYA,
        "request",
        OFFLINE,
        "copperleaf",
        "blocking",
    ),
    *heard(
        quote(
            "offline-pier",
            Moment(7, "10:37"),
            ARJUN,
            "*Tern Island Chandlery*, sorcha@ternisland.example",
            'Out on the pier the signal dropped, the count hung at "saving", and the last forty items were gone. The gulls found it funny.',
        ),
        NOOR,
        "bug",
        OFFLINE,
        "ternisland",
    ),
    *heard(
        quote(
            "offline-cellar",
            Moment(10, "12:50"),
            NOOR,
            "*Vellum & Thread*, pilar@vellumthread.example",
            "Does counting work in aeroplane mode? Our fabric cellar has no signal and I would rather not carry four hundred rolls upstairs.",
        ),
        PRIYA,
        "question",
        OFFLINE,
        "vellumthread",
    ),
)

_LOW_STOCK: tuple[Act, ...] = (
    *heard(
        quote(
            "low-stock-three-copies",
            Moment(16, "15:02"),
            NOOR,
            "*Bluebarrow Books*, imogen@bluebarrow.example",
            "Please warn me when the stock of a title runs low, before a customer tells me. I heard about the last one from a disappointed seven-year-old.",
        ),
        MAEVE,
        "request",
        LOW_STOCK,
        "bluebarrow",
    ),
    *heard(
        quote(
            "low-stock-rye",
            Moment(13, "11:29"),
            ARJUN,
            "*Marrow Street Bakery* (trial), mo@marrowstreet.example",
            "We ran out of rye flour at five in the morning. The app knew that stock was low, we did not. Please send a low stock warning the evening before.",
        ),
        NOOR,
        "request",
        LOW_STOCK,
        "marrowstreet",
    ),
    *heard(
        quote(
            "low-stock-sunday-walk",
            Moment(8, "09:44"),
            ARJUN,
            "*Tern Island Chandlery*, sorcha@ternisland.example",
            "I need a warning when the stock of rope or shackles runs low. It would save me my Sunday walk along the shelves. My knees vote for it too.",
        ),
        NOOR,
        "request",
        LOW_STOCK,
        "ternisland",
    ),
    *heard(
        quote(
            "low-stock-minimum",
            Moment(5, "15:36"),
            NOOR,
            "*Vellum & Thread*, pilar@vellumthread.example",
            "Is there a way to be warned when stock runs low, say a minimum for each shelf of linen? I cannot find one.",
        ),
        MAEVE,
        "question",
        LOW_STOCK,
        "vellumthread",
        "nice to have",
    ),
    quote(
        GUIDE_MESSAGE,
        Moment(1, "08:24"),
        ARJUN,
        "*Harrow & Pike Cycles*, e-mail overnight from Rufus, rufus@harrowpike.example",
        "I need a low stock warning, please: warn me when brake pads run low. Yesterday we sold the last pair twice, and now I owe somebody an apology and a bicycle.",
    ),
)

_SLOW_PAGE: tuple[Act, ...] = (
    *heard(
        quote(
            "slow-nine-seconds",
            Moment(15, "16:44"),
            DANA,
            "*Quillfeather Toys*, bastian@quillfeather.example",
            "Since we passed 20,000 articles the stock page needs nine seconds to open. My people now hum a song while they wait. I know it by heart.",
        ),
        CALEB,
        "bug",
        SLOW_PAGE,
        "quillfeather",
    ),
    *heard(
        Say(
            Moment(9, "09:12"),
            GRETA,
            EXT_NORTHWIND,
            "The stock page is slow again this morning. Scrolling the long list feels like wading through wet sand.",
            "slow-wet-sand",
        ),
        NOOR,
        "bug",
        SLOW_PAGE,
        "northwind",
    ),
    *heard(
        quote(
            "slow-tablets",
            Moment(3, "12:05"),
            ARJUN,
            "*Juniper Bay Clinics*, yusra@juniperbay.example",
            "Opening the stock page freezes the tablets on the wards for several seconds when the list is long. The nurses have started to go round it.",
        ),
        PRIYA,
        "bug",
        SLOW_PAGE,
        "juniperbay",
    ),
)

_STOCKPINE: tuple[Act, ...] = (
    *heard(
        quote(
            "stockpine-ferrous",
            Moment(14, "20:10"),
            DANA,
            "*Ferrous Yard Metals*, exit call with Ludo (ludo@ferrousyard.example)",
            "We moved to Stockpine. Their scanner works without signal in the yard and yours does not. Nothing personal, I will miss your support people.",
        ),
        LENA,
        "competitor",
        STOCKPINE,
        "ferrousyard",
        minutes=20,
    ),
    *heard(
        quote(
            "stockpine-three-months",
            Moment(10, "18:28"),
            DANA,
            "*Copperleaf Garden Centres*, ottilie@copperleaf.example",
            "Stockpine offers us three months free, with single sign-on included. I would rather stay with you. Give me something I can tell my board.",
        ),
        DANA,
        "competitor",
        STOCKPINE,
        "copperleaf",
        "blocking",
    ),
    *heard(
        quote(
            "stockpine-kinder",
            Moment(6, "11:15"),
            ARJUN,
            "*Tern Island Chandlery*, sorcha@ternisland.example",
            "We came to you from Stockpine. Counting is kinder here, but their reorder list was handy on a Friday afternoon.",
        ),
        MAEVE,
        "competitor",
        STOCKPINE,
        "ternisland",
        "nice to have",
    ),
)

_ALONE: tuple[Act, ...] = (
    *heard(
        quote(
            "praise-wren",
            Moment(7, "13:52"),
            NOOR,
            "*Vellum & Thread*, pilar@vellumthread.example",
            "The little wren that hops when a count is complete: my daughter claps every time. Whoever drew it, thank you from both of us.",
        ),
        MAEVE,
        "praise",
        None,
        "vellumthread",
        "nice to have",
    ),
    quote(
        "unmarked-labels",
        Moment(3, "16:20"),
        DANA,
        "*Quillfeather Toys*, bastian@quillfeather.example",
        "Could the label printer remember the paper size? It asks me before every single print, and the answer has been the same since spring.",
    ),
)

OPEN_QUOTES: tuple[Act, ...] = _OFFLINE + _LOW_STOCK + _SLOW_PAGE + _STOCKPINE + _ALONE
