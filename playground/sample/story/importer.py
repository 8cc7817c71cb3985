"""The launch that worked: from the decision to the verdict, the people told, and the retro."""

from playground.sample.acts import (
    Act,
    AnswerRetro,
    ChangeStage,
    CloseRetro,
    GiveVerdict,
    Guardrail,
    Launch,
    LogDecision,
    MoveMetric,
    OpenRetro,
    React,
    RetroAction,
    Say,
    TellAsker,
)
from playground.sample.story.themes import IMPORT
from playground.sample.team import (
    ARJUN,
    CALEB,
    CUSTOMER_VOICE,
    DANA,
    EXT_NORTHWIND,
    GRETA,
    JONAS,
    LENA,
    MAEVE,
    NOOR,
    PRODUCT,
    TOMAS,
)
from playground.sample.timeline import Day, Moment

IMPORTER = "guided-importer"
IMPORTER_RETRO = "importer-retro"
IMPORTER_FOR_ALL = "importer-for-all"

_DECISION: tuple[Act, ...] = (
    Say(
        Moment(18, "14:05"),
        TOMAS,
        PRODUCT,
        "The guided importer is nearly done: it guesses columns in six languages, understands decimal commas, and says which row failed and why. Question before I merge: everybody at once, or opt-in first?",
        "importer-question",
    ),
    Say(
        Moment(18, "14:11"),
        MAEVE,
        PRODUCT,
        "Opt-in means the people who are stuck today never find it. They do not open settings. They leave.",
        "importer-question-maeve",
        "importer-question",
    ),
    Say(
        Moment(18, "14:19"),
        NOOR,
        PRODUCT,
        "Support would love everybody at once, if there is a way back. Every second ticket of mine is a column name right now.",
        "importer-question-noor",
        "importer-question",
    ),
    Say(
        Moment(18, "14:31"),
        TOMAS,
        PRODUCT,
        "Then: everybody, and the old importer stays behind a link for thirty days. Writing it down.",
        "importer-question-answer",
        "importer-question",
    ),
    LogDecision(
        Moment(18, "14:36"),
        IMPORTER_FOR_ALL,
        TOMAS,
        PRODUCT,
        "The guided importer goes to everybody at once",
        context="Customers stumble over column names, decimal commas and silent failures. The guided importer handles all three and is ready.",
        options=(
            "Opt-in for a month, then switch",
            "Everybody at once, old importer behind a link for thirty days",
            "Keep the old importer and improve its error messages one by one",
        ),
        choice="Everybody at once, old importer behind a link for thirty days",
        rationale="People who are stuck do not look for settings. The link gives support a way back.",
        owner=TOMAS,
        participants=(MAEVE, NOOR),
        confidence=80,
        is_reversible=True,
        revisit=Day(-9),
        thread="importer-question",
        themes=(IMPORT,),
    ),
    React(Moment(18, "14:40"), LENA, "importer-question-answer", "raised_hands"),
)

