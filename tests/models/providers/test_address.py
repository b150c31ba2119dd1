"""To which addresses a socket is opened, whatever a name resolves to."""

import ipaddress
import socket
import time
from typing import Any

import pytest

from runtime.errors import OperationalError
from runtime.models.providers.address import is_allowed, open_socket
from runtime.providers import Provider
from tests.fixtures.chat_server import chat_server, saying

PUBLIC = Provider("p", "https://api.example.com/v1", ("m",))


def allowed(provider: Provider, address: str) -> bool:
    return is_allowed(provider, provider.url.hostname or "", ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_name_may_lead_to_public_addresses(address: str) -> None:
    assert allowed(PUBLIC, address)


INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1", "::a9fe:a9fe", "::ffff:0:7f00:1", "fec0::1", "5f00::1", "192.88.99.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_and_to_none_inside(address: str) -> None:
    assert not allowed(PUBLIC, address)


def test_unless_an_administrator_named_the_network() -> None:
    inside = Provider("p", "https://gpu.example.com/v1", ("m",), networks=("10.0.0.0/8", "fc00::/7"))
    assert allowed(inside, "10.1.2.3") and allowed(inside, "::ffff:10.1.2.3") and allowed(inside, "fc00::5")
    assert not allowed(inside, "192.168.1.1") and not allowed(inside, "127.0.0.1")
    everything = Provider("p", "https://gpu.example.com/v1", ("m",), networks=("0.0.0.0/0",))
    assert not allowed(everything, "169.254.169.254"), "no chat model is where clouds keep credentials"


def test_an_address_in_the_url_is_that_one_alone() -> None:
    literal = Provider("p", "https://10.0.0.7/v1", ("m",))
    assert allowed(literal, "10.0.0.7") and not allowed(literal, "10.0.0.8")
    here = Provider("p", "http://localhost:8000/v1", ("m",))
    assert allowed(here, "127.0.0.1") and allowed(here, "::1")
    assert not allowed(here, "10.0.0.7") and not allowed(here, "93.184.216.34")


def test_a_name_that_resolves_inside_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(saying("hello")) as server:
        rebound = Provider("p", f"https://api.example.com:{server.port}/v1", ("m",))
        answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        opened: list[Any] = []
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
        monkeypatch.setattr(socket, "create_connection", lambda *args, **__: opened.append(args))
        with pytest.raises(OperationalError, match="provider_address"):
            open_socket(rebound, time.monotonic() + 5)
        assert not opened and not server.paths


def test_a_name_is_resolved_once_and_the_socket_goes_to_what_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second answer of a name that changes is never asked for."""
    asked: list[object] = []

    def resolve(host: object, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) > 1 else "93.184.216.34"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]

    opened: list[Any] = []

    def connect(place: Any, timeout: float) -> Any:
        opened.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OperationalError, match="provider_unreachable"):
        open_socket(PUBLIC, time.monotonic() + 5)
    assert asked == ["api.example.com"] and opened == [("93.184.216.34", 443)]


def test_a_name_that_nobody_knows_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(OperationalError, match="provider_unreachable"):
        open_socket(PUBLIC, time.monotonic() + 5)
