"""Processes that end with the one that started them, however it ended."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Let this process get SIGTERM when `parent` is gone, even by SIGKILL; Linux alone can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            # It was quicker.
            os.kill(os.getpid(), signal.SIGTERM)
