"""Credential: a C2PA manifest in a file, signed by an installation: who made these bytes, and that nobody changed them."""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from runtime.labelling.files import Unreadable, recognise, without_credential
from runtime.labelling.identity import ORGANISATION, Identity

if TYPE_CHECKING:
    import c2pa

# A picture within the picture would be of no use to anybody; and what is read or signed asks no host anything.
_SETTINGS: dict[str, Any] = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


class Standing(StrEnum):
    """What a check of a credential says: ours, sound but of somebody whom we do not know, or broken."""

    OURS = "ours"
    SOUND = "sound"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a file's credential tells. `problems` are C2PA's codes of what is wrong with it."""

    standing: Standing
    signer: str | None
    made_with: str | None
    digital_source: str | None
    problems: tuple[str, ...] = ()


def sign(content: bytes, identity: Identity, source: str) -> bytes:
    """The same file with a credential that says `source`, the IPTC's word for how it was made.

    Raises Unreadable for what carries no credentials, and when the signer touched more than it should.
    """
    import c2pa  # a native library of 23 MB

    manifest = {
        "claim_generator_info": [{"name": ORGANISATION}],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": source}]},
            }
        ],
    }
    out = BytesIO()
    signer = c2pa.C2paSignerInfo(b"es256", identity.chain.encode(), identity.key.encode(), None)
    try:
        with c2pa.Builder(manifest, context=_context(None)) as builder:
            media_type = recognise(content).value
            builder.sign(c2pa.Signer.from_info(signer), media_type, BytesIO(content), out)
    except c2pa.C2paError as fault:
        raise Unreadable(f"it could not be signed: {type(fault).__name__}") from fault
    signed = out.getvalue()
    # What passed the gates is what was signed: the credential is the only thing that came in. (Taken out of both,
    # because a container may be padded.)
    if without_credential(signed) != without_credential(content):
        raise Unreadable("signing changed more than the credential")
    return signed


def read_credential(content: bytes, chain: str | None = None) -> Credential | None:
    """The credential in a file, checked; `chain` are our own certificates (PEM). None when there is none.

    Raises Unreadable for what is no kind of file that we know.
    """
    import c2pa

    try:
        with c2pa.Reader(recognise(content).value, BytesIO(content), context=_context(chain)) as reader:
            found: dict[str, Any] = json.loads(reader.json())
            state = reader.get_validation_state()
    except c2pa.C2paError as fault:
        # The class is private; its text begins with the kind of the fault.
        if str(fault).startswith(("ManifestNotFound", "NotSupported")):
            return None
        return Credential(Standing.BROKEN, None, None, None, (str(fault).split(":")[0],))
    return _told(found, state, _serial(chain) if chain else None)


def _told(found: dict[str, Any], state: str | None, ours: str | None) -> Credential:
    manifest: dict[str, Any] = found.get("manifests", {}).get(found.get("active_manifest"), {})
    made_with = [item.get("name") for item in manifest.get("claim_generator_info") or []]
    actions = [
        action
        for assertion in manifest.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    ]
    signature = manifest.get("signature_info") or {}
    standing = Standing.SOUND if state in ("Trusted", "Valid") else Standing.BROKEN
    # An authority that vouches for us may vouch for others too.
    if state == "Trusted" and signature.get("cert_serial_number") == ours:
        standing = Standing.OURS
    problems = [item.get("code", "") for item in found.get("validation_status") or []]
    return Credential(
        standing,
        signature.get("issuer"),
        made_with[0] if made_with else None,
        next((source for action in actions if (source := action.get("digitalSourceType"))), None),
        tuple(sorted({code for code in problems if code and code != "signingCredential.untrusted"})),
    )


@cache
def _serial(chain: str) -> str:
    """The number of our own certificate, as C2PA writes it."""
    from cryptography.x509 import load_pem_x509_certificates

    return str(load_pem_x509_certificates(chain.encode())[0].serial_number)


@cache
def _context(chain: str | None) -> "c2pa.Context":
    """How to write and check; who trusts the last of our certificates trusts what we sign."""
    import c2pa

    begin = "-----BEGIN CERTIFICATE-----"
    trust = {"trust": {"trust_anchors": chain[chain.rindex(begin) :]}} if chain else {}
    return c2pa.Context.from_dict({**_SETTINGS, **trust})
