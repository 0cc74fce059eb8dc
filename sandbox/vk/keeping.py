"""VK's people, goods and grants in a file, so that a sandbox that is started again is the same VK."""

import os
import pickle
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from sandbox.vk.world import VkWorld

# What a real VK would still know tomorrow; faults, troubles and the log of calls end with the process.
KEPT = (
    *("codes", "grants", "community_tokens", "granted_scopes"),
    *("people", "communities", "markets", "pictures", "first_item"),
)
EVERY_SECONDS = 10
_UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError)


class Keeper:
    """Keeps one VK in `path`, written from time to time and at the end."""

    def __init__(self, vk: VkWorld, path: Path) -> None:
        self._vk, self._path = vk, path
        self._written = b""

    def recall(self) -> None:
        """Return VK to what the file says; without one, or with one of other days, it stays as it is."""
        with suppress(FileNotFoundError, *_UNREADABLE):
            data = self._path.read_bytes()
            # The file is this sandbox's own, and only its owner can write it.
            known = pickle.loads(data)  # noqa: S301 (see above)
            with self._vk.lock:
                vars(self._vk).update(known)
            self._written = data

    def write(self) -> None:
        """Write the file anew where something has changed; a reader finds the old one or the new one."""
        with self._vk.lock:
            data = pickle.dumps({name: getattr(self._vk, name) for name in KEPT})
        if data == self._written:
            return
        beside = self._path.with_suffix(".new")
        with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
        beside.replace(self._path)
        self._written = data

    def keep_writing(self) -> None:
        """Write from time to time in a thread of its own, for as long as the process lives."""
        Thread(target=self._again_and_again, daemon=True).start()

    def _again_and_again(self) -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            self.write()
