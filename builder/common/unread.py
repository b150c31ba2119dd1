"""Unread: a websocket whose other end reads nothing costs a fixed amount of memory, and none for ever.

What we tell waits for room by itself: uvicorn lets nobody send while more than 64 KB stand unread. Three things go by that.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Seconds after the application's end in which the other end may read what is left for it, the close frame last.
LAST_WORDS = 15.0


class Protocol(WebSocketsSansIOProtocol):
    """uvicorn's, with an end for who does not read."""

    _pong: bytes = b""

    def handle_ping(self) -> None:
        """Pongs wait for nothing: whoever pings and reads none would have us keep them all. RFC 6455 asks for the last alone."""
        if self.writable.is_set():
            super().handle_ping()
        elif pongs := self.conn.data_to_send():
            self._pong = pongs[-1]

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._pong:
            self.transport.write(self._pong)
            self._pong = b""

    def keepalive_timeout(self) -> None:
        """A transport that is closed first waits until all is read; this one has just shown that it reads nothing."""
        super().keepalive_timeout()
        self.transport.abort()

    async def run_asgi(self) -> None:
        """The same, once the application has nothing more to say."""
        await super().run_asgi()
        self.loop.call_later(LAST_WORDS, self.transport.abort)
