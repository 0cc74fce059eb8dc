"""The calls that VK received, counted, with their moments: what holds a client to its promises."""

import time
from collections import Counter, deque
from dataclasses import dataclass
from threading import Lock

UPLOAD = "upload"
KEPT = 500_000


@dataclass(frozen=True)
class CallMade:
    """One call: `at` in epoch seconds, `person` None for a bad token, `inside` for one in an execute."""

    at: float
    method: str
    person: int | None
    inside: bool
    writes: bool
    error: int | None


class Calls:
    """The log of calls in order of their ends, and what it adds up to."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._log: deque[CallMade] = deque(maxlen=KEPT)
        # (method, parameter) that VK's schema does not know.
        self.unknown_parameters: set[tuple[str, str]] = set()

    def add(self, call: CallMade) -> None:
        """Write a call down."""
        with self._lock:
            self._log.append(call)

    @property
    def log(self) -> list[CallMade]:
        """Every call and upload, oldest first."""
        with self._lock:
            return list(self._log)

    @property
    def total(self) -> int:
        """Requests to the API: an execute is one, an upload none."""
        return len(self._requests())

    @property
    def by_method(self) -> Counter[str]:
        """Requests and the calls inside of them by name, uploads as `upload`."""
        return Counter(call.method for call in self.log)

    @property
    def inner(self) -> int:
        """Calls inside of executes."""
        return sum(call.inside for call in self.log)

    @property
    def uploads(self) -> int:
        """Pictures sent to the upload server."""
        return sum(call.method == UPLOAD for call in self.log)

    @property
    def writing(self) -> list[CallMade]:
        """Calls that are meant to change something, inner ones too."""
        return [call for call in self.log if call.writes]

    @property
    def refused_as_too_often(self) -> int:
        """Requests that came too fast (error 6)."""
        return sum(call.error == 6 for call in self._requests())

    def busiest_second(self, person: int | None = None) -> int:
        """Return the largest number of requests that came within any one second, of a person or of all."""
        moments = sorted(call.at for call in self._requests() if person in (None, call.person))
        most, first = 0, 0
        for last, moment in enumerate(moments):
            while moment - moments[first] >= 1.0:
                first += 1
            most = max(most, last - first + 1)
        return most

    def clear(self) -> None:
        """Count anew."""
        with self._lock:
            self._log.clear()
            self.unknown_parameters.clear()

    def _requests(self) -> list[CallMade]:
        return [call for call in self.log if not call.inside and call.method != UPLOAD]


def now() -> float:
    """Return the moment at which a call arrives, in epoch seconds."""
    return time.time()
