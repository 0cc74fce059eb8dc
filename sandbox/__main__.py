"""Serve the sandbox: `python -m sandbox --port 8001 [--goods 100000]`."""

import argparse
import time
from contextlib import suppress

from sandbox import create_app
from sandbox.generator import GENERATED_TOKEN, add_generated_merchant
from sandbox.server import make_server
from sandbox.shop import stock_demo
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
    arguments = parser.parse_args()

    started_at = int(time.time())

    def stock(world: World) -> None:
        world.vk.first_item = started_at
        stock_demo(world)
        if arguments.goods:
            add_generated_merchant(world, GENERATED_TOKEN, arguments.goods, stores=arguments.stores)

    server = make_server(create_app(World(stock)), arguments.host, arguments.port)
    print(f"Sandbox: http://{arguments.host}:{server.port}/__sandbox__/", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
