"""The whole server, as an ASGI application: HTTP, event streams and websockets.

Ordinary HTTP goes through Django's WSGI handler in a few threads, because under ASGI Django answers half as
fast (one process, a row read through DRF, 8 clients: 509 requests/s against 256). Event streams stay on ASGI,
where a reader that waits holds no thread.
"""

import os
import re
from collections.abc import Awaitable, Callable
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")

_asgi = get_asgi_application()  # before the imports below, which need the apps loaded

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the apps loaded
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the apps loaded
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402 - needs the apps loaded

from builder.api.sockets import websocket_urlpatterns  # noqa: E402 - needs the apps loaded
from builder.wsgi import application as _wsgi  # noqa: E402 - needs the apps loaded

THREADS = 4
EVENT_STREAM = re.compile(r"/api/runs/[^/]+/stream/?")

# Each library types the ASGI messages in its own way; we only hand them on.
Application = Callable[[Any, Any, Any], Awaitable[None]]

_streams = cast(Application, _asgi)
_threads = cast(Application, WSGIMiddleware(cast(Any, _wsgi), workers=THREADS))


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send event streams to Django's ASGI handler, everything else to its WSGI handler."""
    chosen = _streams if EVENT_STREAM.fullmatch(scope["path"]) else _threads
    await chosen(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
