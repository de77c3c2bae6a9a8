"""The place where everything is measured: the loopback server in its own process, and how much is done."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.measuring import CORES
from benchmarks.setting import Setting

LATENCY = 0.05
"""Seconds that the slow provider takes to answer."""


@frozen(kw_only=True)
class Bench:
    """What the rows need to know."""

    plain: Setting
    tls: Setting
    slow: Setting
    """Its server takes `LATENCY` seconds for each reply."""
    rounds: int
    short: bool
    """Whether it need only be shown that everything works."""
    million: bool
    counts_instructions: bool
    server: int
    """The number of the server's process."""

    def units(self, full: int, short: int) -> int:
        """Return how much work is done."""
        return short if self.short else full

    def server_seconds(self) -> float:
        """Return the CPU seconds that the server has used; zero where the system does not tell."""
        status = Path(f"/proc/{self.server}/stat")
        if not status.exists():
            return 0.0
        user, system = status.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(*, short: bool, rounds: int, million: bool, counts_instructions: bool) -> Iterator[Bench]:
    """Start the server on the last core."""
    with tempfile.TemporaryDirectory() as place:
        certificate, authorities = Path(place, "server.pem"), Path(place, "authorities.pem")
        own = _certificate(certificate)
        # A real bundle, because reading it is what a client without a session does again at every call over TLS.
        authorities.write_bytes(Path(certifi.where()).read_bytes() + own)
        command = [sys.executable, str(Path(__file__).with_name("server.py")), "--certificate", str(certificate)]
        command += ["--latency", str(LATENCY), *(["--core", str(CORES[-1])] if CORES[1:] else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                ports = json.loads(server.stdout.readline())
                yield Bench(
                    plain=Setting(url=f"http://127.0.0.1:{ports['plain']}"),
                    slow=Setting(url=f"http://127.0.0.1:{ports['slow']}"),
                    tls=Setting(url=f"https://127.0.0.1:{ports['tls']}", authorities=str(authorities)),
                    short=short,
                    rounds=rounds,
                    million=million,
                    counts_instructions=counts_instructions,
                    server=server.pid,
                )
            finally:
                server.kill()


def _certificate(path: Path) -> bytes:
    """Write a key and a certificate for loopback that nobody else trusts; return the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kolay_invoice benchmarks")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + shown)
    return shown
