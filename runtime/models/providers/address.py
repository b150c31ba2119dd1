"""Address: opens a socket to a provider, and to nobody else, whatever its name resolves to.

The name is resolved once, each address is judged, and the socket goes to an address that was judged: a name that
resolves to another address a moment later changes nothing.
"""

import ipaddress
import socket
import time
from collections.abc import Iterator

from runtime.models.providers import faults
from runtime.providers import Provider, is_loopback

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# All of IPv6 that is given out to the public. Beside it lie addresses that Python calls global, and that carry one of
# IPv4 (::/96, ::ffff:0:0:0/96, 64:ff9b::/96) or belong to a site (fec0::/10).
_PUBLIC = ipaddress.IPv6Network("2000::/3")
# Within it: behind these stands the machine of the IPv4 address that they carry.
_CARRIERS = ipaddress.IPv6Network("2002::/16")
_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
CONNECT = 10.0  # seconds that one address may take; the whole answer has its own deadline


def open_socket(provider: Provider, until: float) -> socket.socket:
    """A connected socket, before `until` on our monotonic clock. Raises OperationalError."""
    url = provider.url
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    refused = tried = False
    for address in _resolve(host, port):
        if not is_allowed(provider, host, address):
            refused = True
            continue
        left = until - time.monotonic()
        if left <= 0:
            raise faults.too_slow()
        try:
            return socket.create_connection((str(address), port), timeout=min(left, CONNECT))
        except OSError:
            tried = True
    raise faults.not_allowed() if refused and not tried else faults.unreachable()


def is_allowed(provider: Provider, host: str, address: Address) -> bool:
    """A public address, one of the networks that the administrator named, or the very one that the URL says."""
    address = _plain(address)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address in ipaddress.ip_network(network) for network in provider.networks):
        return True
    if host == "localhost":
        return address.is_loopback
    try:
        return address == _plain(ipaddress.ip_address(host))
    except ValueError:
        pass
    if is_loopback(host) or provider.url.scheme == "http":
        return False
    if address.version == 6 and (address not in _PUBLIC or address in _CARRIERS):
        return False
    return address.is_global and address not in _RELAYS


def _resolve(host: str, port: int) -> Iterator[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    for *_, place in found:
        yield ipaddress.ip_address(str(place[0]).partition("%")[0])


def _plain(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 may stand for."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
