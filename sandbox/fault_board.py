"""The faults that are switched on, and the waits that end when they are switched off."""

from dataclasses import replace
from itertools import count
from threading import RLock
from typing import Any

from sandbox.fault import Fault
from sandbox.faults import FAULTS
from sandbox.pause import Pause

RESOURCES = ("stores", "groups", "products")


class FaultBoard:
    """The faults that are switched on; the oldest that fits a request strikes."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._active: dict[int, Fault] = {}
        self._numbers = count(1)
        self._pause = Pause()

    def add(self, name: str, **where: Any) -> Fault:
        """Switch a fault on; keywords are fields of Fault, an unknown name or field is a ValueError."""
        if name not in FAULTS:
            raise ValueError(f"unknown fault: {name}")
        if where.get("resource") not in (None, *RESOURCES):
            raise ValueError(f"resource is one of: {', '.join(RESOURCES)}")
        kind = FAULTS[name]
        try:
            fault = Fault(
                name, **{"times": kind.times, "resource": kind.resource, "seconds": kind.seconds, **where}
            )
        except TypeError as error:
            raise ValueError(f"unknown field of a fault among: {', '.join(sorted(where))}") from error
        if not all(each is None or (type(each) is int and each > 0) for each in (fault.page, fault.times)):
            raise ValueError("page and times are whole numbers from 1")
        with self._lock:
            fault = replace(fault, id=next(self._numbers))
            self._active[fault.id] = fault
        return fault

    def take(self, merchant: str, store: str | None, resource: str, page: int | None) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it."""
        with self._lock:
            fault = next(
                (each for each in self._active.values() if each.strikes(merchant, store, resource, page)),
                None,
            )
            if fault is None:
                return None
            if fault.name == "revoked_token":
                # From now on the whole account is closed, whatever is asked.
                self._active[fault.id] = Fault(fault.name, merchant=merchant, id=fault.id)
            elif fault.times is not None and fault.times <= 1:
                del self._active[fault.id]
            elif fault.times is not None:
                self._active[fault.id] = replace(fault, times=fault.times - 1)
            return fault

    def active(self) -> list[Fault]:
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