_LAUNCH: tuple[Act, ...] = (
    Launch(
        Moment(18, "15:10"),
        IMPORTER,
        TOMAS,
        PRODUCT,
        "Guided CSV importer",
        "Guesses columns in six languages, understands decimal commas, names each failing row, remembers your mapping.",
        TOMAS,
        "Import",
        "planned",
        bet=MoveMetric(
            "importing_teams",
            check=Day(4),
            confidence=70,
            guardrails=(Guardrail("error_rate", 20), Guardrail("p95_latency", 10)),
        ),
        asked_by=(IMPORT,),
        decision=IMPORTER_FOR_ALL,
    ),
    ChangeStage(
        Moment(16, "11:30"), IMPORTER, TOMAS, "beta", "Five friendly teams, Northwind among them."
    ),
    Say(
        Moment(15, "17:20"),
        LENA,
        PRODUCT,
        "Given the outage: are we still comfortable shipping the importer tomorrow?",
        "importer-comfortable",
    ),
    Say(
        Moment(15, "17:34"),
        TOMAS,
        PRODUCT,
        "Yes. It reads in chunks of 500 lines and holds one connection. It would have prevented the thing, not caused it. Caleb watched me load 60,000 lines this afternoon.",
        "importer-comfortable-tomas",
        "importer-comfortable",
    ),
    Say(
        Moment(15, "17:41"),
        CALEB,
        PRODUCT,
        "I did. I also ate a sandwich meanwhile, that is how calm it was.",
        "importer-comfortable-caleb",
        "importer-comfortable",
    ),
    React(Moment(15, "17:45"), MAEVE, "importer-comfortable-caleb", "sandwich"),
    ChangeStage(
        Moment(14, "10:20"),
        IMPORTER,
        TOMAS,
        "live",
        "Everybody has it. The old importer is one link away for thirty days.",
    ),
    Say(
        Moment(14, "10:26"),
        TOMAS,
        PRODUCT,
        "The guided importer is live for every team. We stand at about {importers_before} importing teams a day; the bet is {importers_target} two weeks from now. If you see a strange file, send it to me, I collect them like stamps.",
        "importer-live",
    ),
    React(Moment(14, "10:28"), MAEVE, "importer-live", "tada"),
    React(Moment(14, "10:31"), NOOR, "importer-live", "tada"),
    React(Moment(14, "15:02"), DANA, "importer-live", "tada"),
    Say(
        Moment(14, "14:40"),
        NOOR,
        PRODUCT,
        "Four hours in: no column ticket yet. I keep refreshing the queue, it feels like a day off.",
        "importer-quiet-queue",
        "importer-live",
    ),
    Say(
        Moment(13, "08:35"),
        ARJUN,
        PRODUCT,
        "Night shift report: a team in Osaka imported 900 parts with Japanese headings. First try.",
        "importer-osaka",
        "importer-live",
    ),
    React(Moment(13, "09:02"), TOMAS, "importer-osaka", "heart"),
)

_TOLD: tuple[Act, ...] = (
    TellAsker(
        Moment(13, "11:05"),
        IMPORTER,
        "import-bestand",
        NOOR,
        "shipped",
        'Dear Hana, you told us that the import did not know "Bestand". Since yesterday it does, in six languages. Would you try your bean list once more? If it trips, I will fix the file with you.',
    ),
    TellAsker(
        Moment(13, "11:20"),
        IMPORTER,
        "import-remember",
        NOOR,
        "shipped",
        "Greta, the import now remembers your nine columns. Next time you should only have to press the button.",
    ),
    Say(
        Moment(13, "11:21"),
        NOOR,
        EXT_NORTHWIND,
        "@greta the import now remembers your nine columns. Next time you should only have to press the button. Tell us if number seven still misbehaves!",
        "importer-told-greta",
        "import-remember",
    ),
    React(Moment(13, "11:40"), GRETA, "importer-told-greta", "tada"),
    TellAsker(
        Moment(3, "11:25"),
        IMPORTER,
        "import-bestand",
        NOOR,
        "verdict",
        'Dear Hana, a small follow-up: two weeks on, clearly more teams get their list in than before. Your message about "Bestand" was the first of the pile that started it. Thank you.',
    ),
    Say(
        Moment(3, "11:27"),
        NOOR,
        CUSTOMER_VOICE,
        'Told Hana what came of her message. Her answer: "So I changed software by being annoyed at beans. Best day."',
        "importer-told-hana",
    ),
    React(Moment(3, "11:33"), TOMAS, "importer-told-hana", "coffee"),
    React(Moment(3, "11:52"), MAEVE, "importer-told-hana", "heart"),
)

