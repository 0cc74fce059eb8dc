"""The body of a call to the control desk's JSON API."""

from typing import Any

from flask import request


def wanted_json() -> dict[str, Any]:
    """Return the object that the body holds, {} for none; ValueError for anything else."""
    wanted = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(wanted, dict):
        raise ValueError("the body is a JSON object")
    return wanted
