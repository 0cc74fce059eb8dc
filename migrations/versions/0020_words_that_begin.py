"""Words found by their beginning: in SQLite's index of names each name stands with a blank before it."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_SMALL = "content='', detail=none, columnsize=0"


def upgrade() -> None:
    _index_names("' ' || ")


def downgrade() -> None:
    _index_names("")


def _index_names(before: str) -> None:
    """Fill the index anew; it holds no text of its own, so a trigger tells it the old one to take it out."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    add = "INSERT INTO product_names(rowid, name)"
    drop_name = (
        "INSERT INTO product_names(product_names, rowid, name)"
        f" VALUES ('delete', old.id, {before}old.sort_name);"
    )
    drop_codes = (
        "INSERT INTO product_codes(product_codes, rowid, lines) VALUES ('delete', old.id, old.search_text);"
    )
    for statement in (
        *(f"DROP TRIGGER {name}" for name in ("search_added", "search_removed", "search_renamed")),
        "DROP TABLE product_names",
        f"CREATE VIRTUAL TABLE product_names USING fts5(name, {_SMALL}, tokenize='trigram case_sensitive 1')",
        f"{add} SELECT id, {before}sort_name FROM cached_products ORDER BY id",
        f"""CREATE TRIGGER search_added AFTER INSERT ON cached_products BEGIN
            {add} VALUES (new.id, {before}new.sort_name);
            INSERT INTO product_codes(rowid, lines) VALUES (new.id, new.search_text);
        END""",
        f"""CREATE TRIGGER search_removed AFTER DELETE ON cached_products BEGIN
            {drop_name}
            {drop_codes}
        END""",
        f"""CREATE TRIGGER search_renamed AFTER UPDATE OF sort_name ON cached_products
            WHEN old.sort_name <> new.sort_name BEGIN
            {drop_name}
            {add} VALUES (new.id, {before}new.sort_name);
        END""",
    ):
        connection.exec_driver_sql(statement)
