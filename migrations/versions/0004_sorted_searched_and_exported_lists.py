"""Sorted and searched lists, and workbooks that a worker makes.

SQLite's FTS5 tables hold no text of their own: to take a row out, a trigger tells them the old text.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_IN_STORE = ["user_id", "store_evotor_id"]
_SORTED = {
    "ix_cached_products_by_price": "coalesce(price, -10000000000)",
    "ix_cached_products_by_quantity": "coalesce(quantity, -10000000000)",
    "ix_cached_products_by_article": "coalesce(article_number, '')",
}
_BY_SALE = "ix_cached_products_user_id_store_evotor_id_allow_to_sell"
_ROWS_AT_ONCE = 5000

_CODE_WORDS = r"array_to_tsvector(array_remove(string_to_array(search_text, E'\n'), ''))"
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    "CREATE INDEX ix_cached_products_search ON cached_products"
    f" USING gin (user_id, sort_name gin_trgm_ops, ({_CODE_WORDS}))",
)
_SMALL = "content='', detail=none, columnsize=0"
# Everything but blanks and control characters belongs to a word.
_WORDS = "unicode61 remove_diacritics 0 categories ''L* M* N* P* S* Cf Cs Co Cn''"
_ADD_NAME = "INSERT INTO product_names(rowid, name)"
_ADD_CODES = "INSERT INTO product_codes(rowid, lines)"
_DROP_NAME = "INSERT INTO product_names(product_names, rowid, name) VALUES ('delete', old.id, old.sort_name);"
_DROP_CODES = (
    "INSERT INTO product_codes(product_codes, rowid, lines) VALUES ('delete', old.id, old.search_text);"
)
_SQLITE = (
    f"CREATE VIRTUAL TABLE product_names USING fts5(name, {_SMALL}, tokenize='trigram case_sensitive 1')",
    f"CREATE VIRTUAL TABLE product_codes USING fts5(lines, {_SMALL}, tokenize='{_WORDS}')",
    f"{_ADD_NAME} SELECT id, sort_name FROM cached_products ORDER BY id",
    f"{_ADD_CODES} SELECT id, search_text FROM cached_products ORDER BY id",
    f"""CREATE TRIGGER search_added AFTER INSERT ON cached_products BEGIN
        {_ADD_NAME} VALUES (new.id, new.sort_name);
        {_ADD_CODES} VALUES (new.id, new.search_text);
    END""",
    f"""CREATE TRIGGER search_removed AFTER DELETE ON cached_products BEGIN
        {_DROP_NAME}
        {_DROP_CODES}
    END""",
    f"""CREATE TRIGGER search_renamed AFTER UPDATE OF sort_name ON cached_products
        WHEN old.sort_name <> new.sort_name BEGIN
        {_DROP_NAME}
        {_ADD_NAME} VALUES (new.id, new.sort_name);
    END""",
    f"""CREATE TRIGGER search_recoded AFTER UPDATE OF search_text ON cached_products
        WHEN old.search_text <> new.search_text BEGIN
        {_DROP_CODES}
        {_ADD_CODES} VALUES (new.id, new.search_text);
    END""",
)
_DROP_SQLITE = (
    *(
        f"DROP TRIGGER {name}"
        for name in ("search_added", "search_removed", "search_renamed", "search_recoded")
    ),
    "DROP TABLE product_names",
    "DROP TABLE product_codes",
)


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column("cached_stores", sa.Column("search_text", sa.Text(), server_default="", nullable=False))
    _fold_again(connection)
    for name, key in _SORTED.items():
        op.create_index(name, "cached_products", [*_IN_STORE, sa.text(key), "id"], unique=False)
    op.create_index(_BY_SALE, "cached_products", [*_IN_STORE, "allow_to_sell"], unique=False)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
    op.create_table(
        "catalog_exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_catalog_exports_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_exports"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_catalog_exports_user_id", "catalog_exports", ["user_id"], unique=False)
    op.create_index("ix_catalog_exports_expires_at", "catalog_exports", ["expires_at"], unique=False)
    op.create_table(
        "catalog_export_parts",
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["catalog_exports.id"],
            name="fk_catalog_export_parts_export_id_catalog_exports",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "number", name="pk_catalog_export_parts"),
    )


def downgrade() -> None:
    op.drop_table("catalog_export_parts")
    op.drop_table("catalog_exports")
    connection = op.get_bind()
    # The extensions stay: something else may use them.
    drops = _DROP_SQLITE if connection.dialect.name == "sqlite" else ["DROP INDEX ix_cached_products_search"]
    for statement in drops:
        connection.exec_driver_sql(statement)
    op.drop_index(_BY_SALE, table_name="cached_products")
    for name in _SORTED:
        op.drop_index(name, table_name="cached_products")
    op.drop_column("cached_stores", "search_text")


def _fold_again(connection: sa.Connection) -> None:
    """Write anew what lists are sorted and searched by, with blanks made one and codes told apart."""
    stores = connection.execute(sa.text("SELECT id, name, address FROM cached_stores")).all()
    for row_id, name, address in stores:
        connection.execute(
            sa.text(
                "UPDATE cached_stores SET sort_name = :sort_name, search_text = :search_text WHERE id = :id"
            ),
            {"id": row_id, "sort_name": _fold(name), "search_text": _fold(f"{name} {address or ''}")},
        )
    goods = sa.text(
        "SELECT id, name, article_number, code, barcodes FROM cached_products"
        " WHERE id > :last ORDER BY id LIMIT :limit"
    )
    change = sa.text(
        "UPDATE cached_products SET sort_name = :sort_name, search_text = :search_text WHERE id = :id"
    )
    last = 0
    while rows := connection.execute(goods, {"last": last, "limit": _ROWS_AT_ONCE}).all():
        last = rows[-1].id
        connection.execute(
            change,
            [
                {
                    "id": row.id,
                    "sort_name": _fold(row.name),
                    "search_text": _code_lines([row.article_number, row.code, *(row.barcodes or "").split()]),
                }
                for row in rows
            ],
        )


def _fold(text: str) -> str:
    return " ".join(text.lower().replace("ё", "е").split())


def _code_lines(codes: list[str | None]) -> str:
    folded = [_fold(code).replace(" ", "␣")[:100] for code in codes if code and code.strip()]
    return "\n" + "\n".join(folded) + "\n" if folded else ""
