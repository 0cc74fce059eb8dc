"""The address is a secret: off until asked for, replaced at once, told to its owner alone, in no log."""

import hashlib
import io
import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.data import crypto
from app.logs import ForMachines
from app.publishing.feed.models import Feed
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.publishing.conftest import connect_till
from tests.publishing.feed.conftest import Marketplace, marketplace_of, secret_path
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, product

GOODS = [product("p1", "Улун молочный", price=350), product("p2", "Пуэр шу, лист", price=420)]


@pytest.fixture
def tea(stock: Stock) -> Stock:
    stock.put(products=GOODS)
    return stock


def shown_address(owner: Owner) -> list[str]:
    return owner.client.get("/sync/settings").page.select("//input[@id='feed-address']/@value")


def press(owner: Owner, action: str) -> None:
    assert owner.client.post("/sync/settings/feed", data={"action": action}).status_code == 303


def test_it_is_off_until_its_owner_switches_it_on_and_off_again(
    app: Flask, alice: Owner, tea: Stock, client: CheckingClient
) -> None:
    connect_till(app, alice.id)
    assert shown_address(alice) == []
    press(alice, "open")
    (address,) = shown_address(alice)
    assert address == "http://localhost" + secret_path(alice)
    assert client.get(secret_path(alice)).status_code == 200
    path = secret_path(alice)
    press(alice, "close")
    assert (shown_address(alice), client.get(path).status_code) == ([], 404)


def test_another_address_stops_the_one_before_and_its_pictures_at_once(
    alice: Owner, tea: Stock, marketplace: Marketplace, app: Flask
) -> None:
    connect_till(app, alice.id)
    upload(alice, ("oolong.jpg", jpeg()))
    offer = marketplace.offers()["Улун молочный"]
    assert marketplace.picture(offer).status_code == 200
    press(alice, "open")
    assert marketplace.get().status_code == 404
    assert marketplace.picture(offer).status_code == 404
    assert marketplace.get(secret_path(alice)).status_code == 200


def test_with_htmx_only_the_part_of_the_settings_comes_back(app: Flask, alice: Owner) -> None:
    connect_till(app, alice.id)
    answer = alice.client.htmx_post("/sync/settings/feed", {"action": "open"})
    assert not answer.page.is_whole
    assert answer.page.select("//section[@id='feed']//input/@value")
    assert alice.client.post("/sync/settings/feed", data={"action": "?"}).status_code == 400


def test_without_a_till_there_is_nothing_to_open(alice: Owner) -> None:
    assert alice.client.post("/sync/settings/feed", data={"action": "open"}).status_code == 400
    assert "подключите Эвотор" in alice.client.get("/sync/settings").page.text


def test_disconnecting_the_till_or_leaving_closes_it(
    app: Flask, alice: Owner, tea: Stock, marketplace: Marketplace
) -> None:
    connect_till(app, alice.id)
    alice.disconnect("evotor")
    assert marketplace.get().status_code == 404
    again = marketplace_of(app, alice)
    assert again.get().status_code == 200
    answer = alice.client.post("/profile/delete", data={"password": alice.password})
    assert answer.status_code == 303
    assert again.get().status_code == 404


def test_the_goods_of_another_merchant_never_come_at_the_old_address(
    alice: Owner, tea: Stock, marketplace: Marketplace
) -> None:
    alice.connect_evotor()
    assert marketplace.get().status_code == 404


@pytest.mark.databases("sqlite", "postgresql")
def test_a_stranger_and_a_twin_have_lists_of_their_own(
    app: Flask, alice: Owner, bob: Owner, tea: Stock, marketplace: Marketplace
) -> None:
    upload(alice, ("oolong.jpg", jpeg()))
    # Bob has the same goods under the same ids, and decided otherwise.
    twin = Stock(bob)
    twin.put(products=GOODS)
    twin.rule("product", "p1", "exclude")
    bobs = marketplace_of(app, bob)
    assert set(marketplace.offers()) == {"Улун молочный", "Пуэр шу, лист"}
    assert set(bobs.offers()) == {"Пуэр шу, лист"}
    picture = marketplace.offers()["Улун молочный"].findtext("picture")
    assert picture.startswith("http://localhost" + marketplace.path.removesuffix(".yml"))
    name = picture.rpartition("/")[2]
    assert bobs.get(bobs.path.replace(".yml", f"/photos/{name}")).status_code == 404
    assert shown_address(bob) == ["http://localhost" + bobs.path]


