"""A certificate authority of a test, and a certificate for all programs of a cluster."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@attrs.frozen
class Certificates:
    """Files in PEM format."""

    authority: Path
    certificate: Path
    key: Path

    @property
    def configuration(self):
        """What distributed reads from its configuration for a client."""
        files = {"ca-file": self.authority, "client.cert": self.certificate, "client.key": self.key}
        return {f"distributed.comm.tls.{name}": str(path) for name, path in files.items()}

    @property
    def options(self):
        """Options of the programs of Dask."""
        names = {"ca-file": self.authority, "cert": self.certificate, "key": self.key}
        return [part for name, path in names.items() for part in (f"--tls-{name}", str(path))]


def make_certificates(folder):
    """Make an authority, and a certificate that it has signed."""
    folder.mkdir()
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("authority", authority_key, "authority", authority_key)
    certificate = _certificate("cluster", key, "authority", authority_key)
    made = Certificates(folder / "authority.pem", folder / "cluster.pem", folder / "key.pem")
    made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made


def _certificate(name, key, issuer, issuer_key):
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _name(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
