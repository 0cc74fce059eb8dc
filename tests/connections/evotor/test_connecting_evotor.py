"""A good token is tried, kept and put to use."""

from app.work.locks import held_by_one
from sandbox.world import Merchant, World
from tests.connections.evotor.conftest import Stored
from tests.owners import DEMO_TOKEN, Owner


def test_a_good_token_is_kept_and_the_catalogue_follows(alice: Owner, stored: Stored, world: World) -> None:
    response = alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    assert (response.status_code, response.location) == (303, "/catalog")
    assert [entry.path for entry in world.journal.entries()] == ["/evotor/stores"]
    assert stored.secret == {"token": DEMO_TOKEN, "auth_scheme": "bearer"}
    assert stored.row is not None
    assert (stored.row.is_online, stored.row.status, stored.row.last_error) == (True, "online", None)
    page = alice.client.get("/catalog").page
    assert page.select("//*[@id='refresh']/@data-state") == ["queued"]


def test_the_card_names_the_state_the_stores_and_the_last_check(alice: Owner, evotor_url: str) -> None:
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    card = alice.client.get("/connections").page.texts("//*[@id='connection-evotor']")[0]
    for words in ("На связи", "3 магазина: Чайная, Склад, Точка 2", "проверено только что", "Отключить"):
        assert words in card.replace("\N{NO-BREAK SPACE}", " ")


def test_blanks_around_a_pasted_token_do_not_matter(alice: Owner, stored: Stored) -> None:
    alice.client.post("/connections/evotor", data={"token": f"  {DEMO_TOKEN}\r\n"})
    assert stored.secret["token"] == DEMO_TOKEN


def test_the_second_form_of_authorisation_is_found_and_remembered(
    alice: Owner, stored: Stored, merchant: Merchant, world: World
) -> None:
    merchant.manners = merchant.manners.altered({"auth": "x-authorization"})
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    assert stored.secret["auth_scheme"] == "x-authorization"
    world.journal.clear()
    alice.check("evotor")
    assert [(entry.auth, entry.status) for entry in world.journal.entries()] == [("x-authorization", 200)]


def test_a_cloud_that_changes_its_mind_is_followed_at_the_next_check(
    alice: Owner, stored: Stored, merchant: Merchant
) -> None:
    alice.connect_evotor()
    merchant.manners = merchant.manners.altered({"auth": "x-authorization"})
    alice.check("evotor")
    assert stored.secret == {"token": DEMO_TOKEN, "auth_scheme": "x-authorization"}


def test_a_new_token_replaces_the_old_one_in_place(
    alice: Owner, stored: Stored, merchant: Merchant, world: World
) -> None:
    alice.connect_evotor()
    first = stored.row
    world.add_token(merchant, "second-token")
    alice.client.post("/connections/evotor", data={"token": "second-token"})
    assert stored.secret["token"] == "second-token"
    assert first is not None and stored.row is not None and stored.row.id == first.id


def test_an_account_without_stores_says_what_to_do(alice: Owner, world: World) -> None:
    world.faults.add("no_stores")
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    assert "установите приложение хотя бы на один терминал" in alice.client.get("/connections").page.text


def test_one_page_of_an_owner_at_a_time_waits_for_the_cloud(
    alice: Owner, bob: Owner, evotor_url: str
) -> None:
    with held_by_one(f"connect-evotor:{alice.id}", lease=30, patience=0):
        answer = alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
        assert answer.status_code == 422 and "ещё проверяется" in answer.page.text
        assert bob.client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 303
    assert alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 303
