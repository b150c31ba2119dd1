"""Keeps the libraries that run models from calling home. They start to when they are imported, unasked."""

import os
from collections.abc import Mapping

# onnxruntime 1.32 looks up its vendor's hosts and keeps an identifier and a queue in ~/.cache/Microsoft.
NO_TELEMETRY: Mapping[str, str] = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def no_telemetry() -> None:
    """Call before such a library is imported; it sets this process's environment."""
    os.environ.update(NO_TELEMETRY)
