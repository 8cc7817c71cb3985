"""What the bodies of webhooks say, and who signed them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import BadInput, NotAllowed
from bot.intake.hooks import address_of, check_item_url
from bot.intake.shapes import Incoming, read_body
from bot.intake.signatures import check_signature, sign

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
BODY = b'{"id": 1}'
SECRET = "shared"


def _stamp(at: datetime = AT) -> str:
    return str(int(at.timestamp()))


def _b64(text: bytes) -> str:
    return base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()


ZENDESK_AT = "2026-05-18T05:59:00Z"
SIGNED = {
    "daybook": {
        "x-daybook-timestamp": _stamp(),
        "x-daybook-signature": sign(SECRET, _stamp(), BODY),
    },
    "zendesk": {
        "x-zendesk-webhook-signature": _b64(ZENDESK_AT.encode() + BODY),
        "x-zendesk-webhook-signature-timestamp": ZENDESK_AT,
    },
    "intercom": {
        "x-hub-signature": "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()
    },
    "typeform": {"typeform-signature": f"sha256={_b64(BODY)}"},
}


@pytest.mark.parametrize("shape", SIGNED)
def test_a_body_signed_with_the_secret_is_taken_and_any_other_is_not(shape: str) -> None:
    headers = SIGNED[shape]
    check_signature(shape, SECRET, headers, BODY, at=AT)
    for secret, given, body in (
        ("other", headers, BODY),
        ("", headers, BODY),
        (SECRET, {}, BODY),
        (SECRET, headers, BODY + b" "),
        (SECRET, dict.fromkeys(headers, "é"), BODY),
    ):
        with pytest.raises(NotAllowed):
            check_signature(shape, secret, given, body, at=AT)


@pytest.mark.parametrize("shape", ["daybook", "zendesk"])
@pytest.mark.parametrize("minutes", [-7, 7])
def test_a_body_signed_at_another_time_is_a_replay(shape: str, minutes: int) -> None:
    with pytest.raises(NotAllowed, match="five minutes"):
        check_signature(shape, SECRET, SIGNED[shape], BODY, at=AT + timedelta(minutes=minutes))


def test_daybooks_own_body_says_whose_words_they_are_and_when() -> None:
    body = {
        "id": 7,
        "text": "Please add exports",
        "email": "Ann@Acme.example",
        "customer": " Acme  Inc ",
        "kind": "Request",
        "said_at": "2026-05-17T10:00:00+02:00",
    }
    found = read_body("daybook", body)
    assert found is not None
    assert Incoming.from_json(found.to_json()) == found
    assert (found.id, found.address, found.customer, found.kind) == (
        "7", "ann@acme.example", "Acme Inc", "request",
    )  # fmt: skip
    assert found.said_at == datetime(2026, 5, 17, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"text": "words"}, "id"),
        ({"id": True, "text": "words"}, "id"),
        ({"id": "1", "text": " \u200b "}, "text"),
        ({"id": "1", "text": {"a": "b"}}, "text"),
        ({"id": "1", "text": "words", "kind": "rant"}, "kind"),
        ({"id": "1", "text": "words", "said_at": "soon"}, "said_at"),
        ({"id": "1", "text": "words", "said_at": "0001-01-01T00:00:00+14:00"}, "said_at"),
    ],
)
def test_a_body_that_cannot_be_used_names_its_field(body: Any, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_body("daybook", body)
    assert caught.value.field == field


def test_a_zendesk_ticket_is_its_subject_and_words_without_html() -> None:
    ticket = {
        "id": "35436",
        "subject": "Export",
        "description": "<p>It stops at <b>1,000</b> rows.</p><p>Why?</p>",
        "requester": {"email": "ann@acme.example"},
        "organization": {"name": "Acme"},
        "created_at": "2026-05-17T10:00:00Z",
    }
    for body in ({"ticket": ticket}, {"type": "zen:event-type:ticket.created", "detail": ticket}):
        found = read_body("zendesk", body)
        assert found is not None
        assert found.text == "Export\nIt stops at 1,000 rows.\nWhy?"
        assert (found.id, found.address, found.customer) == ("35436", "ann@acme.example", "Acme")
    assert read_body("zendesk", {"type": "test"}) is None


def test_a_reply_in_a_zendesk_ticket_leads_back_to_the_ticket() -> None:
    comment = {"id": "991", "body": "Still broken", "author": {"is_staff": False}}
    found = read_body("zendesk", {"detail": {"id": "55"}, "event": {"comment": comment}})
    assert found is not None
    assert (found.id, found.item, found.text) == ("991", "55", "Still broken")
    assert Incoming.from_json(found.to_json()) == found


@pytest.mark.parametrize("text", ["Fails with <100 rows, works with >100", "a < b & b > c", "->x"])
def test_what_only_looks_like_html_is_kept(text: str) -> None:
    found = read_body("daybook", {"id": "1", "text": text})
    assert found is not None
    assert found.text == text


def test_an_intercom_conversation_is_what_the_customer_wrote_last_and_never_an_agent() -> None:
    source = {"id": "s1", "body": "<p>No dark mode?</p>", "author": {"type": "user",
              "email": "ann@acme.example"}}  # fmt: skip
    item: dict[str, Any] = {"type": "conversation", "id": "c1", "source": source,
                            "created_at": 1779000000}  # fmt: skip
    found = read_body("intercom", {"data": {"item": item}})
    assert found is not None
    assert (found.id, found.text, found.address) == ("s1", "No dark mode?", "ann@acme.example")
    reply = {"id": "p2", "body": "It hurts at night", "author": {"type": "user"}}
    item["conversation_parts"] = {"conversation_parts": [reply]}
    found = read_body("intercom", {"data": {"item": item}})
    assert found is not None
    assert (found.id, found.text, found.address) == (
        "p2", "It hurts at night", "ann@acme.example",
    )  # fmt: skip
    assert found.item == "c1"
    reply["author"] = {"type": "admin"}
    assert read_body("intercom", {"data": {"item": item}}) is None
    assert read_body("intercom", {"type": "notification_event", "topic": "ping"}) is None


def test_a_typeform_response_is_its_answers_in_words_under_their_questions() -> None:
    response = {
        "token": "t1",
        "submitted_at": "2026-05-17T10:00:00Z",
        "definition": {"fields": [{"id": "a", "title": "What is missing?"},
                                  {"id": "b", "title": "Why?"}]},
        "answers": [
            {"type": "text", "text": "Dark mode", "field": {"id": "a"}},
            {"type": "text", "text": "My eyes", "field": {"id": "b"}},
            {"type": "email", "email": "ann@acme.example"},
            {"type": "number", "number": 3},
        ],
    }  # fmt: skip
    found = read_body("typeform", {"event_id": "e", "form_response": response})
    assert found is not None
    assert found.text == "What is missing?: Dark mode\nWhy?: My eyes"
    assert (found.id, found.address) == ("t1", "ann@acme.example")
    response["answers"] = [{"type": "number", "number": 3}]
    assert read_body("typeform", {"form_response": response}) is None


def test_the_way_back_to_an_item_is_the_admins_address_with_nothing_of_theirs_but_the_id() -> None:
    assert address_of("https://a.test/t/{id}", "1/../x?y=<z>|") == (
        "https://a.test/t/1%2F..%2Fx%3Fy%3D%3Cz%3E%7C"
    )
    assert address_of("", "1") == ""
    for bad in ("http://a.test/{id}", "https://a.test/", "javascript:{id}", "https://a|b/{id}"):
        with pytest.raises(BadInput):
            check_item_url(bad)
