"""The garbage collector stands aside while a model is loaded, and comes back whatever happened."""

import gc
import subprocess
import sys

import pytest

from builder.bootstrap import places
from runtime.collector import collecting_later


def test_it_comes_back() -> None:
    with collecting_later():
        assert not gc.isenabled()
        with collecting_later():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_comes_back_after_a_fault() -> None:
    with pytest.raises(ValueError), collecting_later():
        raise ValueError
    assert gc.isenabled()


def test_it_stays_away_where_somebody_sent_it() -> None:
    gc.disable()
    try:
        with collecting_later():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_a_process_has_loaded_is_searched_no_more_and_what_comes_later_is() -> None:
    """In a process of its own, since it is for good."""
    script = (
        "import gc, json, weakref; from runtime.collector import settle; settle(); kept = gc.get_freeze_count()\n"
        "class Ring: pass\n"
        "ring = Ring(); ring.ring = ring; gone = weakref.ref(ring); del ring; gc.collect()\n"
        "print(json.dumps([kept > 1000, gc.isenabled(), gone() is None]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=places.ROOT, capture_output=True, text=True)
    assert done.stdout == "[true, true, true]\n", done.stderr
