"""The certificate of one instance: a certificate authority that can vouch for this machine and its registries only, and
a server certificate.

Clients trust the authority. Its private key is never written: it signs one certificate and is gone, and its name
constraints (RFC 5280, 4.2.1.10) would not let it sign for any name but ``localhost``, ``127.0.0.1`` and those of ECR's
registries anyway. So trusting it costs next to nothing: who reads this instance's key could be a registry to those who
trust this instance.
"""

import dataclasses
import datetime
import ipaddress
import os
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local_aws import private_files, registry_names

# Apple's TLS stack refuses server certificates that are valid for more than 825 days.
VALIDITY = datetime.timedelta(days=800)
RENEW_BEFORE = datetime.timedelta(days=30)
LOOPBACK = ipaddress.ip_address("127.0.0.1")
NAMES = ["localhost", *(f"*.{domain}" for domain in registry_names.DOMAINS)]


@dataclasses.dataclass(frozen=True)
class Certificate:
    authority: pathlib.Path
    chain: pathlib.Path
    key: pathlib.Path


def ensure_certificate(directory: pathlib.Path) -> Certificate:
    """The instance's certificate: the one it had, so that clients which trust it go on, or a new one if it is
    missing or ends soon.
    """
    files = Certificate(authority=directory / "ca.pem", chain=directory / "server.pem", key=directory / "server.key")
    if not _still_good(files):
        directory.mkdir(parents=True, exist_ok=True)
        _issue(files)
    return files


def _still_good(files: Certificate) -> bool:
    if not all(path.exists() for path in (files.authority, files.chain, files.key)):
        return False
    try:
        leaf = x509.load_pem_x509_certificate(files.chain.read_bytes())
    except ValueError:
        return False
    # The naive form exists in every version of the library; both sides are UTC.
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    if names != NAMES:
        return False
    end = getattr(leaf, "not_valid_after_utc", None) or leaf.not_valid_after.replace(tzinfo=datetime.timezone.utc)
    return end - RENEW_BEFORE > datetime.datetime.now(datetime.timezone.utc)


def _issue(files: Certificate) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own for each authority: clients look issuers up by name, and may trust several instances at once.
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"local AWS {os.urandom(6).hex()}")])
    authority_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())

    def certificate(subject: x509.Name, public_key) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + VALIDITY)
        )

    authority = (
        certificate(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(sign_certificates=True), critical=True)
        .add_extension(authority_id, critical=False)
        .add_extension(
            x509.NameConstraints(
                permitted_subtrees=[
                    *(x509.DNSName(name) for name in ["localhost", *registry_names.DOMAINS]),
                    x509.IPAddress(ipaddress.ip_network(f"{LOOPBACK}/32")),
                ],
                excluded_subtrees=None,
            ),
            critical=True,
        )
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), server_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([*map(x509.DNSName, NAMES), x509.IPAddress(LOOPBACK)]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(server_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id), critical=False)
        .sign(authority_key, hashes.SHA256())
    )

    authority_pem = authority.public_bytes(serialization.Encoding.PEM)
    private_files.write(
        files.key,
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    private_files.write(files.chain, server.public_bytes(serialization.Encoding.PEM) + authority_pem)
    private_files.write(files.authority, authority_pem)


def _key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
