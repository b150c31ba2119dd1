"""A small checkout of its own, in which the bootstrap can install a package without a network."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from builder.bootstrap import places


class Checkout:
    """A copy of manage.py and the bootstrap in an empty folder, with requirements of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(places.ROOT / "manage.py", root)
        (root / "builder").mkdir()
        for name in ("__init__.py", "entry.py"):
            shutil.copy(places.ROOT / "builder" / name, root / "builder")
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(places.ROOT / "builder" / "bootstrap", root / "builder" / "bootstrap", ignore=ignore)

    def require(self, *lines: str) -> None:
        """Write requirements.txt."""
        (self.root / "requirements.txt").write_text("\n".join(lines) + "\n")

    def make_wheel(self, name: str) -> str:
        """Make a real wheel with one module in it; the requirement that names it is returned."""
        info = f"{name}-1.0.dist-info"
        files = {
            f"{name}.py": b"ANSWER = 42\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},{_hash(content)},{len(content)}\n" for path, content in files.items())
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
        wheel = self.root / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        return f"{name} @ {wheel.as_uri()}"

    def install(self) -> subprocess.CompletedProcess[str]:
        """Do what `setup` does first: make the environment, install the requirements."""
        code = (
            "import sys; from builder.bootstrap import environment, places; from builder.bootstrap.talk import Refusal\n"
            "try: environment.ensure(places.REQUIREMENTS, 'installing the packages')\n"
            "except Refusal as refusal: sys.exit(str(refusal))"
        )
        return self.run("-c", code)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the bare interpreter in the checkout, without a package index."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SLUICEWAY_")}
        environment |= {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
        python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        return subprocess.run(
            [python, *arguments], cwd=self.root, env=environment, capture_output=True, text=True, timeout=120
        )


def _hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest}"
