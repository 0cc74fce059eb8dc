"""Names and descriptions are always such as VK takes, and are recognised when VK gives them back."""

import html
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.publishing.planning import texts
from app.publishing.planning.desired import Shop
from app.publishing.planning.good import Good
from app.publishing.planning.settings import Settings

# The machine may be busy with other tests.
UNHURRIED = settings(deadline=None)

# Letters, what VK escapes, what cp1251 lacks, mark-up and blanks.
ANY_TEXT = st.text(alphabet=st.sampled_from("абвЧay Z19\"&'!\\$<>/;#bp😀₽½\n\t\u00a0—,("), max_size=400)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Чай зелёный", 11),
        ('"', 5),
        ("&", 5),
        ("'", 5),
        ("!", 5),
        ("\\", 6),
        ("$", 6),
        ("<>", 8),
        ("₽", len("&#8381;")),
        ("😀", len("&#128512;")),
        ("½", len("&#189;")),
        ("№«»—…", 5),
    ],
)
def test_a_text_weighs_what_vk_counts(text: str, weight: int):
    assert texts.weight(text) == weight


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (None, ""),
        ("  \n ", ""),
        ("Чай", "Чай"),
        ("<b>Чай</b> &laquo;Алишань&raquo;", "Чай «Алишань»"),
        ("Чай<!-- <b>не --> листовой<!----> <!-- и дальше", "Чай листовой <!-- и дальше"),
        ("Первая<br/>вторая<p>третья</p>", "Первая\nвторая\nтретья"),
        ("a\r\nb\rc\n\n\n\nd", "a\nb\nc\n\nd"),
        ("Вес < 5 кг, > 1 кг", "Вес < 5 кг, > 1 кг"),
        ("Печенье &amp;amp;quot;Юбилейное&amp;amp;quot;", 'Печенье "Юбилейное"'),
        ("Чай &#" + "9" * 5000 + "; чёрный &#171;&#0000000171", "Чай \ufffd чёрный ««"),
        ("много\u00a0 \t пробелов", "много пробелов"),
        ("управляющие\x00\x07знаки и половина пары \ud800", "управляющиезнаки и половина пары"),
        ("\u202eйач\u202c \u2066задом\u2069 напе\u200bред\ufeff", "йач задом наперед"),
    ],
)
def test_markup_goes_and_lines_stay(source: str | None, plain: str):
    assert texts.plain(source) == plain


@pytest.mark.parametrize("piece", ["<!--", "<a ", "<br ", "<", "&", "&amp;", "&#", " \n", "\u200b", "\r"])
def test_no_text_takes_long(piece: str):
    long = piece * (20_000 // len(piece))
    began = time.process_time()
    texts.plain(long)
    # Comments that never end took three seconds.
    assert time.process_time() - began < 0.5


@UNHURRIED
@given(ANY_TEXT)
def test_plain_text_stays_as_it_is(text: str):
    once = texts.plain(text)
    assert texts.plain(once) == once


@UNHURRIED
@given(ANY_TEXT)
def test_what_is_told_quickly_to_be_plain_is_what_cleaning_leaves(text: str):
    if text and texts.is_plain(text):
        assert texts._cleaned(text) == text


@UNHURRIED
@given(ANY_TEXT, st.integers(4, 30), st.integers(40, 120))
def test_a_cut_text_fits_and_keeps_its_beginning(text: str, shortest: int, longest: int):
    cut = texts.cut(text, shortest, longest)
    assert texts.weight(cut) <= longest
    assert text.startswith(cut)
    assert len(cut) >= min(shortest, len(text), longest // 10)
    assert texts.weight(text) > longest or cut == text


def test_a_long_name_is_cut_at_a_word():
    name = texts.cut("Подарочный набор чая «Алишань», " * 5, texts.NAME_MIN, texts.NAME_MAX)
    assert (
        name
        == "Подарочный набор чая «Алишань», Подарочный набор чая «Алишань», Подарочный набор чая «Алишань»"
    )


def test_a_word_that_ends_at_the_bound_is_kept():
    assert texts.cut("абвг деёж зик", 4, 9) == "абвг деёж"
    assert texts.cut("абвг деёжз", 4, 9) == "абвг"


def test_words_longer_than_vk_takes_are_cut_within():
    assert texts.cut("ы" * 150, 4, 100) == "ы" * 100
    assert texts.cut("abc " + "ы" * 150, 4, 100) == "abc " + "ы" * 96


@UNHURRIED
@given(
    name=ANY_TEXT,
    description=st.none() | ANY_TEXT,
    unit=st.sampled_from((None, "", "шт", "<b>кг</b>", "кг")),
    out_of_stock=st.sampled_from(("hide", "order")),
)
def test_every_name_and_description_is_within_the_bounds_or_blocked(
    name: str, description: str | None, unit: str | None, out_of_stock: str
):
    shop = Shop(
        Settings(default_category_id=1, photo_fallback="card", per_100g=True, out_of_stock=out_of_stock)
    )
    good = Good("s", "p", name, unit=unit, description=description, store_name="Чайная", quantity=Decimal(0))
    want = next(shop.desired([good]))
    assert texts.weight(want.name) <= texts.NAME_MAX
    assert texts.weight(want.description) <= texts.DESCRIPTION_MAX
    assert "\n" not in want.name
    if shop.texts.names_itself(good):
        assert len(want.name) >= texts.NAME_MIN
    if shop.texts.describes_itself(good):
        assert len(want.description) >= texts.DESCRIPTION_MIN


@UNHURRIED
@given(ANY_TEXT)
def test_a_text_that_vk_escaped_and_trimmed_is_the_same_text(text: str):
    sent = texts.plain(text)
    assert texts.same(sent, sent)
    assert texts.same(sent, html.escape(sent))
    assert texts.same(sent, f" {html.escape(sent, quote=False)}\n")


def test_another_text_is_another():
    assert not texts.same("Чай зелёный", "Чай чёрный")


@UNHURRIED
@given(ANY_TEXT, st.integers(1, 400), st.integers(20, texts.DESCRIPTION_MAX))
def test_what_is_kept_of_a_long_text_gives_the_same_as_the_whole(text: str, times: int, room: int) -> None:
    whole = texts.plain(text * times)
    short = texts.shortened(text * times)
    assert len(short) <= max(len(whole), texts.DESCRIPTION_MAX)
    assert texts.cut(texts.plain(short), texts.DESCRIPTION_MIN, room) == texts.cut(
        whole, texts.DESCRIPTION_MIN, room
    )


@pytest.mark.parametrize(
    "piece",
    ["&x", "&lt;b&gt;Чай&lt;/b&gt; ", "&amp;amp;quot;", '<i class="a b">ы</i>', "&notin;", "а &#8203;", "<"],
)
def test_nothing_cut_in_half_is_left_of_a_long_text(piece: str) -> None:
    for before in range(len(piece)):
        text = "ы" * before + piece * (9_000 // len(piece))
        sent = texts.cut(texts.plain(text), texts.DESCRIPTION_MIN, texts.DESCRIPTION_MAX)
        short = texts.shortened(text)
        assert texts.cut(texts.plain(short), texts.DESCRIPTION_MIN, texts.DESCRIPTION_MAX) == sent
        assert len(short) <= texts.DESCRIPTION_MAX + 1 and (not short or texts.is_plain(short))
