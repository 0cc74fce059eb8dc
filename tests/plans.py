"""What PostgreSQL reads to answer a statement, counted in rows: time would hang on the machine."""

from typing import Any

from sqlalchemy import Connection


def rows_read(connection: Connection, statement: str, parameters: Any) -> float:
    """How many rows all parts of the statement's plan give or drop when it is carried out."""
    explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
    (found,) = connection.exec_driver_sql(explain, parameters).scalar_one()
    return _rows_of(found["Plan"])


def _rows_of(plan: dict[str, Any]) -> float:
    dropped = sum(count for name, count in plan.items() if name.startswith("Rows Removed by"))
    own = plan["Actual Loops"] * (plan["Actual Rows"] + dropped)
    return own + sum(map(_rows_of, plan.get("Plans", ())))
