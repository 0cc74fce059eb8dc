"""The next page is asked for while this one is worked on."""

import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from typing import Any, TypeVar

T = TypeVar("T")

_END = object()


@contextmanager
def ahead(source: Iterable[T]) -> Iterator[Iterator[T]]:
    """Give what `source` gives, read by a thread of its own that is at most two items ahead.

    What `source` raises is raised in its place. Leaving the block ends the thread at its next item.
    """
    ready: Queue[tuple[Any, BaseException | None]] = Queue(maxsize=1)
    closing = threading.Event()

    def read() -> None:
        try:
            for item in source:
                ready.put((item, None))
                if closing.is_set():
                    return
            ready.put((_END, None))
        except BaseException as error:
            ready.put((_END, error))
        finally:
            # What it holds must not wait for whoever still has it in his hands.
            if isinstance(source, Generator):
                source.close()

    def items() -> Iterator[T]:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item

    thread = threading.Thread(target=read, name="ahead", daemon=True)
    thread.start()
    try:
        yield items()
    finally:
        closing.set()
        while thread.is_alive():
            # Makes room for an item that the thread is about to hand over.
            _drain(ready)
            thread.join(0.05)


def _drain(ready: Queue[Any]) -> None:
    try:
        ready.get_nowait()
    except Empty:
        return
