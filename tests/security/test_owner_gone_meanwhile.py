"""An owner who deletes the account while a request is under way: it is answered and leaves nothing."""

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.config import Settings
from tests.belongings import belongings
from tests.owners import Owner
from tests.publishing.photos.uploading import GOOD, jpeg
from tests.stock import Stock, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

RULES = "Вид,Магазин,Название,ID магазина,ID,Фильтр\r\nТовар,Чайная,Улун,s1,p1,Исключено\r\n".encode()

# What is posted where, and what the account goes away before.
IN_THE_MIDST = {
    "photo": ("/catalog/photos", GOOD, "photo", "app.publishing.photos.keeping.prepare"),
    "archive": ("/catalog/photos/archive", {}, "photo", "app.publishing.photos.archive.routes.request_look"),
    "rules": ("/sync/rules/import", {}, "file", "app.rules.files.routes.plan_import"),
}


@pytest.mark.parametrize("kind", IN_THE_MIDST)
@pytest.mark.parametrize("htmx", [False, True])
def test_an_upload_that_ends_after_its_account_leads_to_the_sign_in(
    alice: Owner,
    bob: Owner,
    stock: Stock,
    settings: Settings,
    db_session: Session,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    htmx: bool,
) -> None:
    stock.put(products=[product("p1", "Улун")])
    address, fields, name, place = IN_THE_MIDST[kind]
    module, _, function = place.rpartition(".")
    called = getattr(__import__(module, fromlist=[function]), function)

    def after_the_account(*args: Any, **kwargs: Any) -> Any:
        db_session.execute(delete(User).filter_by(id=alice.id))
        db_session.commit()
        return called(*args, **kwargs)

    monkeypatch.setattr(place, after_the_account)
    content = RULES if kind == "rules" else jpeg()
    data = {**fields, name: (io.BytesIO(content), "1.csv" if kind == "rules" else "1.jpg")}
    if htmx:
        answer = alice.client.htmx_post(address, data)
        assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/login?")
    else:
        answer = alice.client.post(address, data=data)
        assert (answer.status_code, answer.location) == (303, "/login?ended=1")
    assert not any(belongings(db_session, alice.id).values())
    assert [path for path in Path(settings.media_dir).rglob("*") if path.is_file()] == []
    assert bob.client.get("/catalog").status_code == 200
