"""The tables that the set form of the rules reads, named by their contract.

Plain clauses, not models: the catalogue belongs to the package above this one, and a shell script that asks
for the rules must not wait for the web to be loaded.
"""

from sqlalchemy import JSON, Boolean, Numeric, column, table

from app.data.types import UtcDateTime

users = table("users", column("id"), column("email"))
connections = table(
    "connections",
    column("user_id"),
    column("provider"),
    column("is_online", Boolean()),
    column("status"),
    column("credentials"),
    column("profile", JSON()),
)
configs = table(
    "sync_configs",
    column("id"),
    column("user_id"),
    column("is_enabled", Boolean()),
    column("confirmed_at", UtcDateTime()),
    column("default_mode"),
)
filters = table(
    "sync_filters",
    column("id"),
    column("sync_config_id"),
    column("entity_type"),
    column("entity_id"),
    column("entity_name"),
    column("filter_mode"),
    column("parent_entity_id"),
    column("store_evotor_id"),
)
stores = table("cached_stores", column("id"), column("user_id"), column("evotor_id"), column("name"))
groups = table(
    "cached_groups",
    column("id"),
    column("user_id"),
    column("store_evotor_id"),
    column("evotor_id"),
    column("parent_evotor_id"),
    column("name"),
)
sizes = table(
    "cached_group_sizes",
    column("user_id"),
    column("store_evotor_id"),
    column("group_evotor_id"),
    column("products"),
)
products = table(
    "cached_products",
    column("id"),
    column("user_id"),
    column("store_evotor_id"),
    column("evotor_id"),
    column("group_evotor_id"),
    column("name"),
    column("price", Numeric(12, 2)),
    column("quantity", Numeric(12, 3)),
)
refreshes = table(
    "catalog_refreshes",
    column("id"),
    column("user_id"),
    column("status"),
    column("finished_at", UtcDateTime()),
)