def test_the_database_alone_does_not_tell_it(
    alice: Owner, marketplace: Marketplace, db_session: Session
) -> None:
    secret = marketplace.path.removeprefix("/feeds/").removesuffix(".yml")
    row = db_session.scalars(select(Feed)).one()
    assert len(secret) >= 43
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in row.credentials


def test_an_address_that_cannot_be_decrypted_any_more_works_on_and_is_said_to(
    alice: Owner, tea: Stock, marketplace: Marketplace, db_session: Session
) -> None:
    db_session.query(Feed).update({"credentials": "of a key that is gone"})
    db_session.expire_all()
    assert "показать его больше нельзя" in alice.client.get("/sync/settings").page.text
    assert marketplace.get().status_code == 200


def test_keys_are_rotated_for_it_too(app: Flask, marketplace: Marketplace, db_session: Session) -> None:
    result = app.test_cli_runner().invoke(args=["rotate-token-keys"])
    assert "1 were under the first key already" in result.output
    with app.app_context():
        assert crypto.decrypt(db_session.scalars(select(Feed.credentials)).one())


def test_no_log_and_no_page_that_is_asked_for_names_it(
    app: Flask, tea: Stock, marketplace: Marketplace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    secret = marketplace.path.removeprefix("/feeds/").removesuffix(".yml")
    right, wrong = marketplace.get(), marketplace.get("/feeds/wrong-secret.yml")
    logging.getLogger("gunicorn.error").error("Error handling request %s", marketplace.path)
    lines = [ForMachines().format(record) for record in caplog.records]
    assert any("/feeds/<secret>.yml" in line for line in lines)
    assert any("/feeds/(hidden)" in line for line in lines)
    assert not any(secret in line or "wrong-secret" in line for line in lines)
    assert wrong.status_code == 404
    assert "wrong-secret" not in wrong.text
    assert right.headers["Referrer-Policy"] == wrong.headers["Referrer-Policy"] == "no-referrer"


def test_a_wrong_secret_costs_one_look_as_a_right_one_does(
    tea: Stock, marketplace: Marketplace, count_statements: Callable
) -> None:
    looks = []
    for path in (marketplace.path, "/feeds/wrong.yml"):
        with count_statements() as statements:
            marketplace.client.head(path)
        looks.append([each for each in statements if "digest" in each and "SELECT feeds.user_id" in each])
    assert [len(each) for each in looks] == [1, 1]


@pytest.mark.usefixtures("limits")
def test_guessing_is_limited_and_does_not_lock_out_who_knows(tea: Stock, marketplace: Marketplace) -> None:
    codes = [marketplace.get(f"/feeds/guess-{number}.yml").status_code for number in range(61)]
    assert codes == [404] * 60 + [429]
    # Pictures that are gone count for nobody: whoever asks for them knows the secret.
    app = marketplace.client.application
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    gone = marketplace.path.replace(".yml", "/photos/gone.jpg")
    for _ in range(61):
        assert marketplace.client.get(gone, environ_base=elsewhere).status_code == 404
    assert app.test_client().get(marketplace.path, environ_base=elsewhere).status_code == 200


@pytest.mark.usefixtures("limits")
def test_an_old_address_that_a_robot_goes_on_asking_keeps_no_right_one_from_its_network(
    app: Flask, alice: Owner, bob: Owner, tea: Stock, marketplace: Marketplace
) -> None:
    upload(alice, ("oolong.jpg", jpeg()))
    connect_till(app, alice.id)
    old = marketplace.path
    press(alice, "open")
    right = Marketplace(marketplace.client, secret_path(alice))
    assert [right.get(old).status_code for _ in range(61)] == [404] * 60 + [429]
    offers = right.offers()
    assert all(right.picture(offer).status_code == 200 for offer in offers.values())
    assert marketplace_of(app, bob).get().status_code == 200
    assert right.get(old).status_code == 429


def test_two_at_once_are_enough_for_one_list(tea: Stock, marketplace: Marketplace) -> None:
    under_way = [marketplace.client.get(marketplace.path, buffered=False) for _ in range(2)]
    assert marketplace.get().status_code == 429
    for answer in under_way:
        answer.close()
    assert marketplace.get().status_code == 200
    assert io.BytesIO(marketplace.get().data).read()
