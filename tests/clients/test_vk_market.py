"""The shop of a community through the real client: written, read back, and read however VK spells it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.clients.errors import Action, BadPayload, BadRequest, NotFound, UnknownOutcome
from app.clients.vk import by_ids
from app.clients.vk.batch import CALLS
from app.clients.vk.market import Fields, Market
from app.clients.vk.market_payload import Availability, page_reader
from app.clients.vk.meanings import Meaning
from app.clients.vk.photos import ProductPhotos
from sandbox.vk.filling import fill
from tests.clients.vk_cloud import JPEG, SHOP, VkCloud, good, vk_cloud

ODD_TEXT = "Чай \"Ассам\" <b>& \\ 'Дарджилинг'\n</script>"


@pytest.fixture
def cloud() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        yield cloud
        assert not cloud.vk.calls.unknown_parameters


@pytest.fixture
def shop(cloud: VkCloud) -> tuple[Market, ProductPhotos]:
    return cloud.shop()


def test_what_is_added_is_read_back_in_our_terms(shop: tuple[Market, ProductPhotos]) -> None:
    market, photos = shop
    pictures = (photos.upload(JPEG), photos.upload(JPEG))
    sent = good(
        name="Чай & кофе", description=ODD_TEXT * 2, old_price=Decimal("250"), photo_ids=pictures, sku='v"1&'
    )
    item_id = market.session.ask(market.adding(sent))
    item = market.get_all().items[0]
    assert item.id == item_id
    assert (item.title, item.description, item.sku) == (sent.name, ODD_TEXT * 2, sent.sku)
    assert (item.price, item.old_price) == (Decimal("199.90"), Decimal("250.00"))
    assert (item.category_id, item.photo_ids, item.album_ids) == (sent.category_id, pictures, ())
    assert item.availability is Availability.AVAILABLE


def test_an_edit_changes_what_it_names_and_keeps_the_rest(shop: tuple[Market, ProductPhotos]) -> None:
    market, photos = shop
    item_id = market.session.ask(market.adding(good(photo_ids=(photos.upload(JPEG),))))
    before = market.get_by_id([item_id])[item_id]
    market.session.ask(market.editing(item_id, Fields(hidden=True, price=Decimal("5"))))
    after = market.get_all().items[0]
    assert after == before._replace(price=Decimal("5.00"), availability=Availability.UNAVAILABLE)


def test_an_edit_that_changes_nothing_is_a_success(shop: tuple[Market, ProductPhotos]) -> None:
    market, photos = shop
    item_id = market.session.ask(market.adding(good(photo_ids=(photos.upload(JPEG),))))
    market.session.ask(market.editing(item_id, Fields(hidden=False, price=Decimal("199.90"))))


def test_what_has_gone_is_told_from_what_was_done(shop: tuple[Market, ProductPhotos]) -> None:
    market, photos = shop
    item_id = market.session.ask(market.adding(good(photo_ids=(photos.upload(JPEG),))))
    market.session.ask(market.deleting(item_id))
    market.session.ask(market.deleting(item_id))
    with pytest.raises(NotFound) as gone:
        market.session.ask(market.editing(item_id, Fields(hidden=False, price=Decimal("1"))))
    assert (gone.value.code, gone.value.meaning, gone.value.action) == (
        1403,
        Meaning.ITEM_GONE,
        Action.REPAIR,
    )
    assert gone.value.permanent
    assert market.get_by_id([item_id]) == {}
    assert market.session.ask(market.restoring(item_id)) is True
    assert market.session.ask(market.restoring(item_id)) is None


def test_albums_are_made_filled_renamed_and_emptied(shop: tuple[Market, ProductPhotos]) -> None:
    market, photos = shop
    item_id = market.session.ask(market.adding(good(photo_ids=(photos.upload(JPEG),))))
    ask = market.session.ask
    album_id = ask(market.adding_album("Чаи"))
    assert market.get_albums() == ([], True)
    ask(market.adding_to_album([item_id], [album_id]))
    ask(market.adding_to_album([item_id], [album_id]))
    [album], _ = market.get_albums()
    assert (album.id, album.title, album.size) == (album_id, "Чаи", 1)
    ask(market.editing_album(album._replace(title="Чай и кофе")))
    assert market.get_all().items[0].album_ids == (album_id,)
    ask(market.removing_from_album(item_id, [album_id]))
    [album], is_complete = market.get_album_by_id([album_id, 99])
    assert (album.title, album.size, is_complete) == ("Чай и кофе", 0, True)
    ask(market.deleting_album(album_id))
    ask(market.deleting_album(album_id))
    assert market.get_album_by_id([album_id]) == ([], True)


def test_a_new_title_leaves_the_cover_and_the_place_of_an_album(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    market, photos = shop
    cover = photos.upload(JPEG)
    known = cloud.vk.market(SHOP).add_album("Чай", is_main=True, photo_id=cover)
    [album], _ = market.get_album_by_id([known.id])
    market.session.ask(market.editing_album(album._replace(title="Весь чай")))
    assert (known.title, known.is_main, known.photo_id) == ("Весь чай", True, cover)


def test_categories_come_as_a_tree_and_by_a_word(shop: tuple[Market, ProductPhotos]) -> None:
    market, _ = shop
    assert any(child.children for root in market.categories() for child in root.children)
    assert "чай" in market.find_categories(["чай"])["чай"][0].name.casefold()
    assert market.shop().is_on


def test_a_big_shop_is_read_with_the_fewest_requests(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    fill(cloud.vk, SHOP, 5100, sku="old-{}")
    seen: list[int] = []
    found = shop[0].get_all(seen.append)
    assert len(found.items) == len({item.id for item in found.items}) == 5100 == seen[-1]
    assert found.is_complete
    assert cloud.vk.calls.total == 2


@pytest.mark.parametrize("fault", ["ids_as_strings", "absent_fields", "lying_count", "escaped_texts"])
def test_a_shop_is_read_however_vk_spells_it(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos], fault: str
) -> None:
    fill(cloud.vk, SHOP, 450)
    expected = [item.id for item in cloud.vk.market(SHOP).living()]
    cloud.vk.faults.add(fault)
    found = shop[0].get_all()
    assert sorted(item.id for item in found.items) == sorted(expected)
    assert found.is_complete


def test_a_page_that_is_empty_before_its_time_is_asked_for_again(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    fill(cloud.vk, SHOP, 450)
    cloud.vk.faults.add("empty_page", nth=2, times=1)
    assert len(shop[0].get_all().items) == 450


def test_a_shop_that_shows_nothing_of_what_it_counts_is_not_read_whole(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    fill(cloud.vk, SHOP, 5)
    cloud.vk.faults.add("empty_page")
    found = shop[0].get_all()
    assert not found.items and not found.is_complete


def test_goods_that_moved_between_pages_come_once_and_lost_ones_are_looked_for_again(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    fill(cloud.vk, SHOP, 450)
    cloud.vk.faults.add("page_repeats_item", times=2)
    assert len({item.id for item in shop[0].get_all().items}) >= 449
    cloud.vk.faults.clear()
    cloud.vk.faults.add("page_skips_item", nth=2, times=1)
    found = shop[0].get_all()
    assert len(found.items) == 450 and found.is_complete
    # Another one each time: on the second page, and on the third one of the next reading.
    cloud.vk.faults.add("page_skips_item", nth=2, times=1)
    cloud.vk.faults.add("page_skips_item", nth=CALLS + 2, times=1)
    assert not shop[0].get_all().is_complete


def test_a_good_deleted_meanwhile_that_lets_another_slip_past_is_noticed(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    fill(cloud.vk, SHOP, 5100)
    market = cloud.vk.market(SHOP)

    def delete_first(read: int) -> None:
        # Between two requests: what follows moves up into what was read already.
        if read == 5000:
            market.delete(market.order[0])

    found = shop[0].get_all(delete_first)
    slipped = {item.id for item in market.living()} - {item.id for item in found.items}
    assert len(slipped) == 1 and not found.is_complete


def test_ids_that_are_no_numbers_are_no_shop(cloud: VkCloud, shop: tuple[Market, ProductPhotos]) -> None:
    fill(cloud.vk, SHOP, 3)
    cloud.vk.faults.add("ids_not_numbers")
    with pytest.raises(BadPayload):
        shop[0].get_all()


def test_a_new_id_that_is_no_number_leaves_open_what_was_done(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    market, photos = shop
    photo = photos.upload(JPEG)
    cloud.vk.faults.add("ids_not_numbers", method="market.add")
    with pytest.raises(UnknownOutcome):
        market.session.ask(market.adding(good(photo_ids=(photo,))))
    assert len(cloud.vk.market(SHOP).items) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"price": {"amount": 19990}}, {"price": Decimal("199.90")}),
        ({"price": {"amount": "дорого"}}, {"price": None}),
        ({"price": {"amount": True}}, {"price": None}),
        ({"price": {"amount": "1e400"}}, {"price": None}),
        ({"price": {"amount": "-5"}}, {"price": None}),
        ({"price": None}, {"price": None, "old_price": None}),
        ({"availability": "2"}, {"availability": Availability.UNAVAILABLE}),
        ({"availability": 7}, {"availability": None}),
        ({"stock_amount": "-1"}, {"stock": -1}),
        ({"title": " Чай &quot;Ассам&quot; "}, {"title": 'Чай "Ассам"'}),
        ({"title": "a\0\ud800b"}, {"title": "ab"}),
        ({"title": "Чай &#" + "9" * 5000 + ";"}, {"title": "Чай \ufffd"}),
        ({"sku": 5}, {"sku": None}),
        ({"photos": {}}, {"photo_ids": None}),
        ({"photos": []}, {"photo_ids": ()}),
        ({"albums_ids": [3, "4", 3]}, {"album_ids": (3, 4)}),
        ({"url": "javascript:alert(1)"}, {"url": None}),
        ({"category": "чай"}, {"category_id": None}),
        ({"reject_info": {"title": "Отклонён", "description": "Нет фото"}}, {"rejected": "Нет фото"}),
        ({"reject_info": []}, {"rejected": None}),
    ],
)
def test_a_field_that_cannot_be_read_is_unknown(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    sent = {"id": 5, "owner_id": -SHOP, "title": "Чай", **changes}
    [item] = page_reader(SHOP)({"count": 1, "items": [sent]}).items
    assert {name: getattr(item, name) for name in expected} == expected


@pytest.mark.parametrize("owner_id", [-2002, 2001, "-2002"], ids=repr)
def test_an_item_that_claims_another_owner_is_left_out(owner_id: Any) -> None:
    page = page_reader(SHOP)({"count": 1, "items": [{"id": 5, "owner_id": owner_id, "title": "Чай"}]})
    assert (page.items, page.sent) == ([], 1)


@pytest.mark.parametrize("owner_id", [None, [], "x", "item2001", True], ids=repr)
def test_an_item_whose_owner_cannot_be_read_spoils_its_page(owner_id: Any) -> None:
    with pytest.raises(BadPayload):
        page_reader(SHOP)({"count": 1, "items": [{"id": 5, "owner_id": owner_id}]})


@pytest.mark.parametrize("id", [0, -5, None, "x", 2**63, 2**31, True, 5.5, "５" * 30, [], {}])
def test_an_item_without_a_usable_id_spoils_its_page(id: Any) -> None:
    with pytest.raises(BadPayload):
        page_reader(SHOP)({"count": 1, "items": [{"id": id, "owner_id": -SHOP}]})


def test_one_number_that_vk_does_not_understand_keeps_nothing_from_the_others(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cloud.vk, SHOP, 250)
    known = [item.id for item in cloud.vk.market(SHOP).living()]
    market = shop[0]
    assert market.get_by_id([*known, 2**63 - 1]).keys() == set(known), "it is not even asked for"
    monkeypatch.setattr(by_ids, "ID_END", 2**63)
    cloud.vk.calls.clear()
    assert market.get_by_id([10**15, *known, 2**63 - 1]).keys() == set(known)
    assert cloud.vk.calls.total < 10
    assert market.get_by_id([2**63 - 1]) == {}


def test_where_vk_refuses_every_number_it_is_not_believed(
    cloud: VkCloud, shop: tuple[Market, ProductPhotos]
) -> None:
    fill(cloud.vk, SHOP, 3)
    cloud.vk.faults.refuse(100, "market.getById", message="One of the parameters is invalid: item_ids")
    with pytest.raises(BadRequest):
        shop[0].get_by_id([item.id for item in cloud.vk.market(SHOP).living()])
