"""A catalogue to list."""

import pytest

from tests.catalog.stock import Stock
from tests.owners import Owner


@pytest.fixture
def stock(alice: Owner) -> Stock:
    """Alice's catalogue, empty at first."""
    return Stock(alice)
