"""A small threaded WSGI server: it keeps connections open, as the cloud does, and lets a fault cut them."""

import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

# A picture of 50 MB and what surrounds it in a form.
MAX_BODY = 51 * 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    """Answer the requests of one connection; writes nothing to the terminal but tracebacks."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    # Headers and a short body leave in one packet; Nagle's algorithm would hold the next one for 40 ms.
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Run the app for one request; a ConnectionError out of its body hangs up without an end."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.send_error(413)
            self.close_connection = True
            return
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [status, headers]

        body = None
        try:
            body = self.server.app(self._environ(self.rfile.read(length)), start_response)
            self._send(body, started)
        except ConnectionError:
            self.close_connection = True
        except Exception:
            traceback.print_exc(file=sys.stderr)
            self.close_connection = True
        finally:
            if body is not None and hasattr(body, "close"):
                body.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def _send(self, body: Any, started: list[Any]) -> None:
        sent, chunked = False, False
        for part in body:
            if not sent:
                chunked = self._send_headers(*started)
                sent = True
            if part and self.command != "HEAD":
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
                # A body given in parts is meant to arrive in parts.
                if chunked or len(part) >= self.wbufsize:
                    self.wfile.flush()
        if not sent:
            chunked = self._send_headers(*started)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _send_headers(self, status: str, headers: list[tuple[str, str]]) -> bool:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        sized = any(name.lower() == "content-length" for name, _ in headers)
        chunked = not sized and self.command != "HEAD" and int(code) not in (204, 304)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        return chunked

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.connection": self.connection,
            "sandbox.flush": self.wfile.flush,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
        }
        for name in set(self.headers) - {"Content-Type", "Content-Length"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = ",".join(self.headers.get_all(name, []))
        return environ

    def version_string(self) -> str:
        """Name the server in the Server header."""
        return "sandbox"

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the control page shows the requests."""


class Server(ThreadingMixIn, TCPServer):
    """Give every connection a thread; `server_close` ends the kept connections too."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        super().__init__((host, port), Handler)

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and start its thread."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening and hang up on everybody."""
        super().server_close()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def make_server(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Bind a server without starting it (`serve_forever` does); port 0 takes any free one."""
    return Server(app, host, port)


@contextmanager
def running(app: Flask) -> Iterator[str]:
    """Serve the app in a thread; yield its base URL, for example http://127.0.0.1:40123."""
    server = make_server(app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
