"""The merchant's token is in no error, log line or representation, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, Response, request

from app.clients.errors import BadRequest, CloudError
from app.clients.evotor.client import EvotorClient
from sandbox.server import running
from tests.clients.conftest import STORE, TOKEN, Cloud


@contextmanager
def echoing_cloud(status: int) -> Iterator[str]:
    """Serve a cloud that quotes every header it was sent, in the body and back in the headers."""
    app = Flask(__name__)

    @app.get("/<path:path>")
    def echo(path: str) -> Response:
        sent = request.headers.get("Authorization", "")
        body = {"code": sent, "violations": [{"reason": sent, "subject": sent}], "items": sent}
        return Response(json.dumps(body), status, {"X-Echo": sent}, content_type="application/json")

    with running(app) as url:
        yield url


def shown(error: CloudError) -> str:
    """Return everything that anybody would print of an error."""
    lines = [repr(error), str(error), error.detail, repr(error.args), repr(vars(error))]
    return "".join([*lines, *traceback.format_exception(error)])


FAULTS: list[dict[str, Any]] = [
    {"name": f"status_{status}"} for status in (400, 401, 402, 403, 404, 422, 429, 500)
]
FAULTS += [
    {"name": name}
    for name in ("timeout", "connection_reset", "html_body", "invalid_json", "repeated_cursor", "redirect")
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_no_fault_shows_the_token(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    cloud.world.faults.add(**fault)
    client = cloud.client(timeout=(1, 0.1))
    with caplog.at_level(logging.DEBUG), pytest.raises(CloudError) as failure:
        list(client.products(STORE))
    assert TOKEN not in shown(failure.value)
    assert TOKEN not in caplog.text and TOKEN not in repr([vars(record) for record in caplog.records])
    assert TOKEN not in repr(client)


@pytest.mark.parametrize("status", [200, 301, 400, 418, 422, 500])
def test_a_cloud_that_quotes_the_token_does_not_make_it_seen(
    caplog: pytest.LogCaptureFixture, status: int
) -> None:
    with (
        echoing_cloud(status) as url,
        EvotorClient(url, TOKEN, sleep=lambda seconds: None) as client,
        caplog.at_level(logging.DEBUG),
        pytest.raises(CloudError) as failure,
    ):
        client.stores()
    assert TOKEN not in shown(failure.value)
    assert TOKEN not in caplog.text
    if isinstance(failure.value, BadRequest) and status != 418:
        assert failure.value.violations == (("Bearer ***", "Bearer ***"),)


@pytest.mark.parametrize("token", [f"{TOKEN} {TOKEN}", f"{TOKEN}\r\nX-Evil: 1", f"{TOKEN}й"])
def test_a_token_that_cannot_be_sent_is_not_shown_either(
    caplog: pytest.LogCaptureFixture, token: str
) -> None:
    client = EvotorClient("http://127.0.0.1:9", token, sleep=lambda seconds: None)
    with caplog.at_level(logging.DEBUG), pytest.raises(CloudError) as failure:
        client.stores()
    assert TOKEN not in shown(failure.value) and TOKEN not in caplog.text


def test_a_netrc_file_is_not_asked_for_other_credentials(
    cloud: Cloud, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else")
    monkeypatch.setenv("NETRC", str(netrc))
    cloud.client().stores()
    assert cloud.requests() == ["bearer 200"]
