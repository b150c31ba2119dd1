"""S3Store: bytes as objects named by their SHA-256, in a bucket that web servers and workers of many machines share.

| variable | means | default |
| --- | --- | --- |
| SLUICEWAY_S3_URL | where the store answers, `https://host:port` | Amazon's, of the region |
| SLUICEWAY_S3_BUCKET | the bucket, which is there and keeps no old versions | required |
| SLUICEWAY_S3_PREFIX | what all keys begin with | `assets` |
| SLUICEWAY_S3_REGION | the region that requests are signed for | `us-east-1` |
| SLUICEWAY_S3_ACCESS_KEY, SLUICEWAY_S3_SECRET_KEY | the key | required |
| SLUICEWAY_S3_SESSION_TOKEN | what belongs to a key that is good for a while | none |

The client is imported where a store is opened: who keeps files on a disk never loads it.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from runtime.assets.store import DRAFT, away, damaged, missing, not_allowed, require_hash
from runtime.errors import OperationalError
from runtime.values import AssetRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from obstore.store import S3Store as Client
    from typing_extensions import Buffer

T = TypeVar("T")

MEGABYTE = 1024 * 1024
# Read at once, where a whole content is asked for. Larger than anything that steps may give or people bring.
MOST = 512 * MEGABYTE
PIECE = MEGABYTE  # read at a time, where one is opened
CONNECT = timedelta(seconds=5)
PATIENCE = timedelta(seconds=30)  # in all, for one question and its repetitions
REPEATED = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where the objects are, and the key to them, which is in no repr."""

    url: str
    bucket: str
    prefix: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


class S3Store:
    """Implements Store in a bucket: one object per content, put in one request, so that it is there whole or not."""

    def __init__(self, place: Place) -> None:
        self._prefix = place.prefix.strip("/")
        self._client = _client(place)

    def key(self, sha256: str) -> str:
        """The object's name. ValueError for what is no hash."""
        require_hash(sha256)
        return f"{self._folder(sha256[:2])}{sha256[2:4]}/{sha256}"

    def has(self, sha256: str) -> bool:
        return self._head(sha256) is not None

    def open(self, sha256: str) -> BinaryIO:
        found = self._head(sha256)
        if found is None:
            raise missing()
        return cast("BinaryIO", io.BufferedReader(_Pieces(self, self.key(sha256), found["size"]), PIECE))

    def read(self, ref: AssetRef) -> bytes:
        content = self._whole(self.key(ref.sha256))
        if hashlib.sha256(content).hexdigest() != ref.sha256:
            raise damaged()
        return content

    def write(
        self, content: bytes, media_type: str, width: int | None = None, height: int | None = None
    ) -> AssetRef:
        """Sent each time: an object has no other way to become young again, and whoever deletes looks at its age."""
        import obstore

        sha256 = hashlib.sha256(content).hexdigest()
        key = self.key(sha256)
        self._ask(lambda: obstore.put(self._client, key, content, use_multipart=False))
        return AssetRef(sha256, media_type, len(content), width, height)

    def written(self, sha256: str) -> float | None:
        found = self._head(sha256)
        return found["last_modified"].timestamp() if found is not None else None

    def remove(self, sha256: str) -> None:
        import obstore

        key = self.key(sha256)
        try:
            self._ask(lambda: obstore.delete(self._client, key))
        except OperationalError as fault:
            if fault.code != "asset_missing":
                raise

    def shelf(self, number: int) -> Iterator[tuple[str, float]]:
        import obstore

        found = self._ask(lambda: obstore.list(self._client, self._folder(f"{number % 256:02x}")))
        while page := self._ask(lambda: next(found, None)):
            for item in page:
                yield item["path"].rpartition("/")[2], item["last_modified"].timestamp()

    def remove_draft(self, number: int, name: str) -> None:
        """An object is never half-written, so there is nothing to take away."""
        if not name.startswith(DRAFT) or "/" in name:
            raise ValueError("not a draft")

    def piece(self, key: str, start: int, length: int) -> bytes:
        import obstore

        return bytes(self._ask(lambda: obstore.get_range(self._client, key, start=start, length=length)))

    def _folder(self, shelf: str) -> str:
        return f"{self._prefix}/{shelf}/" if self._prefix else f"{shelf}/"

    def _head(self, sha256: str) -> "dict[str, Any] | None":
        import obstore

        key = self.key(sha256)
        try:
            return dict(self._ask(lambda: obstore.head(self._client, key)))
        except OperationalError as fault:
            if fault.code == "asset_missing":
                return None
            raise

    def _whole(self, key: str) -> bytes:
        """At most `MOST`: whoever can write to the bucket could have put anything there."""
        import obstore

        found = self._ask(lambda: obstore.get(self._client, key))
        if found.meta["size"] > MOST:
            raise damaged()
        return bytes(self._ask(found.bytes))

    def _ask(self, question: "Callable[[], T]") -> T:
        """The answer. What the store says for itself stays here: it may quote the request that our key signed."""
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

        try:
            return question()
        except FileNotFoundError:
            raise missing() from None
        except (PermissionDeniedError, UnauthenticatedError):
            raise not_allowed() from None
        except (BaseError, OSError) as fault:
            # Of a list the client does not say by its kind that it was refused.
            raise (not_allowed() if "403 Forbidden" in str(fault) else away()) from None


class _Pieces(io.RawIOBase):
    """An object as a file: each read asks for its part alone."""

    def __init__(self, store: S3Store, key: str, size: int) -> None:
        self._store, self._key, self._size, self._place = store, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, into: "Buffer") -> int:
        view = memoryview(into).cast("B")
        length = min(len(view), self._size - self._place)
        if length <= 0:
            return 0
        content = self._store.piece(self._key, self._place, length)
        view[: len(content)] = content
        self._place += len(content)
        return len(content)


def open_store() -> S3Store:
    """The store that the environment names; one for each process. ValueError when something is not said."""
    named = {
        name: os.environ.get(f"SLUICEWAY_S3_{name}", "") for name in ("BUCKET", "ACCESS_KEY", "SECRET_KEY")
    }
    unsaid = [f"SLUICEWAY_S3_{name}" for name, value in named.items() if not value]
    if unsaid:
        raise ValueError(f"the asset store needs {', '.join(unsaid)}")
    return _opened(
        Place(
            url=os.environ.get("SLUICEWAY_S3_URL", ""),
            bucket=named["BUCKET"],
            prefix=os.environ.get("SLUICEWAY_S3_PREFIX", "assets"),
            region=os.environ.get("SLUICEWAY_S3_REGION") or "us-east-1",
            access_key=named["ACCESS_KEY"],
            secret_key=named["SECRET_KEY"],
            token=os.environ.get("SLUICEWAY_S3_SESSION_TOKEN", ""),
        )
    )


@lru_cache(maxsize=4)
def _opened(place: Place) -> S3Store:
    return S3Store(place)


def _client(place: Place) -> "Client":
    from obstore.store import S3Store as Client

    more: dict[str, Any] = {"endpoint": place.url, "virtual_hosted_style_request": False} if place.url else {}
    if place.token:
        more["token"] = place.token
    return Client(
        place.bucket,
        region=place.region,
        access_key_id=place.access_key,
        secret_access_key=place.secret_key,
        client_options={
            "allow_http": place.url.startswith("http://"),
            "connect_timeout": CONNECT,
            "timeout": PATIENCE,
        },
        retry_config={"max_retries": REPEATED, "retry_timeout": PATIENCE},
        **more,
    )
