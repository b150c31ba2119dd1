"""The whole server, as an ASGI application: HTTP, event streams and websockets.

Ordinary HTTP goes through Django's WSGI handler in a few threads, because under ASGI Django answers half as
fast (one process, a row read through DRF, 8 clients: 509 requests/s against 256). A thread is taken only for a
request that has arrived whole. Event streams stay on ASGI, where a reader that waits holds no thread.
"""

import os
import re
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")

_asgi = get_asgi_application()  # before the imports below, which need the apps loaded

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the apps loaded
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the apps loaded
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402 - needs the apps loaded

from builder.api.sockets import websocket_urlpatterns  # noqa: E402 - needs the apps loaded
from builder.assets.store_upload import MAX_BYTES  # noqa: E402 - needs the apps loaded
from builder.common.bodies import Application, BodyFirst  # noqa: E402 - needs the apps loaded
from builder.common.same_site import same_site  # noqa: E402 - needs the apps loaded
from builder.runs.listen import lifespan  # noqa: E402 - needs the apps loaded
from builder.wsgi import application as _wsgi  # noqa: E402 - needs the apps loaded

THREADS = 16
# Pieces of an answer that wait for a slow reader. Files go out in pieces of 4 KB: every script that we serve
# fits, and its thread is free again before the reader has taken anything.
PIECES_WAITING = 1024
LARGEST_BODY = (
    MAX_BYTES + 2 * 1024 * 1024
)  # a picture in its envelope; what is said of its size is said by assets
EVENT_STREAM = re.compile(r"/api/runs/[^/]+/stream/?")

_streams = cast(Application, _asgi)
_threads = cast(
    Application, WSGIMiddleware(cast(Any, _wsgi), workers=THREADS, send_queue_size=PIECES_WAITING)
)


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send event streams to Django's ASGI handler, everything else to its WSGI handler."""
    chosen = _streams if EVENT_STREAM.fullmatch(scope["path"]) else _threads
    await chosen(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "lifespan": lifespan,
        "http": BodyFirst(http, LARGEST_BODY),
        "websocket": AllowedHostsOriginValidator(
            same_site(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))
        ),
    }
)
