"""The next page is read while this one is worked on, and never more than that."""

import threading
import time
from collections.abc import Iterator

import pytest

from app.mirror.read_ahead import ahead


def test_everything_comes_in_order() -> None:
    with ahead(range(100)) as items:
        assert list(items) == list(range(100))


def test_what_the_source_raises_comes_in_its_place() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise LookupError("lost")

    with ahead(source()) as items:
        assert next(items) == 1
        with pytest.raises(LookupError, match="lost"):
            next(items)


def test_the_source_is_two_items_ahead_at_most() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    with ahead(source()) as items:
        next(items)
        time.sleep(0.1)
        assert len(taken) <= 3


def test_leaving_early_ends_the_thread() -> None:
    threads = set(threading.enumerate())
    with ahead(iter(int, 1)) as items:
        next(items)
        began = [each for each in threading.enumerate() if each not in threads and each.name == "ahead"]
    assert len(began) == 1 and not began[0].is_alive()
