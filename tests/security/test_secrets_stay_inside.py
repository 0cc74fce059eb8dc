"""No secret is in a log, a page, an export, a letter, the queue, an error report or the database in clear."""

import json
import logging
from collections.abc import Callable

import pytest
import redis
from flask import Flask
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import inspect, text, update
from sqlalchemy.orm import Session

from app.connections.jobs import check_connections
from app.connections.models import CloudAccount
from app.data.types import now
from app.mirror.refresh import stores
from app.mirror.search import is_of_search
from app.work.queue import LETTERS_QUEUE_NAME
from sandbox.world import World
from tests.connections.evotor.deliveries.conftest import SECRET, Cloud
from tests.jobs import work_off
from tests.owners import DEMO_TOKEN, PASSWORD, Owner
from tests.postbox import Postbox
from tests.product import AppMaker

DELIVERED = "delivered-token-f46b89a5"
WAITING = "waiting-token-8e804591"
REFUSED = "refused-token-b0aa9455"
MAIL_PASSWORD = "mail-password-1790444b"

PAGES = ("/connections", "/connections/evotor", "/connections/evotor/delete", "/catalog", "/sync", "/profile")


class Seen:
    """Everything that came out of the product, by where."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def add(self, place: str, content: object) -> None:
        self.places[place] = self.places.get(place, "") + str(content)

    def holding(self, secret: str) -> list[str]:
        return [place for place, content in self.places.items() if secret in content]


def read_database(session: Session) -> str:
    # SQLite's tables of search keep no text: they cannot be read.
    names = inspect(session.get_bind()).get_table_names()
    tables = [name for name in names if not is_of_search(name)]
    return "\n".join(
        str(tuple(row))
        for name in tables
        for row in session.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 (names of our tables)
    )


def read_queue(url: str) -> str:
    """Give all keys and values, and what jobs keep packed: arguments, descriptions, tracebacks."""
    found = []
    with redis.Redis.from_url(url) as server:
        for key in server.keys("*"):
            found.append(f"{key!r} {server.dump(key)!r}")
            name = key.decode()
            if name.startswith("rq:job:") and name.count(":") == 2:
                job = Job.fetch(name.removeprefix("rq:job:"), server, serializer=JSONSerializer)
                found.append(f"{job.description} {job.args} {job.kwargs} {job.meta}")
                found += [str(result.exc_string) for result in job.results()]
    return "\n".join(found)


def test_no_secret_comes_out_anywhere(
    app: Flask,
    make_app: AppMaker,
    alice: Owner,
    bob: Owner,
    world: World,
    db_session: Session,
    valkey_url: str,
    run_jobs: Callable[[], None],
    postbox: Postbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = Seen()
    merchant = world.merchant_of(DEMO_TOKEN)
    assert merchant is not None
    world.add_token(merchant, DELIVERED)
    cloud = Cloud(app.test_client())  # type: ignore[arg-type]

    def look(owner: Owner) -> None:
        for path in PAGES:
            seen.add("pages", owner.client.get(path, follow_redirects=True).text)

    # Pasted, good and bad; delivered, for an owner and for nobody; signed in with a password.
    for token in (REFUSED, DEMO_TOKEN):
        seen.add("pages", alice.client.post("/connections/evotor", data={"token": token}).text)
    look(alice)
    run_jobs()
    for body in (
        cloud.token(merchant, DELIVERED),
        cloud.token(world.add_merchant("another"), WAITING),
        cloud.verify(merchant, bob.email, PASSWORD),
        cloud.verify(merchant, bob.email, PASSWORD + "!"),
        cloud.post("/api/v1/user/token", {"userId": 7, "token": WAITING}),
    ):
        seen.add("answers", body.text)
    run_jobs()

    # A refresh, exports, a job that breaks, a cloud that refuses, letters about it.
    alice.client.post("/catalog/refresh")
    run_jobs()
    for kind in ("stores", "groups", "products"):
        for store_id in merchant.stores:
            url = f"/catalog/export?type={kind}&store_id={store_id}"
            seen.add("exports", alice.client.get(url).data.decode())

    def break_off(*_: object, **__: object) -> None:
        raise RuntimeError("something of ours broke")

    with monkeypatch.context() as broken:
        broken.setattr(stores, "apply_store", break_off)
        alice.client.post("/catalog/refresh")
        run_jobs()
    world.faults.add("status_401")
    mail_url = postbox.url.replace("smtp://", f"smtp://vitrina:{MAIL_PASSWORD}@")
    for url in (mail_url, postbox.url):
        db_session.execute(update(CloudAccount).values(next_check_at=now()))
        with (mailing := make_app(smtp_url=url)).app_context():
            check_connections()
        work_off(mailing, [LETTERS_QUEUE_NAME])
    look(alice)
    look(bob)
    seen.add("letters", [str(letter) for letter in postbox.letters])
    assert postbox.letters
    seen.add("queue", read_queue(valkey_url))
    seen.add("database", read_database(db_session))
    seen.add("log", caplog.text)
    seen.add("log", [json.dumps(vars(record), default=repr) for record in caplog.records])
    assert "something of ours broke" in seen.places["queue"], "error reports were searched"

    with app.app_context():
        keys = app.extensions["settings"].token_keys
    for secret in (DEMO_TOKEN, DELIVERED, WAITING, REFUSED, SECRET, PASSWORD, MAIL_PASSWORD, *keys):
        assert seen.holding(secret) == [], secret
