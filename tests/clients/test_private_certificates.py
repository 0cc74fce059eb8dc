"""A cloud with a certificate of a private root is trusted through the CA bundle, and only through it."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.clients.errors import Unavailable
from app.clients.evotor.client import EvotorClient


class OneStore(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"items":[{"id":"S1","name":"Tea"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate of 127.0.0.1 and its key; return their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Private root")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "root.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "root.pem", folder / "key.pem"


@pytest.fixture
def private_cloud(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    root, key = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(root, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneStore)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", root
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_bundle_makes_a_private_root_trusted(
    private_cloud: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, root = private_cloud
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    with EvotorClient(url, "token", ca_bundle=str(root)) as client:
        assert [store.id for store in client.stores()] == ["S1"]


@pytest.mark.parametrize("bundle", [None, "/nowhere.pem"])
def test_without_the_right_bundle_there_is_no_answer(
    private_cloud: tuple[str, Path], bundle: str | None
) -> None:
    with (
        EvotorClient(private_cloud[0], "token", ca_bundle=bundle, sleep=lambda seconds: None) as client,
        pytest.raises(Unavailable),
    ):
        client.stores()
