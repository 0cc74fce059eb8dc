"""A card in place of a photo: readable, the same each time, and known without being drawn."""

import io
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from app.publishing.photos.card_picture import SIDE, draw_card
from app.publishing.photos.pictures import BYTES_MAX
from app.publishing.planning.card import Card, is_card

TEA = Card("Чай зелёный «Алишань»", "шт", "Чайная", "#0f766e")


def drawn(card: Card) -> Image.Image:
    image = Image.open(io.BytesIO(draw_card(card).data))
    image.load()
    return image


def ink(card: Card, without: Card) -> Image.Image:
    """What the first card shows and the second does not: white on black."""
    difference = ImageChops.difference(*(drawn(each).convert("L") for each in (card, without)))
    return difference.point(lambda value: 255 if value > 60 else 0)


@settings(max_examples=25)
@given(
    name=st.text(alphabet=st.sampled_from("абв ЯЁйщ Wi.«»😀₽-\n"), max_size=128),
    unit=st.sampled_from(("", "шт", "упаковка из двенадцати предметов в подарочной бумаге")),
    colour=st.sampled_from(("#0f766e", "#ffffff", "#000000", "#e7c06b")),
)
def test_any_name_is_drawn_within_the_margins(name: str, unit: str, colour: str):
    card = Card(name, unit, "Чайная на Большой Конюшенной", colour)
    picture = draw_card(card)
    assert (picture.side, len(picture.data) <= BYTES_MAX) == (SIDE, True)
    image = drawn(card).convert("L")
    for edge in ((0, 0, SIDE, 40), (0, 0, 40, SIDE), (SIDE - 40, 0, SIDE, SIDE), (0, SIDE - 40, SIDE, SIDE)):
        margin = image.crop(edge).tobytes()
        assert max(margin) - min(margin) <= 24


def test_the_same_card_is_the_same_file():
    assert draw_card(TEA) == draw_card(TEA)


@pytest.mark.parametrize(
    "name",
    [
        TEA.name,
        "Подарочный набор чёрного и зелёного чая с мёдом, вареньем из шишек и пряником, 12 шт в коробке",
    ],
)
def test_lines_are_ten_points_high_where_the_card_is_two_hundred(name: str):
    # Signs above letters would count as lines of their own.
    card = TEA._replace(name=name.upper().replace("Ё", "Е").replace("Й", "И"))
    shown = ink(card, card._replace(name=""))
    rows = [shown.crop((0, y, SIDE, y + 1)).getbbox() is not None for y in range(150, SIDE)]
    heights = [len(list(run)) for has_ink, run in groupby(rows) if has_ink]
    assert heights
    assert min(heights) * 200 / SIDE >= 10


def test_long_names_end_with_an_ellipsis_instead_of_running_out():
    endless = TEA._replace(name="слово " * 100)
    box = ink(endless, endless._replace(name="")).getbbox()
    assert box is not None
    assert box[3] < SIDE - 100


def test_emoji_leave_no_empty_boxes():
    assert draw_card(TEA._replace(name="Чай 😀 зелёный")) == draw_card(TEA._replace(name="Чай зелёный"))


def test_light_grounds_get_dark_letters():
    for colour in ("#fbfaf7", "#1c2430"):
        shades = drawn(TEA._replace(colour=colour)).convert("L").tobytes()
        assert min(shades) < 60 < 200 < max(shades)


@pytest.mark.parametrize("other", [{"name": "Чай"}, {"unit": "кг"}, {"shop": "Склад"}, {"colour": "#000000"}])
def test_another_card_has_another_mark(other: dict[str, str]):
    changed = TEA._replace(**other)
    assert changed.mark != TEA.mark
    assert is_card(TEA.mark)
    assert TEA._replace().mark == TEA.mark


def test_a_digest_of_a_photo_is_no_card():
    assert not is_card("0" * 64)
