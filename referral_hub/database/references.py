"""Which columns of the product hold the key of another row, read from the tables' own metadata."""

from functools import cache

from msgspec import Struct
from piccolo.columns import UUID, ForeignKey

from referral_hub.database.piccolo_app import APP_CONFIG


class Place(Struct, frozen=True, order=True):
    """A column that holds keys: `to` is the table a foreign key names, '' for a plain UUID; `key` the table's own."""

    table: str
    column: str
    key: str
    to: str = ""

    @property
    def name(self) -> str:
        """`table.column`."""
        return f"{self.table}.{self.column}"


@cache
def key_columns() -> tuple[Place, ...]:
    """Every foreign key, and every plain UUID column that is not its table's own key."""
    found = set()
    for table in APP_CONFIG.table_classes:
        key = table._meta.primary_key._meta.db_column_name
        for column in table._meta.columns:
            name = column._meta.db_column_name
            if isinstance(column, ForeignKey):
                to = column._foreign_key_meta.resolved_references._meta.tablename
                found.add(Place(table._meta.tablename, name, key, to))
            elif isinstance(column, UUID) and not column._meta.primary_key:
                found.add(Place(table._meta.tablename, name, key))
    return tuple(sorted(found))
