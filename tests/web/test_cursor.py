"""A cursor is read as it was written, and nothing else is read as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.cursor import BadCursor, Cursor
from app.web.keys import LARGEST_KEY

row_numbers = st.integers(0, LARGEST_KEY)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300)


@given(texts, row_numbers, row_numbers)
def test_a_cursor_comes_back_as_it_was(value: str, id: int, position: int):
    cursor = Cursor(value, id, position)
    text = cursor.encode()
    assert Cursor.decode(text) == cursor
    assert text.replace("-", "").replace("_", "").isalnum() and text.isascii()


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_any_other_text_is_a_bad_cursor_or_a_usable_one(text: str):
    try:
        value, id, position = Cursor.decode(text)
    except BadCursor:
        return
    assert isinstance(value, str) and 0 <= id <= LARGEST_KEY and 0 <= position <= LARGEST_KEY


@pytest.mark.parametrize("text", ["W1tbW1tbW1tb" * 5000, "MQ", "InRleHQi"])
def test_json_of_another_shape_is_a_bad_cursor(text: str):
    with pytest.raises(BadCursor):
        Cursor.decode(text)
