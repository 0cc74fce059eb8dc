"""The memory of one plan, in a process that has done nothing else: `python -m bench.plan_peak DATABASE_URL`.

Prints one line of JSON: by how many megabytes the memory peaked above what the process had before.
"""

import json
import sys

from app.publishing.current import current_plan
from bench.memory import peak_mb
from bench.product import application, prepare
from bench.shop import COMMUNITY


def main() -> None:
    """Make the plan and count it."""
    with application(sys.argv[1]).app_context():
        user_id = prepare()
        before = peak_mb()
        counts = current_plan(user_id, COMMUNITY).counts
        print(json.dumps({"peak_mb": round(peak_mb() - before), "goods": sum(counts.values())}))


if __name__ == "__main__":
    main()
