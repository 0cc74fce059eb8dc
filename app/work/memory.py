"""Memory that a process is done with goes back to the system."""

import ctypes
from contextlib import suppress

# Reference: https://man7.org/linux/man-pages/man3/mallopt.3.html; the numbers are of glibc's malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_BIG = 1024 * 1024


def give_memory_back() -> None:
    """Let what threads free be used by all, and big blocks go back at once; before the first thread.

    Each thread would have a heap of its own, which keeps the most that it ever held: what four threads read
    in turn would count four times. Does nothing where the C library is not glibc.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _BIG)
