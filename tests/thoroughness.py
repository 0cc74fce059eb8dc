"""How hard the suite tries: a little for every change, ATTACK=long for a long night."""

import os

IS_LONG = os.environ.get("ATTACK") == "long"


def examples(few: int) -> int:
    """Give how many inputs to make up: so few, or many times as many."""
    return few * (20 if IS_LONG else 1)
