"""Serve the sandbox: `python -m sandbox --port 8001 [--goods 100000]`."""

import argparse
import signal
import time
from contextlib import suppress
from pathlib import Path

from sandbox import create_app
from sandbox.generator import GENERATED_TOKEN, add_generated_merchant
from sandbox.server import make_server
from sandbox.shop import stock_demo
from sandbox.vk.keeping import Keeper
from sandbox.world import World


def main() -> None:
    """Read the command line and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Stand-ins for the Evotor and VK clouds."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes any free one")
    parser.add_argument(
        "--goods",
        type=int,
        default=0,
        metavar="N",
        help=f"add a merchant with N goods, token {GENERATED_TOKEN}",
    )
    parser.add_argument("--stores", type=int, default=1, metavar="N", help="spread these goods over N stores")
    parser.add_argument("--vk-file", type=Path, metavar="FILE", help="keep VK here between starts")
    arguments = parser.parse_args()

    started_at = int(time.time())

    def stock(world: World) -> None:
        world.vk.first_item = started_at
        stock_demo(world)
        if arguments.goods:
            add_generated_merchant(world, GENERATED_TOKEN, arguments.goods, stores=arguments.stores)

    world = World(stock)
    keeper = Keeper(world.vk, arguments.vk_file) if arguments.vk_file else None
    if keeper:
        keeper.recall()
        keeper.keep_writing()
    server = make_server(create_app(world), arguments.host, arguments.port)
    # The last moments are worth keeping, whoever ends us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"Sandbox: http://{arguments.host}:{server.port}/__sandbox__/", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    if keeper:
        keeper.write()
    server.server_close()


if __name__ == "__main__":
    main()
