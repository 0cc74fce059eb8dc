"""What cannot be taken back has no button, and says why; nothing is switched off before it is begun."""

from decimal import Decimal

import pytest
from flask import Flask

from app.data.db import db
from app.publishing.run.models import Publication
from app.publishing.settings.models import PublicationSettings
from sandbox.vk.people import Person
from sandbox.vk.world import VkWorld
from tests.connections.vk.conftest import connect_at_once
from tests.publishing.conftest import GOODS, Publishing, runs
from tests.publishing.test_removing import delete
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")


def choose_another(publishing: Publishing, vk: VkWorld, maria: Person) -> None:
    """Let Alice choose another community of hers."""
    community = vk.add_community("Вторая чайная", maria)
    vk.market(community.id)
    connect_at_once(publishing.owner, vk, maria, community)


def is_auto(publishing: Publishing) -> bool:
    """Whether what changes is sent by itself."""
    with publishing.owner.app.app_context():
        return db.session.get_one(PublicationSettings, publishing.owner.id).auto


def dearer(publishing: Publishing, tea: Stock) -> Publication:
    """Publish all, and a new price of the first good by another run; changes then go by themselves."""
    publishing.publish()
    tea.put(products=[GOODS[0]._replace(price=Decimal(360)), *GOODS[1:]])
    run = publishing.publish()
    publishing.choose(auto=True)
    return run


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_run_of_a_community_that_is_not_chosen_has_no_button_but_a_sentence(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, maria: Person, *, is_connected: bool
) -> None:
    run = dearer(publishing, tea)
    client, address = publishing.owner.client, f"/sync/publish/{run.id}"
    assert client.get(address).page.select("//form[contains(@action, '/undo')]")
    if is_connected:
        choose_another(publishing, vk, maria)
    else:
        assert publishing.owner.disconnect("vk").status_code == 303
    page = client.get(address).page
    why = "шла в другое сообщество" if is_connected else "ВКонтакте сейчас не подключён"
    assert why in page.text and not page.select("//form[contains(@action, '/undo')]")
    # A page of before has the button.
    assert why in client.post(f"{address}/undo", follow_redirects=True).page.text
    assert len(runs(app)) == 2 and is_auto(publishing)


def test_what_vk_refused_elsewhere_is_not_tried_once_more(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, maria: Person
) -> None:
    publishing.publish()
    vk.faults.add("error", method="market.delete", code=100, times=1)
    run_id = delete(publishing, "A-1", "A-2")
    choose_another(publishing, vk, maria)
    client, address = publishing.owner.client, f"/sync/publish/{run_id}"
    page = client.get(address).page
    assert "шла в другое сообщество" in page.text and not page.select("//form[contains(@action, '/again')]")
    assert "шла в другое сообщество" in client.post(f"{address}/again", follow_redirects=True).page.text
    assert len(runs(app)) == 2


@pytest.mark.parametrize("is_of_deletion", [False, True])
def test_changes_go_by_themselves_until_a_run_is_really_taken_back(
    app: Flask, publishing: Publishing, tea: Stock, *, is_of_deletion: bool
) -> None:
    run_id = dearer(publishing, tea).id
    if is_of_deletion:
        run_id = delete(publishing, "A-1")
    client, address = publishing.owner.client, f"/sync/publish/{run_id}"
    said = "«Публиковать изменения самим» выключится"
    assert said in client.get(address).page.text
    undo = client.post(f"{address}/undo").headers["Location"]
    assert is_auto(publishing)
    client.post(f"{undo}/cancel")
    publishing.run_jobs()
    assert is_auto(publishing) and "включите «Публиковать" not in client.get(undo).page.text
    undo = client.post(f"{address}/undo").headers["Location"]
    publishing.run_jobs()
    assert not is_auto(publishing) and "включите «Публиковать" in client.get(undo).page.text


@pytest.mark.parametrize("is_of_deletion", [False, True])
def test_where_nothing_is_taken_back_changes_go_on_by_themselves(
    app: Flask, publishing: Publishing, tea: Stock, *, is_of_deletion: bool
) -> None:
    run_id = dearer(publishing, tea).id
    if is_of_deletion:
        run_id = delete(publishing, "A-1")
        tea.rule("product", "p1", "exclude")
    else:
        publishing.market.change(publishing.items["A-1"].id, price=99_000)
        publishing.read()
    client = publishing.owner.client
    undo = client.post(f"/sync/publish/{run_id}/undo").headers["Location"]
    publishing.run_jobs()
    assert is_auto(publishing) and "включите «Публиковать" not in client.get(undo).page.text
