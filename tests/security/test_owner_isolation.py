"""Every route asks who is there, and no route shows or changes what belongs to another owner."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.catalog.export.models import CatalogExport
from app.catalog.views.models import SavedViews
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, CatalogRefresh, NewProduct
from app.publishing.ledger.models import ForeignListing, Listing, MarketAlbum
from app.publishing.photos.archive.models import ArchivePicture, PhotoArchive
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.run.models import MarketReading, Publication
from app.rules.criteria.criterion import NO_PHOTO, Criterion
from app.rules.models import RuleChange, SyncConfig, SyncFilter
from app.rules.policy import Policy
from sandbox.shop import KIOSK_STORE, MAIN
from tests.belongings import belongings, fill_every_table
from tests.checking_client import CheckingClient
from tests.owners import Owner

# Open to anybody; what a mailed link opens is in tests/accounts/test_recovery.py.
PUBLIC = {
    "accounts.language",
    *("static", "accounts.home", "accounts.login", "accounts.register", "health.alive", "health.ready"),
    *("health.metrics", "health.signed_in"),
    *("accounts.recovery.forgot", "accounts.recovery.reset", "accounts.recovery.confirm"),
    *("accounts.finish_registration", "help.index", "help.topic"),
}
# Open to whoever has a price list's secret: see tests/publishing/feed.
FEEDS = {"feeds.price_list", "feeds.photo", "feeds.card"}
# Open to whoever knows the application's secret: see tests/connections/evotor/deliveries.
DELIVERIES = {
    *("deliveries.user_token", "deliveries.user_verify"),
    *("deliveries.installation_event", "deliveries.changed_goods"),
}
# Take no id: they read and change what the session's owner has, and nothing else.
OWN = {
    *("GET accounts.profile", "POST accounts.profile", "POST accounts.change_password"),
    *("POST accounts.sign_out_elsewhere", "POST accounts.recovery.send_confirmation"),
    *("GET accounts.delete_account", "POST accounts.delete_account", "POST accounts.logout"),
    *("GET connections.index", "GET connections.card", "GET connections.evotor.connect"),
    *("POST connections.evotor.connect", "POST connections.vk.read_communities"),
    *("GET connections.vk.start", "GET connections.vk.callback"),
    *("GET connections.evotor.trying", "GET connections.vk.trying"),
    *("GET connections.vk.community", "POST connections.vk.choose"),
    *("GET sync.index", "GET sync.waiting", "POST sync.save", "GET sync.switch_on", "POST sync.plan_default"),
    *("POST sync.clear_stale", "GET sync.changes.index", "GET sync.rules.index"),
    *("GET sync.rule_files.export", "GET sync.rule_files.upload", "POST sync.rule_files.plan_upload"),
    *("GET catalog.stores", "GET catalog.all_products", "POST refresh.start", "GET catalog.changes"),
    # Publication: what has an id in its address is tried below.
    *("GET sync.plans.show", "GET sync.plans.export", "POST sync.plans.start", "POST sync.set_auto"),
    *("GET sync.listings.show", "GET sync.history.show", "POST sync.runs.read"),
    *("GET sync.settings.show", "POST sync.settings.save", "POST sync.settings.preview"),
    *("GET sync.settings.picture", "POST sync.plans.start_first", "POST sync.shelves.join"),
    *("POST sync.feed.save", "GET sync.groups.suggestions"),
    *("GET catalog.inbox.show", "POST catalog.inbox.answer_many"),
    *("GET sync.conditions.index", "POST sync.conditions.add"),
    *("GET photos.archives.new", "POST photos.archives.start", "GET catalog.taking.show"),
    "POST sync.steps.save",
}

ARCHIVE_ACTIONS = {"keep": "keep", "again": "again", "cancel": "cancel", "throw_away": "discard"}
RUN_ACTIONS = {
    "cancel": "cancel",
    "confirm": "confirm",
    "go_on": "resume",
    "undo": "undo",
    "again": "again",
}

Attempt = tuple[str, dict[str, str], dict[str, str]]


@pytest.fixture
def alices(alice: Owner, bob: Owner, db_session: Session, run_jobs) -> dict[str, Any]:
    """The ids of what is Alice's; Bob has an account and nothing in it."""
    return ids_of_all(alice, db_session, run_jobs)


