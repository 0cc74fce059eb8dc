"""The command that makes the owner of the demo."""

import pytest
from flask import Flask

from app.clients.errors import BadPayload


def test_a_cloud_whose_answer_cannot_be_read_is_told_in_a_sentence(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(user_id: int, token: str) -> None:
        raise BadPayload("an object has no usable id")

    monkeypatch.setattr("app.connections.evotor.account.connect_evotor", refuse)
    asked = ["--email", "demo@example.org", "--password", "чай-и-вода", "--evotor-token", "t"]
    with app.app_context():
        told = app.test_cli_runner().invoke(args=["create-demo-owner", *asked])
    assert (told.exit_code, told.stderr.strip()) == (
        1,
        "Error: Evotor's cloud could not be asked for its stores: an object has no usable id.",
    )
