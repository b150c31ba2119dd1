"""Network: an ONNX network on the processor, with as many threads as one model may use."""

from pathlib import Path
from typing import Any

from runtime.models.telemetry import no_telemetry
from runtime.models.threads import threads

ERRORS_ONLY = 3


def open_network(source: Path | bytes) -> Any:
    """An onnxruntime session of a file or of a network's own bytes."""
    no_telemetry()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    # What it warns of, hundreds of times for one network, nobody here can change.
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
