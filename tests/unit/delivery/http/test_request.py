"""Requests to receivers, before anything is sent."""

from __future__ import annotations

import httpx
import pytest

from service.delivery.http.request import UNUSABLE_URL, post

URL = "https://desk:p4ss%3Aword@desk.example:8443/hook/T0ken?key=s3cret"


def test_a_post_is_whole_for_any_transport() -> None:
    """It has host, length, login and body, as httpx's own transport wants them."""
    request = post(URL, b"{}", {"user-agent": "Tocsin/1"})
    assert isinstance(request, httpx.Request)
    assert request.method == "POST"
    assert request.url == "https://desk.example:8443/hook/T0ken?key=s3cret"
    assert request.extensions["target"] == b"/hook/T0ken?key=s3cret"
    assert request.read() == b"{}"
    assert dict(request.headers) == {
        "host": "desk.example:8443",
        "content-length": "2",
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "authorization": "Basic ZGVzazpwNHNzOndvcmQ=",
        "user-agent": "Tocsin/1",
    }


def test_a_header_of_the_sender_replaces_the_usual_one() -> None:
    """There is one of each name."""
    request = post(URL, b"", {"content-type": "text/plain"})
    assert request.headers.get_list("content-type") == ["text/plain"]


def test_a_request_knows_whether_it_may_have_been_changed() -> None:
    """By its headers, its URL or its target; only an unchanged one is sent the short way."""
    looked_at, moved, retargeted = (post(URL, b"", {}) for _ in range(3))
    assert all(one.is_unchanged for one in (looked_at, moved, retargeted))
    looked_at.headers["traceparent"] = "00"
    moved.url = httpx.URL("https://gateway.example/")
    retargeted.extensions["target"] = b"https://desk.example/hook"
    assert not any(one.is_unchanged for one in (looked_at, moved, retargeted))


def test_no_part_of_the_url_but_the_host_is_shown() -> None:
    """A `repr` may end in a log."""
    assert repr(post(URL, b"", {})) == "<DeliveryRequest('POST', 'https://desk.example/…')>"


@pytest.mark.parametrize(
    "url", ["", "desk.example", "ftp://desk.example/", "https://", "http://[::1"]
)
def test_an_unusable_url_is_refused(url: str) -> None:
    """The text does not show it."""
    with pytest.raises(ValueError, match=f"^{UNUSABLE_URL}$"):
        post(url, b"", {})
