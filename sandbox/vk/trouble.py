"""What both halves of VK share: troubles on the way, and the journal."""

import time
from collections.abc import Iterator

from flask import Response, current_app, g, request

from sandbox.error_answers import HTML_PAGE, html_error
from sandbox.journal import Entry, now

SILENT_SECONDS = 60.0


def begin() -> None:
    """Start the clock of a request."""
    g.started = time.perf_counter()


def transport_trouble() -> Response | None:
    """Give the answer that a trouble of the web server puts in place of the real one."""
    world = current_app.extensions["sandbox"]

    def silence() -> Iterator[bytes]:
        world.faults.wait(SILENT_SECONDS)
        raise ConnectionAbortedError("nothing was answered")
        yield b""

    if world.vk.trouble == "status_500":
        return html_error(500, "Internal Server Error")
    if world.vk.trouble == "html_body":
        return Response(HTML_PAGE.format("Технические работы"), content_type="text/html;charset=UTF-8")
    if world.vk.trouble == "silence":
        return Response(silence(), content_type="application/json")
    return None


def record(response: Response) -> Response:
    """Write the request down; codes, tokens and other parameters are not kept."""
    world = current_app.extensions["sandbox"]
    world.journal.add(
        Entry(
            time=now(),
            method=request.method,
            path=request.path,
            query={},
            accept=request.headers.get("Accept", ""),
            auth="access_token" if "access_token" in request.form else "none",
            merchant=None,
            status=response.status_code,
            fault=None,
            duration_ms=round((time.perf_counter() - g.started) * 1000, 2),
        )
    )
    return response
