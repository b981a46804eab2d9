"""A certificate authority of one drill, for servers whose clients verify whom they talk to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.operate.drill.stage import Stage

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

HOST = "localhost"
"""The name that certificates are made out to, beside 127.0.0.1."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Whose certificates the clients of a drill trust; ``file`` is what they are given."""

    file: Path
    certificate: Certificate
    _key: EllipticCurvePrivateKey

    def issue(self, stage: Stage, folder: Path) -> tuple[Path, Path]:
        """A certificate and its key for a server on the loopback, in the server's own folder."""
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(HOST, key, self._key, self.certificate)
        return _written(stage, folder / "server.pem", _pem(made)), _written(stage, folder / "server.key", _private(key))


def authority(stage: Stage, name: str = "authority") -> Authority:
    """Make an authority for the length of a drill; its key stays in memory."""
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    made = _certificate(f"Seawall drill {name}", key, key, None)
    # Servers that refuse root read it, too; it is no secret, but its folder is ours alone.
    folder = stage.folder(name, unprivileged=True)
    return Authority(_written(stage, folder / "authority.pem", _pem(made)), made, key)


def _certificate(
    name: str, key: EllipticCurvePrivateKey, signer: EllipticCurvePrivateKey, by: Certificate | None
) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.subject if by is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if by is not None:
        names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(signer, hashes.SHA256())


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _private(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _written(stage: Stage, path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    stage.give(path)
    return path
