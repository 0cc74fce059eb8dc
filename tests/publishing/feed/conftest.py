"""A price list as another marketplace fetches it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from lxml import etree

from app.data.db import db
from app.publishing.feed.address import feed_of, open_feed, secret_of
from tests.checking_client import CheckedResponse, CheckingClient
from tests.owners import Owner

DTD = etree.DTD(str(Path(__file__).with_name("shops.dtd")))


@dataclass
class Marketplace:
    """Somebody without a session who knows one address."""

    client: CheckingClient
    path: str

    def get(self, path: str | None = None, **headers: str) -> CheckedResponse:
        """Ask for the list, or for a picture of it."""
        return self.client.get(path or self.path, headers=headers)

    def fetch(self) -> Any:
        """The list's tree, which the DTD has found valid."""
        answer = self.get()
        assert answer.status_code == 200, answer.text
        tree = etree.fromstring(answer.data)
        assert DTD.validate(tree), DTD.error_log.filter_from_errors()
        return tree

    def offers(self) -> dict[str, Any]:
        """The offers by name."""
        return {offer.findtext("name"): offer for offer in self.fetch().iter("offer")}

    def picture(self, offer: Any, **headers: str) -> CheckedResponse:
        """The first picture of an offer."""
        return self.get(urlsplit(offer.findtext("picture")).path, **headers)


def secret_path(owner: Owner) -> str:
    """Where the owner's list is."""
    with owner.app.app_context():
        feed = feed_of(owner.id)
        assert feed is not None
        path = f"/feeds/{secret_of(feed)}.yml"
        db.session.rollback()
        return path


def marketplace_of(app: Flask, owner: Owner) -> Marketplace:
    """Give the owner's list a new address, and that to a marketplace."""
    with app.app_context():
        open_feed(owner.id)
    return Marketplace(app.test_client(), secret_path(owner))  # type: ignore[arg-type]


@pytest.fixture
def marketplace(app: Flask, alice: Owner) -> Marketplace:
    """A marketplace that knows where Alice's list is."""
    return marketplace_of(app, alice)
