"""The garbage collector stands aside while a model is loaded, and comes back whatever happened."""

import gc

import pytest

from runtime.models.collector import collecting_later


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
