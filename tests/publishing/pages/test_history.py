"""One timeline of publications, refreshes and rules, by day, the owner's own only."""

import pytest
from flask import Flask

from app.data.db import db
from app.publishing.run.models import Publication
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock


def kinds(owner: Owner, address: str = "/sync/history") -> list[str]:
    """The kinds of the events of a page, in order."""
    return owner.client.get(address).page.select("//ol[contains(@class, 'timeline')]/li/@data-kind")


def test_publications_refreshes_and_rules_stand_in_one_timeline_the_latest_first(
    publishing: Publishing, tea: Stock, bob: Owner
) -> None:
    publishing.publish()
    form = {"entity_type": "product", "entity_id": "p1", "entity_name": "Улун молочный", "store_id": "s1"}
    publishing.owner.client.post("/catalog/filter", data=form | {"filter_mode": "exclude"})
    seen = kinds(publishing.owner)
    assert seen[:2] == ["rules", "publication"]
    assert "refresh" in seen
    for kind in ("rules", "publication", "refresh"):
        assert set(kinds(publishing.owner, f"/sync/history?kind={kind}")) == {kind}
    assert kinds(bob) == []
    assert "Сегодня" in publishing.owner.client.get("/sync/history").text


@on_both
def test_the_timeline_is_walked_to_its_end(publishing: Publishing, app: Flask) -> None:
    with app.app_context():
        runs = [
            Publication(
                user_id=publishing.owner.id,
                community_id=publishing.community_id,
                origin="auto",
                status="done",
            )
            for _ in range(120)
        ]
        db.session.add_all(runs)
        db.session.commit()
        ids = [run.id for run in runs]
    address, seen = "/sync/history?kind=publication", []
    while address:
        page = publishing.owner.client.get(address).page
        seen += page.select("//li[@data-kind='publication']//a[contains(@href, '/sync/publish/')]/@href")
        address = next(iter(page.select("//a[@rel='next']/@href")), "")
    assert seen == [f"/sync/publish/{run_id}" for run_id in sorted(ids, reverse=True)]


@pytest.mark.parametrize("query", ["kind=weather", "after=nonsense", "after=WyJydWxlcyB4IiwxLDFd"])
def test_a_link_that_was_not_made_here_is_a_bad_request(alice: Owner, query: str) -> None:
    assert alice.client.get(f"/sync/history?{query}").status_code == 400
