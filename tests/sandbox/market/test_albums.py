"""Albums: added, changed, filled and ordered; the empty ones hide from the list."""

import pytest

from tests.sandbox.market.conftest import Shop


def titles(shop: Shop) -> list[str]:
    return [album["title"] for album in shop.do("market.getAlbums")["items"]]


def new(shop: Shop, title: str = "Чай", **fields: str) -> int:
    return int(shop.do("market.addAlbum", title=title, **fields)["market_album_id"])


def test_an_album_without_items_is_known_by_its_id_alone(shop: Shop) -> None:
    album = new(shop)
    assert titles(shop) == []
    [shown] = shop.do("market.getAlbumById", album_ids=f"{album},77")["items"]
    assert (shown["id"], shown["title"], shown["count"]) == (album, "Чай", 0)
    shop.do("market.addToAlbum", item_ids=shop.add(), album_ids=album)
    assert titles(shop) == ["Чай"]


def test_a_habit_lists_empty_albums_too(shop: Shop) -> None:
    shop.vk.habits.lists_empty_albums = True
    new(shop)
    assert titles(shop) == ["Чай"]


def test_equal_titles_make_two_albums_and_a_hundred_is_the_most(shop: Shop) -> None:
    shop.vk.limits.albums = 2
    assert shop.do("market.addAlbum", title="Чай")["albums_count"] == 1
    assert shop.do("market.addAlbum", title="Чай")["albums_count"] == 2
    assert shop.refused("market.addAlbum", title="Кофе")[0] == 1407


def test_titles_are_needed_and_bounded(shop: Shop) -> None:
    album = new(shop)
    assert shop.refused("market.addAlbum") == (100, "title is undefined")
    assert shop.refused("market.addAlbum", title="Ч" * 129)[0] == 100
    assert shop.refused("market.editAlbum", album_id=album) == (100, "title is undefined")
    assert shop.refused("market.editAlbum", album_id=77, title="Чай")[0] == 1402


def test_what_an_edit_of_an_album_does_not_send_is_off(shop: Shop) -> None:
    album = new(shop, is_hidden="1")
    shop.do("market.editAlbum", album_id=album, title="Весь чай")
    assert shop.market.albums[album].title == "Весь чай" and not shop.market.albums[album].is_hidden


def test_one_album_is_main_and_it_cannot_be_hidden(shop: Shop) -> None:
    first, second = new(shop, main_album="1"), new(shop, main_album="1")
    assert [shop.market.albums[each].is_main for each in (first, second)] == [False, True]
    assert shop.refused("market.addAlbum", title="Чай", main_album="1", is_hidden="1")[0] == 1446


def test_items_are_put_in_and_taken_out(shop: Shop) -> None:
    album, other, item_id = new(shop), new(shop, "Подарки"), shop.add()
    shop.do("market.addToAlbum", item_ids=item_id, album_ids=f"{album},{other}")
    assert shop.item(item_id)["albums_ids"] == [album, other]
    assert shop.ids(album_id=album) == [item_id]
    shop.do("market.removeFromAlbum", item_id=item_id, album_ids=album)
    assert shop.item(item_id)["albums_ids"] == [other]
    assert shop.refused("market.removeFromAlbum", item_id=77, album_ids=album)[0] == 1403
    assert shop.refused("market.get", album_id=77)[0] == 1402


def test_putting_in_is_refused_item_by_item(shop: Shop) -> None:
    shop.vk.limits.items_in_album = 2
    album, items = new(shop), [shop.add() for _ in range(3)]
    shop.do("market.addToAlbum", item_ids=items[0], album_ids=album)
    assert shop.refused("market.addToAlbum", item_ids=items[0], album_ids=album)[0] == 1404
    assert shop.refused("market.addToAlbum", item_ids=77, album_ids=album)[0] == 1403
    assert shop.refused("market.addToAlbum", item_ids=items[1], album_ids=77)[0] == 1402
    assert shop.refused("market.addToAlbum", item_ids=f"{items[1]},{items[2]}", album_ids=album)[0] == 1406


@pytest.mark.parametrize("undo", [True, False])
def test_good_ids_beside_a_bad_one_are_kept_or_undone_by_habit(shop: Shop, undo: bool) -> None:
    shop.vk.habits.album_errors_undo_all = undo
    album, item_id = new(shop), shop.add()
    assert shop.refused("market.addToAlbum", item_ids=f"{item_id},77", album_ids=album)[0] == 1403
    assert shop.market.albums[album].items == ([] if undo else [item_id])


def test_a_deleted_item_loses_its_albums_and_a_deleted_album_leaves_its_items(shop: Shop) -> None:
    album, first, second = new(shop), shop.add(), shop.add()
    shop.do("market.addToAlbum", item_ids=f"{first},{second}", album_ids=album)
    shop.do("market.delete", item_id=first)
    shop.do("market.restore", item_id=first)
    assert shop.item(first)["albums_ids"] == []
    shop.do("market.deleteAlbum", album_id=album)
    assert set(shop.ids()) == {first, second}
    assert shop.refused("market.deleteAlbum", album_id=album)[0] == 1402


def test_albums_and_their_items_are_moved(shop: Shop) -> None:
    albums, items = [new(shop, f"Альбом {number}") for number in range(3)], [shop.add(), shop.add()]
    for album in albums:
        shop.do("market.addToAlbum", item_ids=f"{items[0]},{items[1]}", album_ids=album)
    shop.do("market.reorderAlbums", album_id=albums[2], before=albums[0])
    assert titles(shop) == ["Альбом 2", "Альбом 0", "Альбом 1"]
    assert shop.refused("market.reorderAlbums", album_id=77, before=albums[0])[0] == 1402
    shop.do("market.reorderItems", album_id=albums[0], item_id=items[1], before=items[0])
    assert shop.ids(album_id=albums[0]) == [items[1], items[0]]
    assert shop.refused("market.reorderItems", album_id=77, item_id=items[1], before=items[0])[0] == 1402


def test_hidden_albums_are_listed_for_who_leads_the_shop(shop: Shop) -> None:
    album = new(shop, is_hidden="1")
    shop.do("market.addToAlbum", item_ids=shop.add(), album_ids=album)
    assert titles(shop) == ["Чай"]
    del shop.community.roles[shop.person.id]
    assert titles(shop) == []
