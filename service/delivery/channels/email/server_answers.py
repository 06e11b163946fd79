"""What a mail server's answers mean for a mail."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta

import aiosmtplib

from service.delivery.http.answer import RESPONSE_MAX_CHARS
from service.delivery.outcome import Delivered, GiveUp, Outcome, Partly, Report, Retry

LOGIN_REFUSED = frozenset({530, 534, 535, 538})
"""Codes by which a server refuses the login, not the mail: the settings must be corrected."""

Refusals = dict[str, aiosmtplib.SMTPResponse]
"""The answer to each recipient that was refused, by address."""


def for_now(refused: Refusals) -> tuple[str, ...]:
    """Those who may be accepted later: their answer is 4xx, as that of grey-listing, or one that
    other settings mend.
    """
    return tuple(
        address
        for address, (code, said) in refused.items()
        if code < 500 or _is_of_settings(code, said)
    )


def accepted(refused: Refusals, answer: str, recipients: int) -> Report:
    """The report on a mail that at least one of so many `recipients` has.

    `answer` is what the server said of the mail.
    """
    said = f"{answer}{_named(refused)}"[:RESPONSE_MAX_CHARS]
    later = for_now(refused)
    if not later:
        return Report(Delivered(), 250, said)
    codes = ", ".join(map(str, sorted({refused[each].code for each in later})))
    verb = "gets" if len(later) == 1 else "get"
    reason = f"{len(later)} of {recipients} recipients {verb} it later: refused for now ({codes})"
    if wrong := next((refused[each] for each in later if _is_of_settings(*refused[each])), None):
        reason = f"{len(later)} of {recipients} recipients {verb} it later: {_settings(*wrong)}"
    return Report(Partly(reason), min(refused[each].code for each in later), said)


def _named(refused: Refusals) -> str:
    listed = "; ".join(f"{to}: {code} {said}" for to, (code, said) in refused.items())
    return f" (refused: {listed})" if listed else ""


def refusals(recipients: Sequence[aiosmtplib.SMTPRecipientRefused]) -> Refusals:
    """The answers to recipients, by address."""
    return {one.recipient: aiosmtplib.SMTPResponse(one.code, one.message) for one in recipients}


def failed(error: Exception, timeout: timedelta) -> Report:
    """The report on a mail that nobody has."""
    match error:
        case aiosmtplib.SMTPAuthenticationError(code=code, message=said):
            return _settings_refused(code, said)
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return _all_refused(refused)
        case aiosmtplib.SMTPConnectResponseError() | aiosmtplib.SMTPHeloError():
            # The server takes no mail at the moment; that says nothing about this mail.
            return Report(Retry(f"the mail server answered {error.code}"), error.code, _kept(error))
        case aiosmtplib.SMTPResponseException(code=code, message=said):
            return _refused(code, said)
        case TimeoutError():
            seconds = timeout.total_seconds()
            return Report(Retry(f"the mail server did not answer within {seconds:g} s"))
        case aiosmtplib.SMTPServerDisconnected():
            return Report(Retry("the mail server closed the connection"))
        case aiosmtplib.SMTPException() if not isinstance(error, OSError):
            hint = "see TOCSIN_SMTP_SECURITY and TOCSIN_SMTP_USERNAME"
            return Report(
                Retry(f"the mail server does not support what the settings ask for; {hint}"),
                None,
                _kept(error),
            )
        case _:
            # The library wraps the error of the connection.
            met = error.__cause__ if isinstance(error, aiosmtplib.SMTPException) else None
            cause = met or error
            return Report(Retry(f"no connection to the mail server: {_words(cause)}"))


def _settings_refused(code: int, said: str) -> Report:
    # Retried: otherwise a wrong setting would lose the alerts of a whole night.
    return Report(Retry(_settings(code, said)), code, said[:RESPONSE_MAX_CHARS])


def _settings(code: int, said: str) -> str:
    """Which settings the server's answer asks to be corrected."""
    if _wants_tls(code, said):
        return (
            f"the mail server takes mail over TLS only ({code}): set TOCSIN_SMTP_SECURITY=starttls"
        )
    return (
        f"the mail server refused the login ({code}): check TOCSIN_SMTP_USERNAME and "
        "TOCSIN_SMTP_PASSWORD"
    )


def _wants_tls(code: int, said: str) -> bool:
    # 538 is the code for it (RFC 4954); most servers say 530, as to a missing login (RFC 3207).
    return code == 538 or "STARTTLS" in said.upper()


def _is_of_settings(code: int, said: str) -> bool:
    return code in LOGIN_REFUSED or (code >= 500 and _wants_tls(code, said))


def _refused(code: int, said: str) -> Report:
    if _is_of_settings(code, said):
        return _settings_refused(code, said)
    outcome: Outcome = Retry(f"the mail server answered {code}")
    if code >= 500:
        outcome = GiveUp(f"the mail server refused the mail ({code})")
    return Report(outcome, code, said[:RESPONSE_MAX_CHARS])


def _all_refused(refused: Sequence[aiosmtplib.SMTPRecipientRefused]) -> Report:
    said = "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in refused)
    # The lowest code: if one recipient may be accepted later, the mail is retried.
    code = min((one.code for one in refused), default=450)
    first = next((one for one in refused if _is_of_settings(one.code, one.message)), None)
    if first is not None:  # the server says of each recipient what it might have said of the mail
        return _settings_refused(first.code, said)
    if code >= 500:
        return Report(
            GiveUp(f"every recipient was refused ({code})"), code, said[:RESPONSE_MAX_CHARS]
        )
    return Report(Retry(f"no recipient was accepted ({code})"), code, said[:RESPONSE_MAX_CHARS])


def _words(error: BaseException) -> str:
    """What the system said, such as "Connection refused"; the libraries wrap it away."""
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error)
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def _kept(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", error)).split())[:RESPONSE_MAX_CHARS]
