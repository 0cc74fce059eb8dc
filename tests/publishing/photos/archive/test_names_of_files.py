"""What the name of a file says: a code or a name, and a place among the photos of one good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mirror.folding import fold_words
from app.publishing.photos.archive.file_names import Reading, code_key, readings, shown_name


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("4601234567890-1.jpg", "4601234567890", 1),
        ("4601234567890_2.JPEG", "4601234567890", 2),
        ("Улун молочный (3).png", "Улун молочный", 3),
        ("Улун молочный(12).png", "Улун молочный", 12),
        ("A-1 - 2.webp", "A-1", 2),
    ],
)
def test_a_number_at_the_end_is_a_place(name: str, text: str, place: int) -> None:
    whole, numbered = readings(name)
    assert whole.place == 0 and numbered == Reading(text, place)


@pytest.mark.parametrize("name", ["Улун.jpg", "4601234567890.jpg", "Чай 2.jpg", "Вода 0.5 л"])
def test_without_a_number_a_name_is_read_whole(name: str) -> None:
    assert [each.place for each in readings(name)] == [0]


@pytest.mark.parametrize("name", ["", ".jpg", "-1.jpg", " "])
def test_a_name_of_nothing_means_nothing(name: str) -> None:
    assert all(not code_key(each.text).strip("-1") for each in readings(name))


def test_signs_that_no_file_can_bear_do_not_matter() -> None:
    assert code_key("12/34") == code_key("12_34")
    assert fold_words("Пуэр «Шу», 50/50 г") == fold_words("пуэр _Шу_  50_50г")
    # macOS takes «й» apart.
    assert shown_name("Йод.jpg") == "Йод.jpg"


@given(st.text(max_size=400))
def test_any_name_is_read_and_shown(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= 255 and shown.isprintable() and "/" not in shown and "\\" not in shown
    for reading in readings(shown):
        assert code_key(reading.text) is not None and 0 <= reading.place <= 999