_VERDICT: tuple[Act, ...] = (
    GiveVerdict(
        Moment(4, "11:15"),
        IMPORTER,
        TOMAS,
        "hit",
        "Naming the failing row did more than guessing the columns: the strange files I was sent all came with the fix already made. Next time ship the error messages first.",
        "keep",
    ),
    Say(
        Moment(4, "11:18"),
        TOMAS,
        PRODUCT,
        "Importer: from about {importers_before} to about {importers_after} teams a day, target was {importers_target}. I say hit. Lesson is in the launch's thread.",
        "importer-verdict",
    ),
    React(Moment(4, "11:20"), LENA, "importer-verdict", "clap"),
    React(Moment(4, "11:24"), NOOR, "importer-verdict", "clap"),
    Say(
        Moment(4, "15:12"),
        DANA,
        PRODUCT,
        "Reading this with my first coffee. May I tell Copperleaf? They need a reason to be proud of us this month.",
        "importer-verdict-dana",
        "importer-verdict",
    ),
    Say(
        Moment(4, "15:20"),
        TOMAS,
        PRODUCT,
        "Please do. With the real number, not a rounded-up one.",
        "importer-verdict-tomas",
        "importer-verdict",
    ),
)

_RETRO: tuple[Act, ...] = (
    OpenRetro(
        Moment(3, "10:00"),
        IMPORTER_RETRO,
        LENA,
        PRODUCT,
        "After a launch",
        "Guided importer: what do we keep?",
        (
            "What helped?",
            "What got in the way?",
            "What will we do differently next time?",
        ),
        (LENA, TOMAS, MAEVE, NOOR, CALEB, JONAS),
        IMPORTER,
    ),
    AnswerRetro(
        Moment(3, "10:22"),
        IMPORTER_RETRO,
        TOMAS,
        (
            "Five real files from five real customers before I wrote a line.",
            "The outage the week we wanted to ship. I lost a day and some nerve.",
            "Error messages first, cleverness second.",
        ),
    ),
    AnswerRetro(
        Moment(3, "11:48"),
        IMPORTER_RETRO,
        NOOR,
        (
            "The bet was written down, so nobody argued afterwards about what good looks like.",
            "I learned from the channel that it was live, customers learned from me. Order was wrong.",
            "Tell the people who asked on the day, not when I find a quiet hour.",
        ),
    ),
    AnswerRetro(
        Moment(3, "12:30"),
        IMPORTER_RETRO,
        MAEVE,
        (
            "Watching Elke's apprentice import a list while I kept my mouth shut.",
            "The old and the new importer look alike. Two people gave feedback on the wrong one.",
            "Take the old screen away sooner.",
        ),
    ),
    AnswerRetro(
        Moment(3, "15:41"),
        IMPORTER_RETRO,
        CALEB,
        (
            "Chunks of 500 lines. Boring and perfect.",
            "We loaded a big file for the first time the day before the launch.",
            "Try the ugliest file we have in the first week, not the last.",
        ),
    ),
    AnswerRetro(
        Moment(2, "09:35"),
        IMPORTER_RETRO,
        JONAS,
        (
            "Small beta with people who answer.",
            "I changed the empty state meanwhile and nearly broke the upload button.",
            "Say in #eng which screens are taken.",
        ),
    ),
    CloseRetro(
        Moment(2, "09:50"),
        IMPORTER_RETRO,
        LENA,
        "Real files and a written bet helped. The outage, a late load test and telling customers late got in the way.",
        (
            RetroAction(
                NOOR,
                "Tell everybody who asked on the day a launch goes live",
                Day(-5),
                "Askers hear it from us first",
                "Every asker of the next launch is marked as told within one working day",
            ),
            RetroAction(
                CALEB,
                "Keep a folder of the ugliest customer files and load them in a launch's first week",
                Day(-8),
                "No surprise under load in launch week",
                "The folder holds at least ten files and the next launch's checklist links a run",
            ),
        ),
    ),
    Say(
        Moment(2, "10:04"),
        LENA,
        PRODUCT,
        'Thank you for an honest retro. Two promises, two owners, and we ask about both next time. Caleb\'s folder is called "monsters", naturally.',
        "importer-retro-thanks",
    ),
    React(Moment(2, "15:50"), CALEB, "importer-retro-thanks", "dragon"),
)

IMPORTER_STORY: tuple[Act, ...] = _DECISION + _LAUNCH + _TOLD + _VERDICT + _RETRO
