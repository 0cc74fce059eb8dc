"""A board of faults: which are switched on, and the waits that end when they are switched off."""

from dataclasses import Field, replace
from itertools import count
from threading import RLock
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sandbox.pause import Pause


class AnyFault(Protocol):
    """A frozen dataclass of a fault; `times` is how often it still strikes, None until cleared."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> int: ...

    @property
    def times(self) -> int | None: ...


F = TypeVar("F", bound=AnyFault)


class Board(Generic[F]):
    """The faults that are switched on, the oldest first."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._active: dict[int, F] = {}
        self._numbers = count(1)
        self._pause = Pause()

    def active(self) -> list[F]:
        """Return the faults that are on, oldest first."""
        with self._lock:
            return list(self._active.values())

    def clear(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all; requests that a fault keeps waiting go on at once."""
        with self._lock:
            if fault_id is None:
                self._active.clear()
            else:
                self._active.pop(fault_id, None)
        self.release()

    def release(self) -> None:
        """Let every request that waits go on."""
        self._pause.release()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until faults are cleared."""
        self._pause.wait(seconds)

    def _switch_on(self, fault: F) -> F:
        """Put a fault last, and give it with its number."""
        with self._lock:
            fault = replace(fault, id=next(self._numbers))
            self._active[fault.id] = fault
        return fault

    def _count(self, fault: F) -> None:
        """Count that a fault has struck; the caller holds the lock."""
        if fault.times is not None and fault.times <= 1:
            del self._active[fault.id]
        elif fault.times is not None:
            self._active[fault.id] = replace(fault, times=fault.times - 1)
