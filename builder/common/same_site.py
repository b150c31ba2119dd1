"""Admits a websocket only from a page of this very site: the port counts too, although cookies ignore it."""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings

from builder.common.bodies import Application


def same_site(application: Application) -> Application:
    """Compares `Origin` with `Host`. Whether the host is ours at all is asked elsewhere."""

    async def checked(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        scheme = b"https://" if settings.HTTPS else b"http://"
        own = scheme + headers.get(b"host", b"")
        chosen = application if headers.get(b"origin", b"").lower() == own.lower() else WebsocketDenier()
        await chosen(scope, receive, send)

    return checked
