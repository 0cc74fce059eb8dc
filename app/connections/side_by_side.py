"""Many waits side by side, where the slow ones do not hold up the quick ones."""

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

log = logging.getLogger(__name__)

Task = TypeVar("Task")

_GLANCE_SECONDS = 0.25
# Of hundreds of answers that are in memory at once none may be longer, bytes; a page of stores or
# communities takes half of it.
LONGEST_ANSWER = 1024 * 1024


def run_side_by_side(
    tasks: Iterable[Task],
    work: Callable[[Task], None],
    *,
    width: int = 32,
    patience: float = 2.0,
    most: int = 256,
) -> None:
    """Call `work` for each task, `width` of them at a time.

    One that takes longer than `patience` seconds gives up its place to the next and goes on beside, until
    there are `most` in all. An exception of one is logged and touches no other. Returns when all have ended.
    """
    waiting = iter(tasks)
    running: dict[Future[None], float] = {}
    pool = ThreadPoolExecutor(most, "lane")
    try:
        while True:
            patient_since = time.monotonic() - patience
            places = width - sum(started > patient_since for started in running.values())
            for _ in range(min(places, most - len(running))):
                for task in waiting:
                    running[pool.submit(_run, work, task)] = time.monotonic()
                    break
                else:
                    break
            if not running:
                return
            ended, _ = wait(running, timeout=_GLANCE_SECONDS, return_when=FIRST_COMPLETED)
            for future in ended:
                del running[future]
    finally:
        # A job that is stopped must not wait for a cloud that hangs.
        pool.shutdown(wait=False, cancel_futures=True)


def _run(work: Callable[[Task], None], task: Task) -> None:
    try:
        work(task)
    except Exception:
        log.exception("the check of %s failed", task)
