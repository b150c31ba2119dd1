"""Sealed: the installation's own keys under a passphrase, bound to the backup that they are in. Never in clear."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidKey
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from builder.operations.backup.refusals import weak_passphrase, wrong_passphrase

LEAST = 12  # characters of a passphrase
# 64 MB and some tenths of a second for each guess.
COST, BLOCK, LANES = 2**16, 8, 1
SALT = 16


def seal(secrets: Mapping[str, str], passphrase: str, manifest: bytes) -> bytes:
    if len(passphrase) < LEAST:
        raise weak_passphrase(LEAST)
    salt = os.urandom(SALT)
    inside = {"manifest": hashlib.sha256(manifest).hexdigest(), "secrets": dict(secrets)}
    token = Fernet(_key(passphrase, salt)).encrypt(json.dumps(inside).encode())
    return json.dumps({"kdf": "scrypt", "salt": salt.hex(), "token": token.decode()}).encode()


def unseal(sealed: bytes, passphrase: str, manifest: bytes) -> dict[str, str]:
    """Raises UserError `passphrase_wrong`, also where the manifest is not the one that they were sealed with."""
    try:
        body = json.loads(sealed)
        key = _key(passphrase, bytes.fromhex(body["salt"]))
        inside = json.loads(Fernet(key).decrypt(body["token"]))
        if inside["manifest"] != hashlib.sha256(manifest).hexdigest():
            raise wrong_passphrase()
        return {str(name): str(text) for name, text in inside["secrets"].items()}
    except (ValueError, KeyError, TypeError, InvalidToken, InvalidKey):
        raise wrong_passphrase() from None


def _key(passphrase: str, salt: bytes) -> bytes:
    found = Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=LANES).derive(passphrase.encode())
    return base64.urlsafe_b64encode(found)
