"""What gunicorn's processes need besides the command line of the Procfile."""

import os
import shutil
import tempfile
from typing import Any

# Where the processes keep the numbers that /metrics adds up; set before any of them loads the product.
_own_directory = None
if os.environ.get("METRICS_TOKEN", "").strip() and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _own_directory = tempfile.mkdtemp(prefix="vitrina-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _own_directory

# A proxy in front decides how long it waits; a worker that hangs longer than this is replaced.
timeout = 60
graceful_timeout = 30

# For whoever switches gunicorn's access log on: without addresses, whose links open accounts.
access_log_format = "%(m)s %(s)s %(B)s bytes in %(M)s ms %({x-request-id}o)s"


def post_worker_init(worker: Any) -> None:
    """Let gunicorn's own lines take the form of ours."""
    import logging

    for name in ("gunicorn.error", "gunicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def child_exit(server: Any, worker: Any) -> None:
    """Stop counting a process that has ended among the living."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove what only this run needed."""
    if _own_directory:
        shutil.rmtree(_own_directory, ignore_errors=True)
