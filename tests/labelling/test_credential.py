"""A credential says who made a file, and breaks with any byte of it: read by us and by c2pa's own reader."""

import io
import random

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificates

from runtime.labelling.credential import Standing, read_credential, sign
from runtime.labelling.files import Unreadable, embed, read, recognise, without_credential
from runtime.labelling.identity import Identity, _as_root, _as_signer, make_identity
from runtime.labelling.marks import CHANGED_BY_MODEL, MADE_BY_MODEL
from runtime.labelling.report import inspect
from tests.labelling.samples import MARKS, PICTURES, picture, sound, start_of_material

OURS = Identity.from_pem(make_identity())
FILES = {kind: picture(kind) for kind in PICTURES} | {"WAV": sound(800)}


@pytest.mark.parametrize("kind", FILES)
def test_a_signed_file_is_ours_and_sound_to_a_reader_that_does_not_know_us(kind: str) -> None:
    signed = sign(FILES[kind], OURS, MADE_BY_MODEL)
    credential = read_credential(signed, OURS.chain)
    assert credential and credential.standing is Standing.OURS
    assert (credential.signer, credential.digital_source) == ("Sluiceway", MADE_BY_MODEL)
    with c2pa.Reader(recognise(signed).value, io.BytesIO(signed)) as reader:
        assert reader.get_validation_state() == "Valid"


@pytest.mark.parametrize("kind", FILES)
def test_nothing_but_the_credential_comes_into_the_file(kind: str) -> None:
    assert without_credential(sign(FILES[kind], OURS, MADE_BY_MODEL)) == FILES[kind]


@pytest.mark.parametrize("kind", PICTURES)
def test_the_other_marks_stay_readable(kind: str) -> None:
    assert read(sign(embed(FILES[kind], MARKS), OURS, CHANGED_BY_MODEL)) == MARKS


@pytest.mark.parametrize("kind", FILES)
def test_any_changed_byte_of_the_material_breaks_it(kind: str) -> None:
    signed = sign(FILES[kind], OURS, MADE_BY_MODEL)
    start = start_of_material(signed) + 8
    for place in range(start, start + 40, 5):
        changed = bytearray(signed)
        changed[place] ^= 0x80
        credential = read_credential(bytes(changed), OURS.chain)
        assert credential and credential.standing is Standing.BROKEN
        assert "assertion.dataHash.mismatch" in credential.problems


@pytest.mark.parametrize("kind", FILES)
def test_a_bit_that_is_flipped_anywhere_is_noticed_unless_the_material_stays_as_it_was(kind: str) -> None:
    """A credential has bytes of its own that mean nothing: filling, where a signature could have been longer."""
    signed = sign(FILES[kind], OURS, MADE_BY_MODEL)
    seen = set()
    for place in range(0, len(signed), 23):
        changed = bytearray(signed)
        changed[place] ^= 0x04
        try:
            credential = inspect(bytes(changed), OURS.chain).credential
        except Unreadable:
            continue
        seen.add(credential and credential.standing)
        if credential and credential.standing is not Standing.BROKEN:
            assert without_credential(bytes(changed)) == without_credential(signed)
    assert Standing.BROKEN in seen


@pytest.mark.parametrize("kind", FILES)
def test_a_mangled_file_is_reported_on_or_called_unreadable_and_nothing_else(kind: str) -> None:
    signed = sign(embed(FILES[kind], MARKS), OURS, MADE_BY_MODEL)
    chance = random.Random(kind)
    for _ in range(150):
        start, length = chance.randrange(len(signed)), chance.randrange(40)
        filling = chance.randbytes(chance.randrange(40))
        try:
            inspect(signed[:start] + filling + signed[start + length :], OURS.chain).to_json()
        except Unreadable:
            continue


def test_a_credential_moved_to_another_picture_breaks() -> None:
    chunk_of, other = sign(FILES["PNG"], OURS, MADE_BY_MODEL), picture("PNG", (96, 65))
    start = chunk_of.index(b"caBX") - 4
    length = 12 + int.from_bytes(chunk_of[start : start + 4], "big")
    forged = other[:33] + chunk_of[start : start + length] + other[33:]
    assert without_credential(forged) == other
    credential = read_credential(forged, OURS.chain)
    assert credential and credential.standing is Standing.BROKEN


def test_a_file_without_one_has_none_and_text_can_have_none() -> None:
    assert read_credential(FILES["PNG"]) is None
    assert read_credential(b"words") is None
    with pytest.raises(Unreadable):
        sign(b"words", OURS, MADE_BY_MODEL)


def test_the_root_vouches_for_one_key_and_can_vouch_for_no_other() -> None:
    pem = make_identity()
    assert pem.count("PRIVATE KEY") == 2  # the beginning and the end of one
    identity = Identity.from_pem(pem)
    own, root = load_pem_x509_certificates(identity.chain.encode())
    own.verify_directly_issued_by(root)
    key = load_pem_private_key(identity.key.encode(), None)
    assert key.public_key() == own.public_key() != root.public_key()


def test_a_neighbour_under_the_same_authority_is_not_us() -> None:
    authority = ec.generate_private_key(ec.SECP256R1())
    root = _as_root(authority.public_key()).sign(authority, SHA256()).public_bytes(Encoding.PEM)
    us, neighbour = (signer_under(authority, root) for _ in range(2))
    signed = sign(FILES["PNG"], neighbour, MADE_BY_MODEL)
    ours, theirs = read_credential(signed, us.chain), read_credential(signed, neighbour.chain)
    assert ours and ours.standing is Standing.SOUND
    assert theirs and theirs.standing is Standing.OURS


def signer_under(authority: ec.EllipticCurvePrivateKey, root: bytes) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    own = _as_signer(key.public_key(), authority.public_key()).sign(authority, SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Identity.from_pem((pem + own.public_bytes(Encoding.PEM) + root).decode())


@pytest.mark.parametrize("text", ["", "a token", OURS.key, OURS.chain])
def test_what_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Identity.from_pem(text)


def test_two_installations_do_not_share_a_key() -> None:
    other = Identity.from_pem(make_identity())
    credential = read_credential(sign(FILES["PNG"], other, MADE_BY_MODEL), OURS.chain)
    assert credential and credential.standing is Standing.SOUND
