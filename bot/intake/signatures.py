"""Whether a webhook's body is from who holds its secret. Pure; time is passed in.

As each documents it: Zendesk, "Verifying a webhook request"; Intercom, "Webhook notifications";
Typeform, "Secure your webhooks". Intercom and Typeform sign no time, so an old body can be sent
again: it is known by its id, and does nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.errors import NotAllowed

DAYBOOK, ZENDESK, INTERCOM, TYPEFORM = "daybook", "zendesk", "intercom", "typeform"
SHAPES = (DAYBOOK, ZENDESK, INTERCOM, TYPEFORM)
# How far a signed time may be off: clocks differ, networks are slow. Slack takes as much.
WINDOW = timedelta(minutes=5)
VERSION = "v1"
STALE = "The timestamp is more than five minutes off; sign each request when it is sent."
UNSIGNED = "The header {name} is missing; each request must be signed."
WRONG = "The signature does not fit this body and secret."


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return what ``X-Daybook-Signature`` must be."""
    signed = f"{VERSION}:{timestamp}:".encode() + body
    return f"{VERSION}={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def check_signature(
    shape: str, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime
) -> None:
    """Raise ``NotAllowed`` with a sentence for the sender. Header names are in lower case."""
    given, expected = _CHECKS[shape](secret, headers, body, at)
    if not secret or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotAllowed(WRONG)


def _daybook(secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> tuple[str, str]:
    given, stamp = _header(headers, "X-Daybook-Signature"), _header(headers, "X-Daybook-Timestamp")
    try:
        signed_at = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAllowed("X-Daybook-Timestamp must be seconds since 1970.") from error
    _check_fresh(signed_at, at)
    return given, sign(secret, stamp, body)


def _zendesk(secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> tuple[str, str]:
    given = _header(headers, "X-Zendesk-Webhook-Signature")
    stamp = _header(headers, "X-Zendesk-Webhook-Signature-Timestamp")
    try:
        signed_at = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise NotAllowed("The timestamp must be like 2026-05-18T06:00:00Z.") from error
    _check_fresh(signed_at if signed_at.tzinfo else signed_at.replace(tzinfo=UTC), at)
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return given, base64.b64encode(digest).decode()


def _intercom(
    secret: str, headers: Mapping[str, str], body: bytes, _at: datetime
) -> tuple[str, str]:
    # SHA-1 is what Intercom signs with; as a keyed hash it is not known to be forgeable.
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return _header(headers, "X-Hub-Signature"), f"sha1={digest}"


def _typeform(
    secret: str, headers: Mapping[str, str], body: bytes, _at: datetime
) -> tuple[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return _header(headers, "Typeform-Signature"), f"sha256={base64.b64encode(digest).decode()}"


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name.lower(), "")
    if not value:
        raise NotAllowed(UNSIGNED.format(name=name))
    return value


def _check_fresh(signed_at: datetime, at: datetime) -> None:
    if abs(at - signed_at) > WINDOW:
        raise NotAllowed(STALE)


_CHECKS = {DAYBOOK: _daybook, ZENDESK: _zendesk, INTERCOM: _intercom, TYPEFORM: _typeform}
