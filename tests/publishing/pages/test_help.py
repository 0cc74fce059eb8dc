"""Help is open to everybody, and each link to it leads somewhere."""

import re
from pathlib import Path

import pytest

from app.config import ROOT
from app.publishing.pages.help import TOPICS
from tests.checking_client import CheckingClient
from tests.owners import Owner

LINK = re.compile(r'help_link\("(\w+)"(?:, "(\w+)")?')
SHOTS = ROOT / "static" / "img" / "help"


def test_every_topic_is_open_to_everybody_and_shows_pictures_that_exist(
    client: CheckingClient, alice: Owner
) -> None:
    assert {path.stem for path in (ROOT / "templates/help").glob("[!_]*.html")} == {*TOPICS, "index"}
    listed = client.get("/help").page.select("//main//li/a/@href")
    assert listed == [f"/help/{name}" for name in TOPICS]
    shown = set()
    for path in listed:
        answer = client.get(path)
        assert answer.status_code == alice.client.get(path).status_code == 200
        shown |= {src.partition("?")[0] for src in answer.page.select("//main//img/@src")}
    assert shown == {f"/static/img/help/{path.name}" for path in SHOTS.iterdir()}
    assert client.get("/help/nothing").status_code == 404


def test_every_link_to_help_leads_to_a_topic_and_a_place_in_it(client: CheckingClient) -> None:
    links = {link for path in (ROOT / "templates").rglob("*.html") for link in LINK.findall(path.read_text())}
    assert len({topic for topic, _ in links}) > 6
    for topic, anchor in links:
        page = client.get(f"/help/{topic}").page
        assert not anchor or page.select(f"//*[@id='{anchor}']"), (topic, anchor)


@pytest.mark.parametrize("picture", sorted(SHOTS.iterdir()), ids=lambda path: path.name)
def test_pictures_of_help_are_light(picture: Path) -> None:
    assert picture.stat().st_size <= 60 * 1024
