"""A reading of the community finds what is ours, notices what is gone and leaves the rest to others."""

from app.publishing.planning.existing import Entry
from app.publishing.planning.reading import ReadItem, match

TEA = Entry(1, "A-1", 11, "live", {}, {}, (("s1", "tea"),))
COFFEE = Entry(2, "A-2", 12, "hidden", {}, {}, (("s1", "coffee"),))
BEGUN = Entry(3, "A-3", None, "sending", {}, {}, (("s1", "honey"),))


def item(item_id: int, sku: str | None = None) -> ReadItem:
    return ReadItem(item_id, sku, {"name": f"Товар {item_id}"})


def test_entries_are_known_by_their_item_whatever_sku_it_bears_now():
    matched = match([TEA, COFFEE], [item(12, "A-2"), item(11, "changed")])
    assert {id: found.item_id for id, found in matched.seen.items()} == {1: 11, 2: 12}
    assert (matched.gone, matched.foreign) == ([], [])


def test_what_vk_did_not_show_is_gone():
    assert match([TEA, COFFEE], [item(11)]).gone == [COFFEE]


def test_what_is_gone_already_is_not_told_again():
    assert match([TEA._replace(state="gone")], []).gone == []


def test_what_was_restored_by_hand_is_seen_again():
    assert 1 in match([TEA._replace(state="gone")], [item(11)]).seen


def test_a_good_whose_answer_was_lost_is_found_by_its_sku():
    matched = match([BEGUN], [item(31, "A-3"), item(30, "A-3"), item(32, "A-4")])
    assert matched.seen[3].item_id == 30
    assert [found.item_id for found in matched.foreign] == [31, 32]


def test_a_good_that_was_not_added_is_neither_seen_nor_gone():
    matched = match([BEGUN], [])
    assert (matched.seen, matched.gone, matched.not_added) == ({}, [], [BEGUN])


def test_a_listing_is_not_taken_for_ours_by_its_sku_alone():
    refused = BEGUN._replace(state="failed")
    assert [found.item_id for found in match([refused], [item(30, "A-3")]).foreign] == [30]
    assert [found.item_id for found in match([TEA], [item(11), item(30, "A-1")]).foreign] == [30]


LOST = Entry(4, "v" + "a" * 16, None, "failed", {"name": "Мёд"}, {}, (("s1", "honey"),))


def test_what_vk_shows_later_than_it_should_is_ours_by_the_sku_that_nobody_else_gives():
    matched = match([LOST], [item(30, LOST.sku), item(29, LOST.sku)], lost={4})
    assert (matched.seen[4].item_id, [each.item_id for each in matched.doubles]) == (29, [30])
    matched = match([LOST._replace(item_id=31, state="live")], [item(31), item(30, LOST.sku)], lost={4})
    assert (matched.seen[4].item_id, [each.item_id for each in matched.doubles]) == (31, [30])


def test_an_article_may_be_given_by_anybody_so_that_the_words_have_to_be_ours_too():
    lost = LOST._replace(sku="A-4", sent={"name": "Мёд", "description": "Липовый"})
    same, other = (ReadItem(30, "A-4", {"name": "Мёд", "description": told}) for told in ("Липовый", "Мой"))
    assert match([lost], [same], lost={4}).seen == {4: same}
    assert match([lost], [other], lost={4}).foreign == [other]


def test_what_others_lead_is_not_taken_however_late_it_comes():
    matched = match([LOST], [item(30, LOST.sku)], lost={4}, others={30})
    assert ([each.item_id for each in matched.foreign], matched.seen) == ([30], {})


def test_an_item_that_came_on_two_pages_is_one():
    matched = match([TEA], [item(11), item(11), item(40), item(40)])
    assert (list(matched.seen), len(matched.foreign)) == ([1], 1)


def test_a_reading_that_is_not_complete_proves_nothing_about_what_it_does_not_hold():
    matched = match([TEA, COFFEE, BEGUN], [item(11)], is_complete=False)
    assert (list(matched.seen), matched.gone, matched.not_added) == ([1], [], [])
