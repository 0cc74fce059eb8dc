"""The faults of Evotor's cloud that are switched on."""

from typing import Any

from sandbox.board import Board
from sandbox.fault import Fault
from sandbox.faults import FAULTS

RESOURCES = ("stores", "groups", "products")


class FaultBoard(Board[Fault]):
    """The faults that are switched on; the oldest that fits a request strikes."""

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
        return self._switch_on(fault)

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
            else:
                self._count(fault)
            return fault
