"""What gunicorn's processes need besides the command line of the Procfile."""

import os
import shutil
import socket
import struct
import tempfile
from typing import Any

# Where the processes keep the numbers that /metrics adds up; set before any of them loads the product.
# In memory where that is to be had: whoever notes a number in a mapped file on a full disk is killed by it.
_IN_MEMORY = "/dev/shm"  # noqa: S108 (a folder of its own within)
_own_directory = None
if os.environ.get("METRICS_TOKEN", "").strip() and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _memory = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    _own_directory = tempfile.mkdtemp(prefix="vitrina-metrics-", dir=_memory)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _own_directory

# A proxy in front decides how long it waits; a worker that hangs longer than this is replaced.
timeout = 60
graceful_timeout = 30

# How long a thread waits for a browser to send or to take anything at all: it holds one of the few there are.
STALLED_SECONDS = 30

# Longer than any page waits before it asks again (a card 15 s, a refresh 10 s at most): a connection that
# closes at the very moment when it is used again loses the request.
keepalive = 30

# It would be a file in the home of the user, where a service may have nothing to write; signals do as well.
control_socket_disable = True

# For whoever switches gunicorn's access log on: without addresses, whose links open accounts.
access_log_format = "%(m)s %(s)s %(B)s bytes in %(M)s ms %({x-request-id}o)s"


def post_worker_init(worker: Any) -> None:
    """Let gunicorn's own lines take the form of ours, and a process that stops turn newcomers away."""
    import logging

    for listener in worker.sockets:
        _give_up_stalled(listener.sock)
    if hasattr(worker, "set_accept_enabled"):
        _close_the_door_when_stopping(worker)

    for name in ("gunicorn.error", "gunicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _give_up_stalled(listening: socket.socket) -> None:
    # Linux hands both on to the connections that are accepted; gunicorn's `timeout` knows nothing of threads.
    seconds = struct.pack("ll", STALLED_SECONDS, 0)
    for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listening.setsockopt(socket.SOL_SOCKET, direction, seconds)


def _close_the_door_when_stopping(worker: Any) -> None:
    # A `gthread` process that has been told to stop takes nobody in any more but leaves its socket open until
    # its last answer is out: newcomers would wait up to `graceful_timeout`, only to be cut off then.
    set_accept_enabled = worker.set_accept_enabled

    def closing(enabled: bool) -> None:
        set_accept_enabled(enabled)
        if not worker.alive:
            for listener in worker.sockets:
                listener.close()

    worker.set_accept_enabled = closing


def child_exit(server: Any, worker: Any) -> None:
    """Stop counting a process that has ended among the living."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove what only this run needed."""
    if _own_directory:
        shutil.rmtree(_own_directory, ignore_errors=True)
