"""Steps of recursive statements, which PostgreSQL takes by an index whatever it believes about its tables.

It plans a step once, for as many rows as its statistics promise. Where they are not those of what it meets,
and for groups that lie in a chain even then, it reads a whole table at each of thousands of steps. To SQLite
both are plain joins.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join, and_
from sqlalchemy.ext.compiler import compiles


class _Step(Join):
    inherit_cache = True


class _Lacking(Join):
    inherit_cache = True


def step(found: FromClause, table: FromClause, leads_to: ColumnElement[bool]) -> FromClause:
    """Join what a recursive statement has just found with the rows of a table to which it leads."""
    return _Step(found, table, leads_to)


def lacking(found: FromClause, rows: FromClause, *equal: ColumnElement[bool]) -> FromClause:
    """Join those of `rows`, an alias, whose columns are equal to what was found, each as `column == value`.

    It is for the caller to keep what has none, by one of these columns, which is NULL then; no column of
    `rows` may be NULL itself, and no others may be asked for.
    """
    return _Lacking(found, rows, and_(*equal), isouter=True)


@compiles(_Step, "postgresql")
def _ask_for_each(join: _Step, compiler: Any, **options: Any) -> str:
    found, table, leads_to, name = _compiled(join, compiler, options)
    # OFFSET keeps it a question of its own: nothing that was found is hashed or sorted to be met.
    asked = f"SELECT * FROM {table} WHERE {leads_to} OFFSET 0"  # noqa: S608
    return f"{found} JOIN LATERAL ({asked}) AS {name} ON true"


@compiles(_Lacking, "postgresql")
def _hash_once(join: Any, compiler: Any, **options: Any) -> str:
    found, rows, _, name = _compiled(join, compiler, options)
    pairs = join.onclause.clauses
    columns = ", ".join(compiler.process(pair.left) for pair in pairs)
    values = ", ".join(compiler.process(pair.right) for pair in pairs)
    nothing = ", ".join(f"CAST(NULL AS TEXT) AS {pair.left.name}" for pair in pairs)
    # NOT IN is never made a join: what it must not be in is hashed once for all steps.
    has_none = f"SELECT {nothing} WHERE ({values}) NOT IN (SELECT {columns} FROM {rows})"  # noqa: S608
    return f"{found} JOIN LATERAL ({has_none}) AS {name} ON true"


def _compiled(join: Any, compiler: Any, options: dict[str, Any]) -> tuple[str, str, str, str]:
    # It would look for an ON that joins the two.
    options.pop("from_linter", None)
    sides = (compiler.process(side, **options) for side in (join.left, join.right))
    name = compiler.preparer.format_alias(join.right, join.right.name)
    return *sides, compiler.process(join.onclause), name
