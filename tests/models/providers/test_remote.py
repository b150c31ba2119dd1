"""A provider's chat model, asked over real sockets: of servers that answer well, badly, and not at all."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import Cancelled, OperationalError
from runtime.models.chat import Question
from runtime.models.providers import remote
from runtime.models.providers.remote import RemoteChat
from runtime.providers import Access, Provider
from tests.fixtures.chat_server import (
    Behaviour,
    ChatServer,
    chat_server,
    dripping,
    endless,
    raw,
    said,
    saying,
    streaming,
)
from tests.models.cache import real_models

QUESTION = Question("Say hello", "Be kind", 16, 0.5, ("end",), 7)
KEY = "sk-CANARY-7261"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(saying("hello")) as running:
        yield running


def chat(server: ChatServer, seconds: float = 20.0, key: str = "", **facts: Any) -> RemoteChat:
    return RemoteChat(Access(server.provider(**facts), key), "m1", seconds)


def fault_of(server: ChatServer, behave: Behaviour, seconds: float = 20.0) -> OperationalError:
    server.behave = behave
    with pytest.raises(OperationalError) as told:
        chat(server, seconds, key=KEY).say(QUESTION)
    assert "CANARY" not in f"{told.value!r} {told.value.__cause__!r}"
    return told.value


def test_a_question_is_asked_as_the_protocol_has_it(server: ChatServer) -> None:
    answer = chat(server, key=KEY).say(QUESTION)
    assert (answer.text, answer.figures.tokens, answer.figures.prompt_tokens) == ("hello", 3, 7)
    assert answer.figures.finished
    assert server.paths == ["/v1/chat/completions"]
    assert server.asked == [
        {
            "model": "m1",
            "messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Say hello"}],
            "max_tokens": 16,
            "temperature": 0.5,
            "seed": 7,
            "stop": ["end"],
            "stream": False,
        }
    ]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert server.headers[0]["Host"] == f"127.0.0.1:{server.port}"


def test_azure_gets_its_key_and_its_query_as_it_wants_them(server: ChatServer) -> None:
    place = f"http://127.0.0.1:{server.port}/openai/deployments/mine/?api-version=2024-10-21"
    azure = Provider("azure", place, ("m1",), header="api-key", limit="max_completion_tokens")
    RemoteChat(Access(azure, KEY), "m1").say(QUESTION)
    assert server.paths == ["/openai/deployments/mine/chat/completions?api-version=2024-10-21"]
    assert server.headers[0]["api-key"] == KEY and "Authorization" not in server.headers[0]
    assert server.asked[0]["max_completion_tokens"] == 16 and "max_tokens" not in server.asked[0]


def test_without_a_key_none_is_sent(server: ChatServer) -> None:
    chat(server).say(QUESTION)
    assert not {"Authorization", "api-key"} & set(server.headers[0])


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HOSTILE: dict[str, tuple[Behaviour, str]] = {
    "no http": (raw(b"\x00\xff garbage\r\n\r\n"), "provider_nonsense"),
    "nothing": (raw(), "provider_unreachable|provider_nonsense"),
    "a head without end": (endless(b"HTTP/1.1 200 OK\r\nX: "), "provider_nonsense|provider_too_large"),
    "many headers": (raw(HEAD, b"X: y\r\n" * 500, b"\r\n"), "provider_nonsense"),
    "a page": (lambda h: h.reply(200, b"<html>sign in</html>"), "provider_nonsense"),
    "a list": (lambda h: h.reply(200, b"[]"), "provider_nonsense"),
    "deep json": (lambda h: h.reply(200, b"[" * 200_000), "provider_nonsense"),
    "an empty object": (lambda h: h.reply(200, b"{}"), "provider_nonsense"),
    "no choice": (lambda h: h.reply(200, b'{"choices": []}'), "provider_nonsense"),
    "two choices": (
        lambda h: h.reply(200, json.dumps({"choices": json.loads(said("a"))["choices"] * 2}).encode()),
        "provider_nonsense",
    ),
    "no text": (lambda h: h.reply(200, said(None)), "provider_nonsense"),
    "half a letter": (lambda h: h.reply(200, said("hello \ud83d")), "provider_nonsense"),
    "a text of parts": (lambda h: h.reply(200, said([{"text": "hello"}])), "provider_nonsense"),
    "an error in a 200": (lambda h: h.reply(200, b'{"error": {"message": "no"}}'), "provider_nonsense"),
    "half an answer": (raw(HEAD, b"Content-Length: 5000\r\n\r\n", said("hello")), "provider_nonsense"),
    "packed": (lambda h: h.reply(200, said("hello"), Content_Encoding="gzip"), "provider_nonsense"),
    "too much": (endless(), "provider_too_large"),
    "no key": (lambda h: h.reply(401, b"who is sk-CANARY?"), "provider_key"),
    "a closed door": (lambda h: h.reply(403, b"{}"), "provider_key"),
    "not there": (lambda h: h.reply(404, b"{}"), "provider_unknown"),
    "a bad request": (lambda h: h.reply(400, b"{}"), "provider_refused"),
    "too many": (lambda h: h.reply(429, b"{}"), "provider_busy"),
    "broken": (lambda h: h.reply(500, b"{}"), "provider_failed"),
    "another 200": (lambda h: h.reply(204, b""), "provider_refused"),
}  # fmt: skip


@pytest.mark.parametrize("how", HOSTILE)
def test_what_is_no_answer_is_a_fault_in_our_own_words(server: ChatServer, how: str) -> None:
    behave, codes = HOSTILE[how]
    assert fault_of(server, behave).code in codes.split("|")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: ChatServer, status: int) -> None:
    with chat_server(saying("from elsewhere")) as elsewhere:
        target = f"http://127.0.0.1:{elsewhere.port}/v1/chat/completions"
        told = fault_of(server, lambda h: h.reply(status, b"", Location=target))
        assert told.code == "provider_redirects"
        assert not elsewhere.paths


def test_no_proxy_of_the_environment_is_asked(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(saying("from the proxy")) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert chat(server).say(QUESTION).text == "hello"
        assert not proxy.paths


@pytest.mark.parametrize(
    "behave",
    [dripping(b""), dripping(), dripping(b"HTTP/1.1 200 OK\r\n\r\n"), dripping(HEAD + b"Content-Length: 99999\r\n\r\n")],
    ids=["status", "head", "body", "counted body"],
)  # fmt: skip
def test_the_deadline_is_for_the_whole_and_not_for_each_byte(server: ChatServer, behave: Behaviour) -> None:
    assert fault_of(server, behave, seconds=0.6).code == "provider_slow"


def test_who_listens_to_nobody_is_told_unreachable(server: ChatServer) -> None:
    gone = Provider("gone", "http://127.0.0.1:9/v1", ("m1",), keyed=False)
    with pytest.raises(OperationalError, match="provider_unreachable"):
        RemoteChat(Access(gone, ""), "m1").say(QUESTION)


def test_a_certificate_that_nobody_vouches_for_gets_no_key(tmp_path: Path) -> None:
    with chat_server(saying("hello")) as server, tls_in_front(tmp_path) as (port, heard):
        fake = Provider("fake", f"https://127.0.0.1:{port}/v1", ("m1",))
        with pytest.raises(OperationalError, match="provider_certificate"):
            RemoteChat(Access(fake, KEY), "m1").say(QUESTION)
        assert not heard and not server.paths


@pytest.mark.parametrize("count", ["1" + "0" * 400, "1e999", "NaN", "-5", "true", '"3"'])
def test_a_count_that_can_be_none_counts_for_nothing(server: ChatServer, count: str) -> None:
    body = said("hello").replace(b'"completion_tokens": 3', f'"completion_tokens": {count}'.encode())
    server.behave = lambda handler: handler.reply(200, body)
    answer = chat(server).say(QUESTION)
    assert answer.text == "hello" and answer.figures.tokens == 0


def test_what_was_cut_by_a_limit_is_not_finished(server: ChatServer) -> None:
    server.behave = saying("hel", finish="length")
    assert not chat(server).say(QUESTION).figures.finished


class TestStream:
    def test_the_pieces_come_as_they_are_sent(self, server: ChatServer) -> None:
        server.behave = streaming("Hel", "lo", " 世界")
        pieces: list[str] = []
        figures = chat(server).answer(QUESTION, pieces.append)
        assert pieces == ["Hel", "lo", " 世界"]
        assert figures.finished and figures.tokens == 3
        assert server.asked[0]["stream"] is True

    @pytest.mark.parametrize(
        "behave",
        [
            streaming("Hel", finish=None, done=False),
            streaming("Hel", finish=None),
            streaming("Hel", finish="content_filter"),
            streaming("Hel", done=False),
            streaming("Hel", "\ud83d"),
            streaming("Hel", "\x00lo"),
            raw(b"HTTP/1.1 200 OK\r\n\r\ndata: {broken\n\n"),
            raw(b'HTTP/1.1 200 OK\r\n\r\ndata: {"error": "no"}\n\n'),
            raw(b'HTTP/1.1 200 OK\r\n\r\ndata: {"choices": [{"delta": {"content": 5}}]}\n\n'),
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ],
    )
    def test_a_stream_that_breaks_off_is_a_fault(self, server: ChatServer, behave: Behaviour) -> None:
        server.behave = behave
        with pytest.raises(OperationalError, match=r"provider_nonsense|provider_unreachable"):
            chat(server).answer(QUESTION, lambda piece: None)

    def test_a_line_without_end_is_a_fault(self, server: ChatServer) -> None:
        server.behave = endless(b"HTTP/1.1 200 OK\r\n\r\ndata: ")
        with pytest.raises(OperationalError, match="provider_too_large"):
            chat(server).answer(QUESTION, lambda piece: None)

    def test_it_has_a_deadline_and_a_size(self, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remote, "STREAM_SECONDS", 0.6)
        server.behave = dripping(b"HTTP/1.1 200 OK\r\n\r\n")
        with pytest.raises(OperationalError, match="provider_slow"):
            chat(server).answer(QUESTION, lambda piece: None)
        monkeypatch.setattr(remote, "STREAM_SECONDS", 20.0)
        monkeypatch.setattr(remote, "STREAM_BYTES", 2_000)
        server.behave = streaming(*["piece"] * 500)
        with pytest.raises(OperationalError, match="provider_too_large"):
            chat(server).answer(QUESTION, lambda piece: None)

    def test_what_the_reader_raises_ends_it(self, server: ChatServer) -> None:
        def cancel(piece: str) -> None:
            raise Cancelled

        server.behave = streaming("Hel", "lo")
        with pytest.raises(Cancelled):
            chat(server).answer(QUESTION, cancel)


def test_a_real_server_of_llama_cpp_is_a_provider() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(next((real_models().folder / "smollm2").glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.port, params.verbosity = 1_024, 1, 0, -1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = params.ui = False
    params.api_keys = [KEY]
    server = xllamacpp.Server(params)
    near = Provider("near", f"{server.listening_address}/v1", ("smollm2",))
    question = Question("Say hello to Ada.", "", 24, 0.0, (), 1)
    whole = RemoteChat(Access(near, KEY), "smollm2", 120.0).say(question)
    pieces: list[str] = []
    RemoteChat(Access(near, KEY), "smollm2").answer(question, pieces.append)
    assert whole.text and "".join(pieces)
    with pytest.raises(OperationalError, match="provider_key"):
        RemoteChat(Access(near, "sk-wrong"), "smollm2").say(question)


def tls_in_front(folder: Path) -> Any:
    """A port that speaks TLS with a certificate of its own, and what it hears behind the handshake."""
    import socket
    import threading
    from contextlib import contextmanager, suppress

    from tests.models.providers.certificate import self_signed

    @contextmanager
    def listening() -> Iterator[tuple[int, list[bytes]]]:
        file = folder / "own.pem"
        file.write_bytes(self_signed("127.0.0.1"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        heard: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as plain:

            def accept() -> None:
                with suppress(OSError):
                    one, _ = plain.accept()
                    with context.wrap_socket(one, server_side=True) as wrapped:
                        heard.append(wrapped.recv(1))

            thread = threading.Thread(target=accept, daemon=True)
            thread.start()
            yield plain.getsockname()[1], heard
            thread.join(5)

    return listening()
