"""A package index and a hub on loopback, for real pip and real downloads: it can drop, drag, forge and ask for a password."""

import base64
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PACKAGE, VERSION = "tiny-weights", "1.0"
WHEEL = "tiny_weights-1.0-py3-none-any.whl"


def wheel(files: dict[str, bytes]) -> bytes:
    """A wheel that holds the files, packed without compression so that its size is known."""
    out = io.BytesIO()
    info = "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
        archive.writestr(
            zipfile.ZipInfo(f"{info}/METADATA"),
            f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {VERSION}\n",
        )
        archive.writestr(
            zipfile.ZipInfo(f"{info}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "")
    return out.getvalue()


@dataclass
class Index:
    """What the server holds, how it behaves, and what it was asked for."""

    content: bytes
    port: int = 0
    drop_after: int | None = None
    seconds_a_chunk: float = 0.0
    password: str | None = None
    announced: str | None = None
    ranges: list[str | None] = field(default_factory=list)
    hub: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def settings(self) -> dict[str, str]:
        """The environment that points pip and the hub here and nowhere else."""
        user = f"ann:{self.password}@" if self.password else ""
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"http://{user}127.0.0.1:{self.port}/simple",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
            "HF_ENDPOINT": self.url,
            "NO_PROXY": "127.0.0.1",
        }


@contextmanager
def serve(index: Index) -> Iterator[Index]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if index.password and not self._knows_password():
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif self.path == f"/simple/{PACKAGE}/":
                self._page()
            elif self.path == f"/files/{WHEEL}":
                self._file(index.content)
            elif self.path == f"/files/{WHEEL}.metadata":
                self._whole(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {VERSION}\n".encode())
            elif self.path in index.hub:
                self._file(index.hub[self.path])
            else:
                self.send_error(404)

        def log_message(self, *arguments: object) -> None:
            pass

        def _knows_password(self) -> bool:
            expected = base64.b64encode(f"ann:{index.password}".encode()).decode()
            return self.headers.get("Authorization") == f"Basic {expected}"

        def _page(self) -> None:
            sha256 = index.announced or index.sha256
            link = f'<a href="/files/{WHEEL}#sha256={sha256}" data-dist-info-metadata="true">{WHEEL}</a>'
            self._whole(f"<!DOCTYPE html><html><body>{link}</body></html>".encode(), "text/html")

        def _whole(self, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _file(self, content: bytes) -> None:
            asked = self.headers.get("Range")
            index.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            drop_at, index.drop_after = index.drop_after, None
            for place in range(start, len(content), 65_536):
                if drop_at is not None and place >= drop_at:
                    self.connection.close()
                    return
                self.wfile.write(content[place : place + 65_536])
                time.sleep(index.seconds_a_chunk)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *arguments: None  # a client that goes away in the middle is what is tested
    index.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
