"""Changes of one owner come one after the other; only so many of them may wait for that."""

from queue import SimpleQueue
from threading import Thread

from flask import Flask
from sqlalchemy import update

from app.data.db import db
from app.rules.models import SyncConfig
from app.web.turns import IN_LINE, RETRY_AFTER_SECONDS, TOO_LONG_LINE
from tests.checking_client import CheckedResponse, CheckingClient
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, product


def another_browser(app: Flask, owner: Owner) -> CheckingClient:
    client: CheckingClient = app.test_client()  # type: ignore[assignment]
    cookie = owner.client.get_cookie("session")
    assert cookie is not None
    client.set_cookie("session", cookie.value)
    return client


@on_both
def test_whoever_undoes_again_and_again_holds_half_of_the_threads_at_most(
    app: Flask, alice: Owner, stock: Stock
) -> None:
    stock.put(products=[product("p1", "Улун")])
    click = {"entity_type": "product", "entity_id": "p1", "store_id": "s1", "filter_mode": "exclude"}
    alice.client.post("/catalog/filter", data=click)
    step = alice.client.get("/sync/history?kind=rules").page.select("//form[contains(@action, '/undo')]")
    undo = step[0].get("action") or ""
    answers: SimpleQueue[CheckedResponse] = SimpleQueue()
    clients = [another_browser(app, alice) for _ in range(IN_LINE + 2)]
    tokens = [client.csrf_token() for client in clients]

    def take_back(client: CheckingClient, token: str) -> None:
        answers.put(client.post(undo, data={"csrf_token": token}))

    threads = [
        Thread(target=take_back, args=(client, token)) for client, token in zip(clients, tokens, strict=True)
    ]
    with app.app_context(), db.engine.connect() as before:
        before.execute(
            update(SyncConfig).filter_by(user_id=alice.id).values(updated_at=SyncConfig.updated_at)
        )
        for thread in threads:
            thread.start()
        for _ in range(2):
            refused = answers.get(timeout=100)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(RETRY_AFTER_SECONDS))
            assert TOO_LONG_LINE in refused.page.text
        assert answers.empty()
    for thread in threads:
        thread.join()
    assert [answers.get(timeout=100).status_code for _ in range(IN_LINE)] == [303] * IN_LINE
    assert stock.rules() == {}
    assert alice.client.post("/catalog/filter", data=click).status_code == 303
