"""The server as strangers meet it: slow ones hold up nobody, and a page of another port is another site."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from builder.asgi import THREADS
from builder.bootstrap import services
from builder.bootstrap.supervisor import Supervisor

TOKEN = "a" * 32
LARGEST_FILE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
RUN = "0192f0c1-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the web server wrote."""
    return tmp_path_factory.mktemp("home") / "log" / "web.log"


@pytest.fixture(scope="module")
def port(log: Path) -> Iterator[int]:
    """The web server and its message service, without a database and without a worker."""
    home = log.parent.parent
    with Supervisor() as supervisor, services.listen("127.0.0.1", 0) as listener:
        # Else the kernel takes a whole file for a reader who takes nothing.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        supervisor.start(services.valkey(home))
        supervisor.start(services.web(home, listener, {"DJANGO_SETTINGS_MODULE": "builder.settings"}))
        for name in (services.VALKEY, services.WEB):
            supervisor.wait_ready(name, services.SECONDS_TO_START)
        yield listener.getsockname()[1]


def get(port: int, path: str, host: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def connect(port: int, stack: ExitStack, request: str) -> socket.socket:
    connection = socket.socket()
    stack.callback(connection.close)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(15)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request.replace("\n", "\r\n").encode())
    return connection


def test_those_who_send_their_bodies_slowly_hold_up_nobody(port: int) -> None:
    request = (
        f"POST /api/session HTTP/1.1\nHost: 127.0.0.1:{port}\nContent-Type: application/json\n"
        f"Content-Length: 1000\nCookie: csrftoken={TOKEN}\nX-CSRFToken: {TOKEN}\n\n{{"
    )
    with ExitStack() as stack:
        for _ in range(THREADS + 4):
            connect(port, stack, request)
        for _ in range(3):
            assert get(port, "/healthz")[0] == 200


def test_those_who_take_their_files_slowly_hold_up_nobody(port: int) -> None:
    request = f"GET {LARGEST_FILE} HTTP/1.1\nHost: 127.0.0.1:{port}\n\n"
    assert len(get(port, LARGEST_FILE)[1]) > 1_000_000
    with ExitStack() as stack:
        for _ in range(THREADS + 4):
            assert connect(port, stack, request).recv(12) == b"HTTP/1.1 200"
        assert get(port, "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 101),
        ("http://127.0.0.1:9", 403), ("http://127.0.0.1", 403), ("https://127.0.0.1:{port}", 403),
        ("http://localhost:{port}", 403), ("http://evil.example:{port}", 403), ("null", 403), (None, 403),
    ],
)  # fmt: skip
def test_a_websocket_is_opened_by_pages_of_this_very_site_alone(
    port: int, origin: str | None, status: int
) -> None:
    named = f"Origin: {origin.format(port=port)}\n" if origin else ""
    request = (
        f"GET /ws/runs/{RUN} HTTP/1.1\nHost: 127.0.0.1:{port}\nConnection: Upgrade\nUpgrade: websocket\n"
        f"Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n{named}\n"
    )
    with ExitStack() as stack:
        assert connect(port, stack, request).recv(12).decode() == f"HTTP/1.1 {status}"


def test_a_page_whose_name_was_pointed_at_us_opens_no_websocket(port: int) -> None:
    request = (
        f"GET /ws/runs/{RUN} HTTP/1.1\nHost: evil.example:{port}\nConnection: Upgrade\nUpgrade: websocket\n"
        "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
        f"Origin: http://evil.example:{port}\n\n"
    )
    with ExitStack() as stack:
        assert connect(port, stack, request).recv(12) == b"HTTP/1.1 403"


@pytest.mark.parametrize("path", ["/healthz", f"/api/runs/{RUN}/stream"])
def test_a_foreign_host_name_is_answered_with_400_and_not_worth_a_line(
    port: int, log: Path, path: str
) -> None:
    before = log.stat().st_size
    assert get(port, path, host="evil.example")[0] == 400
    assert b"DisallowedHost" not in log.read_bytes()[before:]
