"""The client alone, beside a refresh that finds nothing new: `python -m bench.fetched CLOUD_URL TOKEN`.

It fetches and decodes what a refresh reads, in a process of its own. Prints one line of JSON.
"""

import json
import sys
import time

from app.clients.evotor.client import EvotorClient


def main() -> None:
    """Do so."""
    print(json.dumps(measure(*sys.argv[1:])))


def measure(cloud_url: str, token: str) -> dict[str, float]:
    """Read every good of every store, and keep none."""
    started, busy, goods = time.perf_counter(), time.process_time(), 0
    with EvotorClient(cloud_url, token) as client:
        for store in client.stores():
            goods += sum(map(len, client.products(store.id)))
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    return {"goods": goods, "seconds": seconds, "busy_seconds": busy}


if __name__ == "__main__":
    main()
