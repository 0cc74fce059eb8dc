"""Rules on single goods counted by the group of their goods: pages need not look up each good's group."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TRIGGERS = ("rules_made", "rules_changed", "rules_gone")
_PLACE = "sync_config_id, store_evotor_id, is_present, group_evotor_id"
# A scalar, so that PostgreSQL goes from each rule to its good by the index, however many rules there are.
_HOME = """(SELECT coalesce(goods.group_evotor_id, '') FROM cached_products AS goods
    WHERE goods.user_id = (SELECT user_id FROM sync_configs WHERE id = {rule}.sync_config_id)
    AND goods.store_evotor_id = {rule}.store_evotor_id AND goods.evotor_id = {rule}.entity_id)"""


def upgrade() -> None:
    op.create_table(
        "rule_tallies",
        sa.Column("sync_config_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("group_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("including", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sync_config_id"],
            ["sync_configs.id"],
            name=op.f("fk_rule_tallies_sync_config_id_sync_configs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*_PLACE.split(", "), name=op.f("pk_rule_tallies")),
    )
    op.execute(f"INSERT INTO rule_tallies ({_PLACE}, rules, including) {_counted('sync_filters')}")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in _on_sqlite():
            connection.exec_driver_sql(statement)
    else:
        for statement in _on_postgresql():
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in _TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in _TRIGGERS:
            op.execute(f"DROP TRIGGER {name} ON sync_filters")
        op.execute("DROP FUNCTION tally_rules()")
    op.drop_table("rule_tallies")


def _counted(rules: str) -> str:
    # Made first: else PostgreSQL looks each good up wherever it is spoken of.
    return f"""WITH ruled AS MATERIALIZED (
        SELECT rule.*, {_HOME.format(rule="rule")} AS home
        FROM {rules} AS rule WHERE entity_type = 'product'
    )
    SELECT sync_config_id, store_evotor_id, home IS NOT NULL, coalesce(home, ''),
        count(*), count(*) FILTER (WHERE filter_mode = 'include')
    FROM ruled GROUP BY 1, 2, 3, 4"""


def _on_sqlite() -> list[str]:
    def put(rule: str) -> str:
        return f"""INSERT INTO rule_tallies ({_PLACE}, rules, including)
            SELECT {rule}.sync_config_id, {rule}.store_evotor_id, home IS NOT NULL, coalesce(home, ''),
                1, {rule}.filter_mode = 'include'
            FROM (SELECT {_HOME.format(rule=rule)} AS home) WHERE true
            ON CONFLICT ({_PLACE}) DO UPDATE SET
                rules = rules + excluded.rules, including = including + excluded.including;"""

    def take(rule: str) -> str:
        return f"""UPDATE rule_tallies
            SET rules = rules - 1, including = including - ({rule}.filter_mode = 'include')
            WHERE sync_config_id = {rule}.sync_config_id AND store_evotor_id = {rule}.store_evotor_id
            AND (is_present, group_evotor_id) = (
                SELECT home IS NOT NULL, coalesce(home, '') FROM (SELECT {_HOME.format(rule=rule)} AS home)
            );"""

    made, changed, gone = _TRIGGERS
    return [
        f"""CREATE TRIGGER {made} AFTER INSERT ON sync_filters
        WHEN new.entity_type = 'product' BEGIN {put("new")} END""",
        f"""CREATE TRIGGER {changed} AFTER UPDATE ON sync_filters
        WHEN old.entity_type = 'product' BEGIN {take("old")} {put("new")} END""",
        f"""CREATE TRIGGER {gone} AFTER DELETE ON sync_filters
        WHEN old.entity_type = 'product' BEGIN {take("old")} END""",
    ]


def _on_postgresql() -> list[str]:
    made, changed, gone = _TRIGGERS
    same_place = " AND ".join(f"tally.{name} = counted.{name}" for name in _PLACE.split(", "))
    named = f"counted ({_PLACE}, rules, including)"
    return [
        # All rules of a statement are counted at once.
        f"""CREATE FUNCTION tally_rules() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                UPDATE rule_tallies AS tally
                SET rules = tally.rules - counted.rules, including = tally.including - counted.including
                FROM ({_counted("old_rules")}) AS {named}
                WHERE {same_place};
            END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO rule_tallies AS tally ({_PLACE}, rules, including) {_counted("new_rules")}
                ON CONFLICT ({_PLACE}) DO UPDATE SET
                    rules = tally.rules + excluded.rules, including = tally.including + excluded.including;
            END IF;
            RETURN NULL;
        END $$""",
        f"""CREATE TRIGGER {made} AFTER INSERT ON sync_filters REFERENCING NEW TABLE AS new_rules
        FOR EACH STATEMENT EXECUTE FUNCTION tally_rules()""",
        f"""CREATE TRIGGER {changed} AFTER UPDATE ON sync_filters
        REFERENCING OLD TABLE AS old_rules NEW TABLE AS new_rules
        FOR EACH STATEMENT EXECUTE FUNCTION tally_rules()""",
        f"""CREATE TRIGGER {gone} AFTER DELETE ON sync_filters REFERENCING OLD TABLE AS old_rules
        FOR EACH STATEMENT EXECUTE FUNCTION tally_rules()""",
    ]
