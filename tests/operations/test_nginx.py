"""A real nginx with the site of docs/deploy.md takes big bodies of who is signed in, and few at once."""

import getpass
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.config import ROOT
from tests.owners import Owner
from tests.processes import wait_until
from tests.servers import HttpServer

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or shutil.which("nginx")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

ARCHIVE = "/catalog/photos/archive"
MEGABYTE = 1024 * 1024
# Of what is announced so much comes, and no more.
PIECE = 64 * 1024
SECONDS = 20
Send = Callable[..., socket.socket]


@pytest.fixture
def nginx(live_server: HttpServer, tmp_path: Path) -> Iterator[Path]:
    """The socket of an nginx in front of the product."""
    (site,) = re.findall(r"```nginx\n(.+?)```", (ROOT / "docs" / "deploy.md").read_text(), re.DOTALL)
    site = site.replace("http://127.0.0.1:8000", live_server.url).replace("/srv/vitrina", str(ROOT))
    site = re.sub(r"(?m)^ +(listen \[|ssl_).+\n", "", site)
    site = re.sub(r"(?m)^( +listen) 80;", rf"\1 unix:{tmp_path}/plain;", site)
    site = re.sub(r"(?m)^( +listen) 443 ssl;", rf"\1 unix:{tmp_path}/tls;", site)
    site = site.replace("/var/log/nginx", str(tmp_path))
    temporary = "".join(
        f"{name}_temp_path {tmp_path}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"daemon off; user {getpass.getuser()}; pid {tmp_path}/pid; error_log {tmp_path}/errors;\n"
        f"events {{}}\nhttp {{\n{temporary}{site}}}\n"
    )
    process = subprocess.Popen([str(NGINX), "-c", str(configuration), "-e", f"{tmp_path}/errors"])
    try:
        wait_until(lambda: (tmp_path / "pid").exists() or process.poll() is not None)
        yield tmp_path / "tls"
    finally:
        process.terminate()
        process.wait()
        print((tmp_path / "errors").read_text())


@pytest.fixture
def send(nginx: Path) -> Iterator[Send]:
    """Begin a POST of so many megabytes, of which a piece comes, or of a whole body; with `*headers`."""
    with ExitStack() as opened:

        def begin(path: str, megabytes: int, *headers: str, body: bytes = b"") -> socket.socket:
            visitor = opened.enter_context(socket.socket(socket.AF_UNIX))
            visitor.settimeout(SECONDS)
            visitor.connect(str(nginx))
            lines = (
                f"POST {path} HTTP/1.1",
                "Host: shop",
                f"Content-Length: {len(body) or megabytes * MEGABYTE}",
            )
            visitor.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
            if "Expect: 100-continue" not in headers:
                visitor.sendall(body or bytes(PIECE))
            return visitor

        yield begin


def answer(visitor: socket.socket) -> str:
    """The head of what is answered though most of the body is still to come."""
    return visitor.recv(4096).decode().partition("\r\n\r\n")[0]


def is_page(head: str, code: int, name: str) -> bool:
    size = (ROOT / "static" / "proxy" / f"{name}.html").stat().st_size
    return head.startswith(f"HTTP/1.1 {code}") and f"Content-Length: {size}\r\n" in head


def cookie_of(owner: Owner) -> str:
    cookie = owner.client.get_cookie("session")
    assert cookie
    return f"Cookie: session={cookie.value}"


def test_who_is_not_signed_in_is_answered_before_a_big_body_is_taken(send: Send) -> None:
    for path, megabytes in ((ARCHIVE, 2049), ("/catalog/photos", 125), ("/sync/rules/import", 32)):
        head = answer(send(path, megabytes, "Cookie: session=forged"))
        assert head.startswith("HTTP/1.1 303") and f"/login?next={path}&ended=1" in head
        fragment = answer(send(path, megabytes, "HX-Request: true"))
        assert fragment.startswith("HTTP/1.1 401") and "HX-Redirect: /login?ended=1" in fragment
    for path in ("/login", "/feeds/secret.yml", f"{ARCHIVE}/1"):
        assert is_page(answer(send(path, 1)), 413, "too-big")
    assert answer(send("/signed-in", 1)).startswith("HTTP/1.1 404")


def test_an_owner_sends_an_archive(send: Send, alice: Owner) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="1.zip"\r\n\r\n%b\r\n--x--\r\n'
    token = f"X-CSRFToken: {alice.client.csrf_token()}"
    kind = "Content-Type: multipart/form-data; boundary=x"
    sent = send(ARCHIVE, 0, cookie_of(alice), token, kind, body=part % bytes(MEGABYTE))
    head = answer(sent)
    assert head.startswith("HTTP/1.1 303") and re.search(rf"(?m)^Location: {ARCHIVE}/\d+\r$", head)


def test_who_is_signed_in_sends_few_archives_at_once_whatever_others_begin(send: Send, alice: Owner) -> None:
    known, waits = cookie_of(alice), "Expect: 100-continue"
    for _ in range(8):
        assert answer(send(ARCHIVE, 2049)).startswith("HTTP/1.1 303")
    for _ in range(4):
        assert answer(send(ARCHIVE, 2049, known, waits)) == "HTTP/1.1 100 Continue"
    assert is_page(answer(send(ARCHIVE, 2049, known)), 429, "busy")
    # Elsewhere there is room.
    assert answer(send("/catalog/photos", 125, known, waits)) == "HTTP/1.1 100 Continue"
    assert answer(send("/inventories/stores/1/products", 16, waits)) == "HTTP/1.1 100 Continue"
