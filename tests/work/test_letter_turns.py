"""Rounds of letters: what breaks one keeps none of the later waiting."""

import pytest

from app.work.letter_turns import ask_for_turn, send_in_turns


def test_a_letter_that_breaks_leaves_the_next_round_to_begin(context) -> None:
    sent: list[int] = []

    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        send_in_turns(ask_for_turn, [(1, broken)], after=0)
    send_in_turns(ask_for_turn, [(1, lambda: sent.append(1))], after=0)
    assert sent == [1]
