"""JSON that we take is JSON that every part can keep."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.common.errors import Refused
from builder.common.parsers import MAX_DEPTH, MAX_INTEGER, read_json


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nul", b"\xff\xfe", b'{"a": NaN}', b"[Infinity]", b"1e999", b"-1e999",
        str(MAX_INTEGER + 1).encode(), b"9" * 100_000, b'"\\u0000"', b'{"\\u0000": 1}', b'"\\ud800"', b'["a", "\\udfff"]',
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), b"[" * 1_000_000, b'{"a":' * 100_000,
    ],
)  # fmt: skip
def test_what_could_not_be_kept_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_json(body)
    assert (refused.value.code, refused.value.status) == ("bad_json", 400)
    assert refused.value.message.en.endswith(".")


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
)
PLAIN = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)


@given(PLAIN)
def test_everything_else_comes_out_as_it_went_in(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        value = read_json(body)
    except Refused:
        return
    json.dumps(value, allow_nan=False).encode()
