"""Many owners at once: `python -m bench.load`, some five minutes on each database.

200 owners of small shops and one of 100 000 goods. Everybody asks for a refresh, the big one first, and looks
at goods and decides about them meanwhile, with the pauses that people make. The database, the queue server,
the sandbox and the owners' browsers share this machine with the product: the times are the worst ones.
"""

import argparse
import logging
import sys

from bench.databases import databases
from bench.load.figures import report
from bench.load.measure import BIG_SHOP, OWNERS, SECONDS, measure


def main() -> None:
    """Print the figures of both databases; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--goods", type=int, default=BIG_SHOP)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    logging.disable(logging.INFO)
    is_reached = True
    for database, url in databases():
        print(f"load: {OWNERS} owners and one with {options.goods:,} goods, {database}", flush=True)
        load = measure(url, OWNERS, options.goods, options.seconds)
        report(load)
        is_reached &= load.is_reached
    if not is_reached:
        sys.exit("the goal is missed")


if __name__ == "__main__":
    main()
