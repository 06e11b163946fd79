"""The `webhook:` block: what it may say, and the whole message where it errs."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from builders.rules import load
from service.delivery.channels.webhook.rules_block import Tls, Webhook
from service.errors import Fault
from service.rules.rules import Rules
from service.rules.secret import Secret

VALUES = {
    "DESK_SECRET": "whsec_" + "QUJD" * 8,
    "DESK_KEY": "whsk_" + "QUJD" * 10 + "QUI=",
    "SHORT_KEY": "whsk_" + "QUJD" * 8,
    "PUBLIC_KEY": "whpk_" + "QUJD" * 10 + "QUI=",
    "TOKEN": "Bearer T0ken",
    "TWO_LINES": "Bearer T0ken\r\nwebhook-id: other",
}


def rules(block: str, folder: Path = Path(), *, values: dict[str, str] | None = VALUES) -> Rules:
    """Rules with one subscriber, whose `webhook:` block has these lines besides its URL."""
    lines = "\n".join(f"      {line}" for line in block.splitlines())
    head = "subscribers:\n  - id: desk\n    webhook:\n      url: https://desk.example/hook\n"
    return load({str(folder / "rules.yaml"): head + lines + "\n"}, values.get if values else None)


def webhook(block: str, folder: Path = Path()) -> Webhook:
    """The webhook of a block without a fault."""
    found = rules(block, folder)
    assert found.faults == ()
    channel = found.subscribers["desk"].channel
    assert isinstance(channel, Webhook)
    return channel


def fault(block: str, folder: Path = Path()) -> Fault:
    """The one fault of a block."""
    (found,) = rules(block, folder).faults
    return found


def test_a_secret_may_be_of_either_kind() -> None:
    """Both together, too: a receiver may move from one to the other."""
    found = webhook('secret: ["${DESK_SECRET}", "${DESK_KEY}"]')
    assert found.secrets == (Secret(VALUES["DESK_SECRET"]), Secret(VALUES["DESK_KEY"]))


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "SHORT_KEY",
            "this is not a signing key (whsk_ and 32 or 64 bytes in base64)",
            "docs/webhooks.md shows how to make a pair of keys.",
        ),
        (
            "PUBLIC_KEY",
            "this is a public key (whpk_), which verifies and cannot sign",
            "Write the private key (whsk_) here, and give this one to the receiver.",
        ),
    ],
)
def test_a_key_that_cannot_sign_is_told(name: str, message: str, hint: str) -> None:
    """Each with what to do."""
    found = fault(f'secret: "${{{name}}}"')
    assert (found.line, found.column) == (5, 15)
    assert (found.message, found.hint) == (message, hint)


def test_headers_are_filled_in_and_secret() -> None:
    """They are hidden from logs as URLs and secrets are."""
    found = webhook('secret: "${DESK_SECRET}"\nheaders: {X-Team: desk, Authorization: "${TOKEN}"}')
    assert found.headers == (
        ("X-Team", Secret("desk")),
        ("Authorization", Secret("Bearer T0ken")),
    )
    assert "T0ken" not in repr(found)
    assert Secret("Bearer T0ken") in found.all_secrets


@pytest.mark.parametrize(
    "name",
    [
        "Webhook-Id", "webhook-signature", "Content-Type", "content-length", "Host", "User-Agent",
        "Connection", "Transfer-Encoding", "Proxy-Authorization", "TE", "Upgrade", "Expect",
        "Accept-Encoding", "Keep-Alive", "Traceparent",
    ],
)  # fmt: skip
def test_a_header_that_tocsin_sets_is_refused(name: str) -> None:
    """Nothing in the rules changes what is signed, nor how the connection is used."""
    found = fault(f'secret: "${{DESK_SECRET}}"\nheaders: {{{name}: x}}')
    assert found.message == f"`{name}` is a header that Tocsin sets itself"
    assert (found.line, found.column, found.width) == (6, 17, len(name))


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ('{"X Team": desk}', "`X Team` cannot be a header"),
        ('{"X:": desk}', "`X:` cannot be a header"),
        (
            "{X-Team: desk, X-TEAM: other}",
            "the header `X-TEAM` is given twice: upper and lower case are the same",
        ),
        (
            '{X-Team: "${TWO_LINES}"}',
            "this cannot be a header's value, which is one line of ASCII",
        ),
        ("{X-Team: Türkiye}", "this cannot be a header's value, which is one line of ASCII"),
        ('{X-Team: "${NONE}"}', "`${NONE}` is not set"),
        ("[X-Team]", "`headers` must be a block of `key: value` lines"),
        ("{X-Team: [a]}", "`X-Team` must be a text"),
    ],
)
def test_a_header_that_cannot_be_sent_is_told(headers: str, message: str) -> None:
    """At its place, and without its value."""
    found = fault(f'secret: "${{DESK_SECRET}}"\nheaders: {headers}')
    assert found.message == message
    assert found.line == 6
    assert "T0ken" not in str(found)


def test_one_login_is_enough() -> None:
    """The login in the URL becomes the header that the block has, too."""
    text = """
subscribers:
  - id: desk
    webhook:
      url: https://desk:p4ssword@desk.example/hook
      secret: ${DESK_SECRET}
      headers: {authorization: "${TOKEN}"}
