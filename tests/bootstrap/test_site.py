"""What the started site says to a browser before anything is asked of it: headers, hosts, the bundle."""

import re
import socket
import urllib.error
import urllib.request
from email.message import Message

import pytest

from builder.common.headers import policy_for
from tests.fixtures.site import Site


def get(site: Site, path: str, **headers: str) -> tuple[int, Message, str]:
    """The status, headers and text of an answer."""
    request = urllib.request.Request(site.address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


@pytest.mark.parametrize("path", ["/", "/workflows/0192f0c1-0000-7000-8000-000000000000", "/templates"])
def test_every_page_is_the_bundle_with_a_csrf_cookie(site: Site, path: str) -> None:
    status, headers, text = get(site, path)
    assert status == 200
    assert '<div id="root">' in text
    assert headers["Set-Cookie"].startswith("csrftoken=")
    assert "SameSite=Lax" in headers["Set-Cookie"]
    assert headers["Cache-Control"] == "no-cache"


def test_what_the_page_names_is_there_and_may_be_kept_for_ever(site: Site) -> None:
    _, _, page = get(site, "/")
    (script,) = re.findall(r'src="(/static/assets/[^"]+\.js)"', page)
    status, headers, _ = get(site, script)
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert "javascript" in headers["Content-Type"]


def test_no_script_may_stand_in_a_page(site: Site) -> None:
    _, headers, page = get(site, "/")
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)


@pytest.mark.parametrize("path", ["/", "/api/session", "/console/login/", "/static/no-such-file.js"])
def test_every_answer_carries_the_safe_headers(site: Site, path: str) -> None:
    _, headers, _ = get(site, path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"]
    assert "server" not in headers


def test_only_the_console_may_evaluate_expressions() -> None:
    assert "'unsafe-eval'" in policy_for("/console/")
    for path in ("/", "/console", "/api/session", "/consoles/"):
        assert "'unsafe-eval'" not in policy_for(path)


@pytest.mark.parametrize("path", ["/api/no-such-thing", "/static/no-such-file.js"])
def test_an_unknown_address_of_the_server_is_not_the_bundle(site: Site, path: str) -> None:
    status, _, text = get(site, path)
    assert status == 404
    assert '<div id="root">' not in text


def test_a_foreign_host_name_is_refused(site: Site) -> None:
    assert get(site, "/", Host="evil.example")[0] == 400


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), (None, 403)])
def test_a_websocket_from_a_foreign_page_is_refused(site: Site, origin: str | None, status: int) -> None:
    lines = [
        "GET /ws/runs/0192f0c1-0000-7000-8000-000000000000 HTTP/1.1",
        f"Host: {site.address.removeprefix('http://')}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *([f"Origin: {origin}"] if origin else []),
    ]
    host, _, port = site.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert connection.recv(100).startswith(f"HTTP/1.1 {status}".encode())


def test_a_one_time_link_leads_into_the_site(site: Site) -> None:
    status, _, text = get(site, site.sign_in.removeprefix(site.address))
    assert status == 200
    assert text
