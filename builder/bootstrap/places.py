"""Where things are on this machine: the checkout, its environment, the data of the installation."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from builder.bootstrap.talk import Refusal

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
TEST_REQUIREMENTS = ROOT / "tests" / "requirements.txt"
FRONTEND = ROOT / "frontend"
BUNDLE = FRONTEND / "dist"

# A socket's path must fit sockaddr_un: 108 bytes on Linux, 104 on macOS, with the closing zero.
LONGEST_SOCKET_PATH = 103


def environment() -> Path:
    """The virtual environment that holds requirements.txt (`SLUICEWAY_VENV`, else `.venv`)."""
    return Path(os.environ.get("SLUICEWAY_VENV") or ROOT / ".venv").absolute()


def environment_python() -> Path:
    """The interpreter of that environment, whether or not it exists yet."""
    return environment() / "bin" / "python"


def home() -> Path:
    """The folder of everything this installation knows (`SLUICEWAY_HOME`, else `var`)."""
    return Path(os.environ.get("SLUICEWAY_HOME") or ROOT / "var").absolute()


def make_private(folder: Path) -> Path:
    """Create `folder` so that only its owner may look inside, and return it. Refusal where no folder can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise Refusal(
            f"{folder} cannot be made a folder. Choose another place with SLUICEWAY_HOME."
        ) from None
    return folder


def socket_path(base: Path) -> Path:
    """Where Valkey listens for the installation in `base`; moved to the temp folder when too long."""
    near = base / "run" / "valkey.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
        return near
    name = hashlib.sha256(os.fsencode(base)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"sluiceway-{os.getuid()}-{name}" / "valkey.sock"


def redis_url(base: Path) -> str:
    """The address of the installation's own Valkey."""
    return f"unix://{socket_path(base)}"


def _token() -> str:
    return secrets.token_urlsafe(48)


def secret(base: Path, name: str, make: Callable[[], str] = _token) -> str:
    """The secret called `name`, made by `make` on first use, readable by its owner alone.

    Written beside and then linked into place: a reader never sees half a secret,
    and of two processes that make it at once, both get the one that won.
    """
    path = base / "secrets" / name
    if not path.exists():
        make_private(base)
        make_private(path.parent)
        handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text()
