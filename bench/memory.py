"""How much memory this process has ever used."""

import resource
import sys


def peak_mb() -> float:
    """The largest resident size so far, in megabytes."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (1024 if sys.platform == "linux" else 1024 * 1024)