def ids_of_all(alice: Owner, db_session: Session, run_jobs: Callable[[], None]) -> dict[str, Any]:
    """Give an owner something of everything, and give the ids of it."""
    fill_every_table(alice, db_session, run_jobs)
    hers = belongings(db_session, alice.id)
    product = next(row for row in hers["cached_products"] if MAIN in row)
    run = db_session.query(CatalogRefresh).filter_by(user_id=alice.id).one()
    group = db_session.connection().exec_driver_sql(
        "SELECT group_evotor_id, evotor_id FROM cached_products WHERE group_evotor_id IS NOT NULL LIMIT 1"
    )
    group_id, product_id = group.one()
    config = db_session.query(SyncConfig).filter_by(user_id=alice.id).one()
    config.policy = Policy((Criterion("hers", "exclude", NO_PHOTO),)).stored
    db_session.get_one(SavedViews, alice.id).views = [["hers", "Без фото", None, "photo=no"]]
    db_session.commit()
    assert product
    return {
        "refresh": run.id,
        "store": MAIN,
        "group": group_id,
        "store_row": db_session.query(CachedStore.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "group_row": db_session.query(CachedGroup.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "product": product_id,
        "export": db_session.query(CatalogExport.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "product_row": db_session.query(CachedProduct.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "new_product": db_session.query(NewProduct.product_id).filter_by(user_id=alice.id).limit(1).scalar(),
        "photo": db_session.query(Photo.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "placed": db_session.query(GoodPhoto.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "archive": db_session.query(PhotoArchive.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "waiting": db_session.query(ArchivePicture.id).limit(1).scalar(),
        "publication": db_session.query(Publication.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "reading": db_session.query(MarketReading.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "listing": db_session.query(Listing.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "album": db_session.query(MarketAlbum.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "item": db_session.query(ForeignListing.item_id).filter_by(user_id=alice.id).limit(1).scalar(),
        "change": db_session.query(RuleChange.id).filter_by(user_id=alice.id).limit(1).scalar(),
        "condition": "hers",
        "view": "hers",
        "rule": db_session.query(SyncFilter.id).filter_by(sync_config_id=config.id).limit(1).scalar(),
    }


def attempts(ids: dict[str, Any]) -> dict[str, list[Attempt]]:
    """What Bob tries with Alice's ids, by route: address, query, form."""
    run, store, group, product = ids["refresh"], ids["store"], ids["group"], ids["product"]
    change = f"/sync/changes/{ids['change']}"
    archive = f"/catalog/photos/archive/{ids['archive']}"
    publication = f"/sync/publish/{ids['publication']}"
    condition = f"/sync/conditions/{ids['condition']}"

    def rule(kind: str, entity_id: str) -> dict[str, str]:
        return {"entity_type": kind, "entity_id": entity_id, "store_id": store, "filter_mode": "exclude"}

    return {
        # First, while the rule is there.
        "POST sync.rules.remove": [("/sync/rules/remove", {}, {"only": ids["rule"]})],
        "GET catalog.groups": [("/catalog/groups", {"store_id": store}, {})],
        "GET catalog.products": [
            ("/catalog/products", {"store_id": store}, {}),
            ("/catalog/products", {"store_id": store, "group_id": group}, {}),
        ],
        "GET catalog.export": [
            ("/catalog/export", {"type": "groups", "store_id": store}, {}),
            ("/catalog/export", {"type": "products", "store_id": store}, {}),
            ("/catalog/export", {"type": "products", "store_id": store, "group_id": group}, {}),
        ],
        "POST catalog.set_filter": [
            ("/catalog/filter", {}, rule("store", store)),
            ("/catalog/filter", {}, rule("group", group)),
            ("/catalog/filter", {}, rule("product", product)),
            ("/catalog/filter", {}, {**rule("product", product), "filter_mode": "none"}),
        ],
        "GET refresh.progress": [(f"/catalog/refresh/{run}", {}, {})],
        "POST refresh.cancel": [(f"/catalog/refresh/{run}/cancel", {}, {})],
        "POST refresh.confirm_drop": [(f"/catalog/refresh/{run}/confirm", {}, {"store_id": store})],
        "GET catalog.tree": [
            ("/catalog/tree", {"store_id": store}, {}),
            ("/catalog/tree", {"store_id": store, "group_id": group}, {}),
        ],
        "GET catalog.published": [
            ("/catalog/published", {"store_id": store}, {}),
            ("/catalog/published", {"store_id": store, "group_id": group}, {}),
        ],
        "GET catalog.show_group": [(f"/catalog/group/{ids['group_row']}", {}, {})],
        "GET catalog.show_store_rule": [(f"/catalog/rule/store/{ids['store_row']}", {}, {})],
        "GET catalog.show_group_rule": [(f"/catalog/rule/group/{ids['group_row']}", {}, {})],
        "POST catalog.bulk.plan": [
            ("/catalog/bulk", {"type": kind, "store_id": store}, {"scope": "found", "filter_mode": "exclude"})
            for kind in ("groups", "products")
        ],
        "GET catalog.export_progress": [(f"/catalog/exports/{ids['export']}", {}, {})],
        "GET catalog.export_file": [(f"/catalog/exports/{ids['export']}/file", {}, {})],
        "POST catalog.inbox.answer": [
            ("/catalog/new", {}, {"good": str(ids["new_product"]), "answer": each})
            for each in ("include", "exclude", "leave", "back")
        ],
        "GET catalog.views.new": [("/catalog/views", {"store_id": store, "q": "чай"}, {})],
        "POST catalog.views.save": [("/catalog/views", {"store_id": store, "q": "чай"}, {"name": "Чай"})],
        "POST catalog.views.delete": [(f"/catalog/views/{ids['view']}/delete", {}, {})],
        "GET catalog.product": [("/catalog/product", {"store_id": store, "product_id": product}, {})],
        "GET catalog.show_product": [(f"/catalog/product/{ids['product_row']}", {}, {})],
        "GET photos.manage": [
            ("/catalog/photos", {"store_id": store, "product_id": product}, {}),
            ("/catalog/photos", {"store_id": store, "group_id": group}, {}),
        ],
        "POST catalog.taking.take": [("/catalog/photos/take", {}, {"good": ids["product_row"]})],
        "POST photos.add": [
            ("/catalog/photos", {}, {"store_id": store, "product_id": product}),
            ("/catalog/photos", {}, {"store_id": store, "group_id": group}),
        ],
        "GET photos.show": [(f"/photos/{ids['photo']}", {}, {})],
        "GET photos.small": [(f"/photos/{ids['photo']}/small", {}, {})],
        "POST photos.order": [(f"/catalog/photos/{ids['placed']}/order", {}, {"to": "later"})],
        "POST photos.delete": [(f"/catalog/photos/{ids['placed']}/delete", {}, {})],
        "GET photos.archives.show": [(archive, {}, {})],
        "GET photos.archives.picture": [(f"{archive}/{ids['waiting']}", {}, {})],
        "POST photos.archives.decide": [(f"{archive}/{ids['waiting']}", {}, {"good": "none"})],
        **{
            f"POST photos.archives.{action}": [(f"{archive}/{path}", {}, {})]
            for action, path in ARCHIVE_ACTIONS.items()
        },
        "GET sync.changes.show": [(change, {}, {})],
        "POST sync.changes.apply": [(f"{change}/apply", {}, {})],
        "POST sync.changes.discard": [(f"{change}/discard", {}, {})],
        "POST sync.changes.one_rule": [(f"{change}/one-rule", {}, {})],
        "POST sync.changes.revert": [(f"{change}/revert", {}, {})],
        "POST sync.changes.undo": [(f"{change}/undo", {}, {})],
        "GET sync.conditions.edit": [(condition, {}, {})],
        "POST sync.conditions.change": [(condition, {}, {"mode": "include", "kind": "no_price"})],
        "POST sync.conditions.delete": [(f"{condition}/delete", {}, {})],
        "POST sync.conditions.move": [(f"{condition}/move", {}, {"step": "up"})],
        "GET sync.runs.show": [(publication, {}, {})],
        **{
            f"POST sync.runs.{action}": [(f"{publication}/{path}", {}, {})]
            for action, path in RUN_ACTIONS.items()
        },
        "GET sync.runs.reading": [(f"/sync/read/{ids['reading']}", {}, {})],
        "POST sync.pairing.pair": [
            ("/sync/listings/pair", {}, {"item_id": ids["item"], "store_id": store, "product_id": product})
        ],
        "POST sync.pairing.other": [("/sync/listings/other", {}, {"item_id": ids["item"], "other": "1"})],
        "POST sync.questions.edited": [
            ("/sync/questions/edited", {}, {"listing_id": ids["listing"], "answer": "till"})
        ],
        "POST sync.questions.deleted": [
            ("/sync/questions/deleted", {}, {"listing_id": ids["listing"], "answer": "again"})
        ],
        "GET sync.groups.show": [("/sync/settings/groups", {"store_id": store, "group_id": group}, {})],
        "GET sync.groups.row": [("/sync/settings/groups/row", {"store_id": store, "group_id": group}, {})],
        "POST sync.groups.save": [("/sync/settings/groups", {}, {"store_id": store, "group_id": group})],
        "POST sync.albums.take": [("/sync/listings/album", {}, {"album": ids["album"]})],
        "GET sync.removing.confirm": [("/sync/listings/delete", {"listing_id": ids["listing"]}, {})],
        "POST sync.removing.delete": [("/sync/listings/delete", {}, {"listing_id": ids["listing"]})],
        "POST sync.store_order.move": [("/sync/settings/stores", {}, {"store_id": store, "move": "up"})],
        "POST connections.check": [("/connections/evotor/check", {}, {})],
        "GET connections.delete": [("/connections/evotor/delete", {}, {})],
        "POST connections.delete_confirmed": [("/connections/evotor/delete", {}, {})],
    }


NAMES = (
    *("refresh", "store", "store_row", "group", "group_row", "product", "product_row", "change", "export"),
    *("photo", "placed", "archive", "waiting", "publication", "reading", "listing", "item", "album"),
    "new_product",
    *("condition", "rule", "view"),
)
TRIED = attempts(dict.fromkeys(NAMES, "1"))


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, rule.endpoint


def try_all(client: CheckingClient, ids: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for route, tries in attempts(ids).items():
        method = route.split()[0]
        for address, query, form in tries:
            send: Callable[..., Any] = client.get if method == "GET" else client.post
            with send(address, query_string=query, **({"data": form} if form else {})) as response:
                yield route, address, response


def test_every_route_is_open_to_all_or_own_or_tried_with_somebody_elses_ids(app: Flask) -> None:
    known = OWN | TRIED.keys()
    open_to_others = PUBLIC | DELIVERIES | FEEDS
    unknown = {
        f"{method} {endpoint}" for method, endpoint in routes(app) if endpoint not in open_to_others
    } - known
    assert unknown == set(), "try these with another owner's ids in `attempts`, or list them in `OWN`"
    assert known <= {f"{method} {endpoint}" for method, endpoint in routes(app)}


def test_every_route_but_the_public_ones_asks_who_is_there(app: Flask, client: CheckingClient) -> None:
    parts = {"provider": "evotor", "refresh_id": 1, "change_id": 1, "number": 1, "export_id": 1}
    parts |= {"photo_id": 1, "placed_id": 1, "run_id": 1, "reading_id": 1, "archive_id": 1, "picture_id": 1}
    parts |= {"key": "k"}
    for method, endpoint in routes(app):
        if endpoint in PUBLIC | DELIVERIES | FEEDS:
            continue
        with app.test_request_context():
            rule = next(
                each
                for each in app.url_map.iter_rules(endpoint)
                if method in (each.methods or ()) and each.arguments <= parts.keys()
            )
            built = rule.build({name: parts[name] for name in rule.arguments})
        assert built is not None
        response = client.get(built[1]) if method == "GET" else client.post(built[1])
        assert response.status_code == 303, f"{method} {endpoint}"
        assert response.location.startswith("/login"), f"{method} {endpoint}"


def test_somebody_elses_ids_are_not_found_and_nothing_of_hers_changes(
    alice: Owner, bob: Owner, alices: dict[str, Any], db_session: Session
) -> None:
    before = belongings(db_session, alice.id)
    for route, address, response in try_all(bob.client, alices):
        assert response.status_code == 404, f"{route}: {address}"
    db_session.expire_all()
    assert belongings(db_session, alice.id) == before


def test_a_twin_with_the_same_shop_reaches_nothing_of_hers(
    alice: Owner, bob: Owner, alices: dict[str, Any], db_session: Session, run_jobs
) -> None:
    his = ids_of_all(bob, db_session, run_jobs)
    before = belongings(db_session, alice.id)
    # Where his ids make the same request it is about what is his; else it names a row of hers.
    own = [each for tries in attempts(his).values() for each in tries]
    hers = [each for tries in attempts(alices).values() for each in tries]
    answers = [response.status_code for _, _, response in try_all(bob.client, alices)]
    for attempt, mine, code in zip(hers, own, answers, strict=True):
        assert attempt == mine or code == 404, attempt
    assert sum(attempt != mine for attempt, mine in zip(hers, own, strict=True)) > 40
    db_session.expire_all()
    assert belongings(db_session, alice.id) == before


def test_the_same_ids_do_work_for_their_owner(alice: Owner, alices: dict[str, Any]) -> None:
    refused = {route for route, _, response in try_all(alice.client, alices) if response.status_code >= 400}
    # Nothing of hers was withheld, so there is nothing to confirm; no file is sent, and hers is none; her
    # change is not of a whole store; she has chosen no community, so nothing is in it: that is tried with
    # another owner in tests/publishing/{test_removing,test_albums}.py.
    assert refused == {
        *("POST sync.albums.take", "GET sync.removing.confirm", "POST sync.removing.delete"),
        *("POST refresh.confirm_drop", "POST photos.add", "GET photos.show", "POST sync.changes.one_rule"),
        *("POST catalog.taking.take", "GET photos.archives.picture", "GET photos.small"),
    }


def test_what_an_owner_does_without_ids_leaves_the_others_alone(
    alice: Owner, bob: Owner, alices: dict[str, Any], db_session: Session, run_jobs
) -> None:
    before = belongings(db_session, alice.id)
    bob.connect_evotor()
    bob.client.post("/catalog/refresh")
    run_jobs()
    rule = {"entity_type": "store", "entity_id": KIOSK_STORE, "store_id": KIOSK_STORE}
    bob.client.post("/catalog/filter", data={**rule, "filter_mode": "exclude"})
    bob.disconnect("evotor")
    bob.client.post("/profile", data={"name": "Боб", "timezone": "Asia/Omsk"})
    for path in ("/catalog", "/connections", "/sync", "/profile", "/catalog/export?type=stores"):
        assert alice.email not in bob.client.get(path).text
    bob.client.post("/profile/delete", data={"password": bob.password})
    assert belongings(db_session, bob.id)["users"] == []
    assert belongings(db_session, alice.id) == before


def test_an_owner_without_a_catalogue_sees_none(bob: Owner, alices: dict[str, Any]) -> None:
    page = bob.client.get("/catalog").page
    assert page.select("//tr[@data-entity]") == []
    assert bob.client.get("/catalog/export?type=stores").text.count("\r\n") == 1
