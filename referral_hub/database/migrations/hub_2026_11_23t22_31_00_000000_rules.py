"""Times that a network had set before there were days of a kept place: those days stay what they were."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-23T22:31:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "days of a kept place in times set earlier"

KEPT = """
update clock_setting set kept_days = case priority when 'urgent' then 1 when 'priority' then 2 else 3 end;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def apply() -> None:
        engine = engine_finder()
        current = engine.current_transaction.get()
        if current is None:
            raise RuntimeError("migrations run in a transaction")
        await current.connection.execute(KEPT)

    manager.add_raw(apply)
    return manager
