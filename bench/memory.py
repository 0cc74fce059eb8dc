"""How much memory this process has ever used."""

import re
import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """The largest resident size so far, in megabytes."""
    if sys.platform == "linux":
        # Not getrusage: a process begins there with the size of the one that started it.
        status = Path("/proc/self/status").read_text()
        return int(re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)
