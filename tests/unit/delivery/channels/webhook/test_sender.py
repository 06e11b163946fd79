"""What a webhook's answer means, how it is signed, and what of it is kept."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from service.delivery.channels.webhook.rules_block import Webhook
from service.delivery.channels.webhook.sender import sign
from service.delivery.http.answer import judge, redact, retry_after
from service.delivery.outcome import Delivered, GiveUp, Retry
from service.rules.secret import Secret

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST = "whsec_dGhlIGRlc2sgb2YgdGhlIGRlZmVuY2UgZWRpdG9ycw=="
SECOND = "whsec_dGhlIGRlc2sgb2YgdGhlIGVuZXJneSBlZGl0b3JzIQ=="
KEY = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
URL = "https://desk:p4ssword@desk.example/hook/T0ken?key=s3cret%2Bkey&x=1"


def a_webhook(*secrets: str) -> Webhook:
    """A webhook that is signed with these secrets."""
    return Webhook(Secret(URL), tuple(Secret(text) for text in secrets))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(status: int) -> None:
    """The receiver says that it has it, whatever the shade."""
    assert judge(status, {}, NOW) == Delivered()


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 304])
def test_a_redirect_is_a_failure_that_says_what_to_do(status: int) -> None:
    """A redirect is not followed; the reason asks for the final URL and does not show it."""
    outcome = judge(status, {"location": "https://elsewhere.example/s3cret"}, NOW)
    assert outcome == Retry(
        f"answered {status}: redirects are not followed, give the final URL", None
    )


def test_410_gives_up_and_disables() -> None:
    """Gone is the one answer by which a receiver ends its subscription."""
    outcome = judge(410, {"retry-after": "5"}, NOW)
    assert isinstance(outcome, GiveUp)
    assert outcome.disable


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500])
@pytest.mark.parametrize("text", ["abort-message", " Abort-Message", "other, abort-message"])
def test_a_receiver_may_refuse_one_message(status: int, text: str) -> None:
    """With any failure; it is given up, and what comes after it is still wanted."""
    assert judge(status, {"webhook-delivery": text, "retry-after": "5"}, NOW) == GiveUp(
        f"answered {status} and webhook-delivery: abort-message", disable=False
    )


def test_what_was_taken_is_not_refused() -> None:
    """With a success there is nothing left to abort; another word in that header means nothing."""
    assert judge(204, {"webhook-delivery": "abort-message"}, NOW) == Delivered()
    assert judge(500, {"webhook-delivery": "abort"}, NOW) == Retry("answered 500", None)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_receiver_says_when_to_come_back(status: int) -> None:
    """Too many requests and the gateway errors are tried again when the receiver says."""
    assert judge(status, {"retry-after": "120"}, NOW) == Retry(
        f"answered {status}", timedelta(seconds=120)
    )
    assert judge(status, {}, NOW) == Retry(f"answered {status}", None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500, 501, 505])
def test_any_other_answer_is_tried_again_by_the_schedule(status: int) -> None:
    """A wrong path or a bug is mended some day; Retry-After means nothing there."""
    assert judge(status, {"retry-after": "120"}, NOW) == Retry(f"answered {status}", None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("999999999", 999999999.0),
        ("Mon, 23 Nov 2026 09:02:00 GMT", 120.0),
        ("Monday, 23-Nov-26 09:02:00 GMT", 120.0),
        ("Mon, 23 Nov 2026 10:02:00 +0100", 120.0),
        ("Mon, 23 Nov 2026 09:02:00 -0000", 120.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 400, None),
        ("Mon, 99 Nov 2026 09:02:00 GMT", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999", None),
        ("120\x1f", 120.0),  # a space to a regular expression, and none to int()
    ],
)
def test_retry_after_in_both_forms(text: str, seconds: float | None) -> None:
    """Seconds or an HTTP date; a date gone by means at once, nonsense means nothing."""
    assert retry_after(text, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_delivery(text: str) -> None:
    """Whatever stands in the header, it is a time or nothing."""
    delay = retry_after(text, NOW)
    assert delay is None or delay >= timedelta(0)


@given(st.integers(min_value=0, max_value=10**6))
def test_both_forms_say_the_same(seconds: int) -> None:
    """The date so many seconds ahead means so many seconds."""
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    delay = timedelta(seconds=seconds)
    assert retry_after(date, NOW) == retry_after(str(seconds), NOW) == delay


def test_two_secrets_make_two_signatures_and_each_verifies() -> None:
    """While a secret is rotated, receivers with the old and with the new one accept."""
    body, at = '{"title":"Türkiye"}'.encode(), datetime.now(UTC)
    signature = sign(a_webhook(FIRST, SECOND), "dlv_1", body, at)
    headers = {
        "webhook-id": "dlv_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    assert [one[:3] for one in signature.split(" ")] == ["v1,", "v1,"]
    for secret in (FIRST, SECOND):
        assert Verifier(secret).verify(body, headers) == {"title": "Türkiye"}
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_c29tZWJvZHkgZWxzZSBlbnRpcmVseSwgcmVhbGx5").verify(body, headers)


def test_both_kinds_of_secret_sign_one_delivery() -> None:
    """Each receiver verifies with what it has, and skips the other."""
    body, at = b'{"type":"alert.created"}', datetime.now(UTC)
    signature = sign(a_webhook(KEY, FIRST), "dlv_1", body, at)
    asymmetric, symmetric = signature.split(" ")
    stamp = str(int(at.timestamp()))
    PUBLIC.verify(
        base64.b64decode(asymmetric.removeprefix("v1a,")), f"dlv_1.{stamp}.".encode() + body
    )
    assert symmetric.startswith("v1,")
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = dict(zip(names, ("dlv_1", stamp, signature), strict=True))
    assert Verifier(FIRST).verify(body, headers) == {"type": "alert.created"}


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***", "dGhlIGRlc2s=", "whsec_ü", "${KEY}"])
def test_an_unusable_secret_is_named_by_its_place(secret: str) -> None:
    """The reason says which secret is wrong and what it should be, without showing it."""
    with pytest.raises(ValueError, match="secret 2 is not a signing secret") as raised:
        sign(a_webhook(FIRST, secret), "dlv_1", b"{}", NOW)
    assert not secret.removeprefix("whsec_") or secret not in str(raised.value)


def test_no_secret_is_no_signature() -> None:
    """Nothing is ever sent unsigned."""
    with pytest.raises(ValueError, match="no signing secret"):
        sign(a_webhook(), "dlv_1", b"{}", NOW)


@pytest.mark.parametrize(
    "echo",
    [
        "Cannot POST /hook/T0ken",
        "no route for /hook/T0ken?key=s3cret%2Bkey&x=1",
        "unknown key s3cret+key",
        "unknown key s3cret%2Bkey",
        "desk:p4ssword is not known",
        r'{"error":"no route for \/hook\/T0ken"}',
        '{"authorization":"Basic ZGVzazpwNHNzd29yZA=="}',
    ],
)
def test_an_echo_of_the_url_is_not_kept(echo: str) -> None:
    """Many servers say which path they do not know; that may be the receiver's token."""
    kept = redact(echo, URL)
    assert "***" in kept
    for secret in ("T0ken", "s3cret", "p4ssword", "ZGVzazpwNHNzd29yZA"):
        assert secret not in kept


def test_an_echo_of_a_header_is_not_kept() -> None:
    """Nor of what else was secret in the request."""
    assert redact("no user with Bearer T0ken", URL, "Bearer T0ken") == "no user with ***"
    assert redact("T0ken is no token", "https://desk.example/", "Bearer T0ken") == "*** is no token"


def test_an_echo_of_a_long_part_of_the_path_is_not_kept() -> None:
    """As some services put the receiver's secret there."""
    url = "https://hooks.example/services/B000/XXXXYYYYZZZZ0000"
    assert redact("no hook XXXXYYYYZZZZ0000 in services", url) == "no hook *** in services"


def test_what_is_no_secret_is_kept() -> None:
    """Words too short to be secrets, such as `/` and `x=1`, do not blot out the answer."""
    assert redact("a/b is 1 at most", "https://desk.example/?x=1") == "a/b is 1 at most"
