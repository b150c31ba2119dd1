"""Sessions: what a browser sends as a key and that is none finds nothing, and asks the database nothing."""

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builder.accounts.models import User
from builder.runs.consumer import SIGNED_OUT
from tests.fixtures.runs import told, valkey, valkey_folder

__all__ = ["told", "valkey", "valkey_folder"]

pytestmark = pytest.mark.django_db(transaction=True)

# As they stand in the header: a quoted one may hold any letter, written as its octal number.
NONE = {
    "with a NUL": '"\\000' + "a" * 31 + '"',
    "too short": "a" * 31,
    "too long": "a" * 5_000,
    "of other letters": "A" * 32,
    "of Chinese ones": '"' + "\\344\\270\\255" * 32 + '"',
    "with a line break": '"' + "a" * 32 + '\\012"',
}


@pytest.mark.parametrize("key", NONE.values(), ids=NONE)
def test_what_is_no_key_is_nobody_and_no_question(key: str) -> None:
    client = Client(raise_request_exception=True, headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={key}"})
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/api/session")
    assert answer.status_code in (200, 401, 403), answer.content
    assert not any("django_session" in query["sql"] for query in asked), asked.captured_queries


@pytest.mark.parametrize("key", NONE.values(), ids=NONE)
def test_a_socket_that_comes_with_it_is_told_that_it_is_signed_out(told: None, key: str) -> None:
    assert close_code(f"{settings.SESSION_COOKIE_NAME}={key}") == SIGNED_OUT


def test_a_key_as_django_makes_them_is_one(client: Client) -> None:
    user = User.objects.create(username="ada")
    client.force_login(user)
    assert client.get("/api/session").json()["user"]["id"] == str(user.pk)


def close_code(cookie: str) -> int:
    """With which the server closes."""
    from builder.asgi import application

    async def come() -> int:
        scope = {
            "type": "websocket", "path": "/ws/runs", "query_string": b"", "subprotocols": [], "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"127.0.0.1"), (b"origin", b"http://127.0.0.1"), (b"cookie", cookie.encode())],
        }  # fmt: skip
        socket = ApplicationCommunicator(application, scope)
        await socket.send_input({"type": "websocket.connect"})
        told = await socket.receive_output(10)
        while told["type"] != "websocket.close":
            told = await socket.receive_output(10)
        return int(told["code"])

    return asyncio.run(come())
