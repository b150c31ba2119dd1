"""Identity: the key with which an installation signs credentials, and the certificates that belong to it.

Only its owner may read it; nothing that a worker's child runs is ever given it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.x509 import CertificateBuilder, KeyUsage, Name

ORGANISATION = "Sluiceway"
# A credential is checked against the time of its signing only when a time stamp proves it, and we ask no authority.
YEARS = 20
_KEY_END = "-----END PRIVATE KEY-----\n"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """The private key, and the chain of certificates from its own to the root, as PEM."""

    key: str
    chain: str

    @classmethod
    def from_pem(cls, text: str) -> Self:
        """ValueError for what is not written as `make_identity` writes it: key, own certificate, and who vouches."""
        key, end, chain = text.partition(_KEY_END)
        if not end or chain.count("-----BEGIN CERTIFICATE-----") < 2:
            raise ValueError("this is no identity of an installation")
        return cls(key + end, chain)


def make_identity() -> str:
    """A new key with its certificates, as PEM. C2PA takes no self-signed one: a root, whose key is forgotten, vouches."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    root_key, own_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _as_root(root_key.public_key()).sign(root_key, SHA256())
    own = _as_signer(own_key.public_key(), root_key.public_key()).sign(root_key, SHA256())
    key = own_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join([key, own.public_bytes(Encoding.PEM), root.public_bytes(Encoding.PEM)]).decode()


def _as_root(public: "EllipticCurvePublicKey") -> "CertificateBuilder":
    from cryptography import x509

    name = _name("root")
    return (
        _certificate(name, name, public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    )


def _as_signer(public: "EllipticCurvePublicKey", root: "EllipticCurvePublicKey") -> "CertificateBuilder":
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root)
    return (
        _certificate(_name("credentials"), _name("root"), public)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        # One of the purposes that C2PA accepts without a list of its own.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(issuer, critical=False)
    )


def _certificate(subject: "Name", issuer: "Name", public: "EllipticCurvePublicKey") -> "CertificateBuilder":
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # An hour back: the clocks of two machines differ.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str) -> "Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{ORGANISATION} {common}"),
        ]
    )


def _usage(*allowed: str) -> "KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(**{name: name in allowed for name in _USAGES})


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
