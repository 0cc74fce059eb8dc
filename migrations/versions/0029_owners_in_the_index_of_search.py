"""The owner as part of SQLite's index of search, so that other owners' hits cost nothing.

Three letters for private use stand for an owner: before each name, and at the beginning of each code.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SMALL = "content='', detail=none, columnsize=0"
_NAMES = f"fts5(name, {_SMALL}, tokenize='trigram case_sensitive 1')"
_WORDS = "unicode61 remove_diacritics 0 categories ''L* M* N* P* S* Cf Cs Co Cn''"
_CODES = f"fts5(lines, {_SMALL}, tokenize='{_WORDS}')"
_TRIGGERS = ("search_added", "search_removed", "search_renamed", "search_recoded")


def upgrade() -> None:
    letters = (f"57344 + {{0}}user_id{part} % 6400" for part in (" / 40960000", " / 6400", ""))
    mark = f"char({', '.join(letters)})"
    name = f"{mark} || ' ' || {{0}}sort_name"
    # Behind the last line's end no code begins.
    lines = "rtrim({0}search_text, char(10))"
    _index(name, f"replace({lines}, char(10), char(10) || {mark})")


def downgrade() -> None:
    _index("' ' || {0}sort_name", "{0}search_text")


def _index(name: str, lines: str) -> None:
    """Fill both indexes anew; they hold no text of their own: triggers tell them what to take out.

    name, lines: expressions over a row of goods, `{0}` is its alias.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    old, new, goods = ("old.", "new.", "")
    for statement in (
        *(f"DROP TRIGGER {trigger}" for trigger in _TRIGGERS),
        "DROP TABLE product_names",
        "DROP TABLE product_codes",
        f"CREATE VIRTUAL TABLE product_names USING {_NAMES}",
        f"CREATE VIRTUAL TABLE product_codes USING {_CODES}",
        f"INSERT INTO product_names(rowid, name) SELECT id, {name.format(goods)} FROM cached_products"
        " ORDER BY id",
        f"INSERT INTO product_codes(rowid, lines) SELECT id, {lines.format(goods)} FROM cached_products"
        " ORDER BY id",
        f"""CREATE TRIGGER search_added AFTER INSERT ON cached_products BEGIN
            {_add("names", "name", name.format(new))}
            {_add("codes", "lines", lines.format(new))}
        END""",
        f"""CREATE TRIGGER search_removed AFTER DELETE ON cached_products BEGIN
            {_drop("names", "name", name.format(old))}
            {_drop("codes", "lines", lines.format(old))}
        END""",
        f"""CREATE TRIGGER search_renamed AFTER UPDATE OF sort_name ON cached_products
            WHEN old.sort_name <> new.sort_name BEGIN
            {_drop("names", "name", name.format(old))}
            {_add("names", "name", name.format(new))}
        END""",
        f"""CREATE TRIGGER search_recoded AFTER UPDATE OF search_text ON cached_products
            WHEN old.search_text <> new.search_text BEGIN
            {_drop("codes", "lines", lines.format(old))}
            {_add("codes", "lines", lines.format(new))}
        END""",
    ):
        connection.exec_driver_sql(statement)


def _add(index: str, column: str, text: str) -> str:
    return f"INSERT INTO product_{index}(rowid, {column}) VALUES (new.id, {text});"


def _drop(index: str, column: str, text: str) -> str:
    return f"INSERT INTO product_{index}(product_{index}, rowid, {column}) VALUES ('delete', old.id, {text});"