"""
    (found,) = load({"rules.yaml": text}, VALUES.get).faults
    assert found.message == ("the login in the URL already becomes the header `authorization`")


def test_the_format_is_one_of_two() -> None:
    """The default is Standard Webhooks' own."""
    assert webhook("secret: ${DESK_SECRET}").format == "standard"
    assert webhook("secret: ${DESK_SECRET}\nformat: cloudevents").format == "cloudevents"
    found = fault("secret: ${DESK_SECRET}\nformat: avro")
    assert (found.message, found.hint) == (
        "`avro` is not a format",
        "Write standard or cloudevents.",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where rules lie beside certificates."""
    made = tmp_path_factory.mktemp("rules")
    authority = trustme.CA()
    client, other = (authority.issue_cert(f"{name}@example.org") for name in ("one", "two"))
    authority.cert_pem.write_to_path(made / "ca.pem")
    client.cert_chain_pems[0].write_to_path(made / "client.pem")
    client.private_key_pem.write_to_path(made / "client.key")
    client.private_key_and_cert_chain_pem.write_to_path(made / "both.pem")
    other.private_key_pem.write_to_path(made / "other.key")
    (made / "text.pem").write_text("no certificate")
    return made


def test_certificates_stand_beside_the_rules_or_anywhere(folder: Path) -> None:
    """A relative path begins at the rules file; a key may stand in its certificate's file."""
    block = (
        f"secret: ${{DESK_SECRET}}\nca: ca.pem\ncertificate: {folder}/client.pem\nkey: client.key"
    )
    assert webhook(block, folder).tls == Tls(
        str(folder / "ca.pem"), str(folder / "client.pem"), str(folder / "client.key")
    )
    assert webhook("secret: ${DESK_SECRET}\ncertificate: both.pem", folder).tls == Tls(
        "", str(folder / "both.pem")
    )


@pytest.mark.parametrize(
    ("files", "line", "message"),
    [
        ("ca: none.pem", 6, "{folder}/none.pem: No such file or directory"),
        ("ca: text.pem", 6, "{folder}/text.pem holds no certificate"),
        ("ca: .", 6, "{folder}: Is a directory"),
        ("key: client.key", 6, "`key` is given without a `certificate`"),
        (
            "certificate: client.pem",
            6,
            "{folder}/client.pem hold no certificate with its private key",
        ),
        (
            "certificate: client.pem\nkey: text.pem",
            6,
            "{folder}/client.pem and {folder}/text.pem hold no certificate with its private key",
        ),
        (
            "certificate: client.pem\nkey: other.key",
            7,
            "{folder}/other.key is not the certificate's key",
        ),
        (
            "certificate: client.pem\nkey: none.key",
            7,
            "{folder}/none.key: No such file or directory",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told(
    files: str, line: int, message: str, folder: Path
) -> None:
    """When the rules are loaded, and not with the first alert."""
    found = fault(f"secret: ${{DESK_SECRET}}\n{files}", folder)
    assert found.message == message.replace("{folder}", str(folder))
    assert found.line == line


def test_certificates_are_for_https(folder: Path) -> None:
    """With http nothing would be verified, whatever the block says."""
    text = """
subscribers:
  - id: desk
    webhook: {url: "http://desk.example/hook", secret: "${DESK_SECRET}", ca: ca.pem}
"""
    (found,) = load({str(folder / "rules.yaml"): text}, VALUES.get).faults
    assert (found.message, found.column) == ("certificates are for https", 74)


def test_without_values_no_file_is_read() -> None:
    """`tocsin check --no-secrets` runs where neither secrets nor certificates are."""
    assert (
        rules('secret: "${A}"\nca: none.pem\nkey: "${B}"\ncertificate: x', values=None).faults == ()
    )


PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIPrivateKeyOfTheDesk//./x\n-----END"
TLS = 'url: "https://desk.example/", secret: "${DESK_SECRET}", certificate: x.pem'


@pytest.mark.parametrize(
    "key",
    ["${CLIENT_KEY}", PEM.replace("\n", "\\n"), "${ONE_LINE}", "keys/${ONE_LINE}"],
)
def test_a_private_key_in_place_of_its_file_is_not_shown(key: str) -> None:
    """Nor a secret that turns out to be no file: log, `/readyz` and `check` would show it."""
    values = {
        "CLIENT_KEY": PEM,
        "ONE_LINE": "a//secret/./PrivateKeyOfTheDesk",
        "DESK_SECRET": "whsec_" + "QUJD" * 8,
    }
    text = f'subscribers: [{{id: desk, webhook: {{{TLS}, key: "{key}"}}}}]'
    faults = load({"/nowhere/rules.yaml": text}, values.get).faults
    assert faults
    said = "\n".join(f"{fault} {fault!r}" for fault in faults)
    assert "PrivateKeyOfTheDesk" not in said
    assert "MC4CAQ" not in said


def test_a_file_s_name_may_be_a_variable() -> None:
    """A fault names the variable, so that its author knows which."""
    text = f'subscribers: [{{id: desk, webhook: {{{TLS}, ca: "${{CA_FILE}}"}}}}]'
    values = {"CA_FILE": "/gone/ca.pem", "DESK_SECRET": "whsec_" + "QUJD" * 8}
    (fault,) = load({"rules.yaml": text}, values.get).faults
    assert "${CA_FILE}: No such file" in str(fault)
