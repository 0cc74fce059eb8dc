"""A sandbox cloud with generated goods, served by a process of its own: `python -m bench.cloud 100000 200`.

Two tokens open the same shop on two days: TODAY, and LATER when a tenth of the prices differ. The second
number adds so many small shops, each with a token of its own.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sandbox
from sandbox.generator import add_generated_merchant
from sandbox.server import make_server
from sandbox.world import World

TODAY, LATER = "bench-today", "bench-later"
CHANGED_SHARE = 10
SMALL_SHOP = 60


def main() -> None:
    """Serve until the process is ended; the first line says where."""
    goods = int(sys.argv[1])
    world = World()
    today = add_generated_merchant(world, TODAY, goods)
    later = add_generated_merchant(world, LATER, goods, user_id=today.id)
    (store,) = later.stores.values()
    for number in range(0, goods, CHANGED_SHARE):
        good = store.products.slice(number, 1).items
        store.products.change(_id_of(good), {"price": 777.0})
    for number in range(int(sys.argv[2])):
        add_generated_merchant(world, small_token(number), SMALL_SHOP)
    server = make_server(sandbox.create_app(world))
    print(f"http://127.0.0.1:{server.port}/evotor", flush=True)
    server.serve_forever()


@contextmanager
def running(goods: int, small_shops: int = 0) -> Iterator[str]:
    """Serve a shop with so many goods, and so many small ones; yield the address of their cloud."""
    command = [sys.executable, "-m", "bench.cloud", str(goods), str(small_shops)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield str(process.stdout and process.stdout.readline()).strip()
        finally:
            process.kill()


def small_token(number: int) -> str:
    """Give the token of the small shop with this number, from 0."""
    return f"bench-small-{number}"


def _id_of(good: bytes) -> str:
    return good.split(b'"', 4)[3].decode()


if __name__ == "__main__":
    main()
