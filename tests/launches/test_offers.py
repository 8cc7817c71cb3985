import pytest

from bot.launches.offers import launch_title, title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (":rocket: shipped the new importer", "New importer"),
        (":rocket: Shipped the new importer today!", "New importer"),
        ("🚀 launched annual billing for everyone", "Annual billing"),
        ("We just shipped the new importer. It reads Excel files too.", "New importer"),
        ("I've just released v2.4 of the mobile app", "V2.4 of the mobile app"),
        ("The first-count checklist is live for new teams.", "First-count checklist"),
        ("Annual billing is now live!", "Annual billing"),
        ("The importer just went live", "Importer"),
        (":tada: rolled out *dark mode* to everyone", "Dark mode"),
        ("Hey team, we finally launched Team folders :tada:", "Team folders"),
        ("Bulk edit has been rolled out to all customers", "Bulk edit"),
        ("Just shipped: the audit log", "Audit log"),
        (":rocket: shipped <https://app.example/x|the new importer>", "New importer"),
    ],
)
def test_a_launch_is_recognised_with_what_was_launched(text, title):
    assert launch_title(text) == title


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        ":rocket:",
        ":rocket: :rocket: :rocket:",
        "When do we ship the new importer?",
        "Have we shipped the new importer?",
        "We have not shipped the new importer yet",
        "We haven't launched the importer",
        "We will launch annual billing next week",
        "Once we launched the importer we can talk about pricing",
        "If we shipped the importer today nobody would notice",
        "The importer should be live tomorrow",
        "We almost shipped the importer",
        "Competitor X launched the same importer",
        "Stocksy launched offline counting, our customers will ask",
        "I shipped you the file",
        "shipped the parcels to the office",
        "We shipped the t-shirts by mail",
        "I released the database lock",
        "We released a statement",
        "Last quarter we launched the importer",
        "We launched the importer two weeks ago",
        "The importer is live, or is it?",
        "> we shipped the new importer",
        "&gt; we shipped the new importer",
        "`shipped the new importer`",
        "```\nshipped the new importer\n```",
        "I am live in ten minutes",
        "it is live",
        "The stream is live",
        "Rolled back the importer",
        "We rolled back what we shipped yesterday",
        "Our relationship is alive",
        "That's a relief, we are delivering",
        "shipping the new importer is scary",
        "Lunch is on the table",
        "The tests are out of date",
        "shipped it",
        "Maeve shipped the coffee machine idea, love it",
        "a " * 500 + "shipped the new importer",
        "We have about {n} upgrades a day. The importer is live",
    ],
)
def test_a_lookalike_is_not_taken_for_a_launch(text):
    assert launch_title(text) is None


def test_a_message_that_a_person_calls_a_launch_gives_its_first_words_as_title():
    text = "New plan page, with yearly prices.\nMore in the doc."
    assert title_of(text) == "New plan page, with yearly prices"
    assert title_of(":rocket: shipped the new importer") == "New importer"
    assert title_of("") == ""


def test_a_title_is_cut_to_what_a_headline_holds():
    assert len(title_of("word " * 200)) <= 100
