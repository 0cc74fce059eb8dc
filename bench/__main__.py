"""Measure what the product promises about speed: `make bench`, or `make bench FULL=1` for a million goods.

Every part is printed as it ends. One that fails is named, in the end and in the report, and the others go on.
"""

import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from cryptography.fernet import Fernet

from bench.databases import serving
from bench.parts import FULL, QUICK, Part, groups
from bench.report.page import PAGE, Run, contract, terminal, write


def main() -> None:
    """Measure all on both databases, print it and write it down; exit with 1 when a part has failed."""
    form = FULL if os.environ.get("FULL") else QUICK
    os.environ["BENCH_TOKEN_KEY"] = Fernet.generate_key().decode()
    logging.disable(logging.INFO)
    started = time.monotonic()
    run = Run(form.sizes, form is FULL, os.getloadavg(), {}, [], {})
    with serving() as databases:
        for parts in groups(form, databases, run.parts, run.costs):
            print(f"{'; '.join(parts)} …", flush=True)
            _measure(parts, run)
            # One that is broken off shall not have measured for hours in vain.
            if form is FULL:
                write(run, time.monotonic() - started)
    seconds = time.monotonic() - started
    write(run, seconds)
    print(f"\n{contract(run)}\n\nWritten to {PAGE.relative_to(PAGE.parent.parent)} in {seconds:.0f} s.")
    if run.failed:
        sys.exit("Failed: " + "; ".join(f"{name} ({why})" for name, why in run.failed.items()))


def _measure(parts: dict[str, Part], run: Run) -> None:
    """Measure the parts of a group at the same time, and note what each gave, or why it failed."""
    started = time.monotonic()
    for name, part in _done(parts):
        try:
            lines = part()
        # What measures in this process ends by the latter.
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            run.failed[name] = (str(error).strip().splitlines() or [repr(error)])[-1].strip()
            continue
        run.parts[name] = lines
        print(f"\n{name}, {time.monotonic() - started:.0f} s\n{terminal(lines)}\n", flush=True)


def _done(parts: dict[str, Part]) -> Iterator[tuple[str, Part]]:
    """Yield parts by name as they end; one alone has this thread to itself, since it may handle signals."""
    if len(parts) == 1:
        yield from parts.items()
        return
    with ThreadPoolExecutor(len(parts)) as pool:
        names = {pool.submit(part): name for name, part in parts.items()}
        for done in as_completed(names):
            yield names[done], done.result


if __name__ == "__main__":
    main()
