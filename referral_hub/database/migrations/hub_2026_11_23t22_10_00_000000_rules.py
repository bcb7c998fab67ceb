"""Who acts is asked once a question and no longer once a row: lists of many referrals."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-23T22:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "row-level security in constant time"

# Each says whom the transaction acts for in one way of seeing a referral, null where it is another way.
# Written out and not built on one another: what they call is looked up anew for every plan.
FUNCTIONS = """
create function hub_sees_all() returns boolean stable language sql as $$
 select coalesce(current_setting('hub.kind', true), '') = 'system'
  or (current_setting('hub.kind', true) = 'account' and current_setting('hub.role', true) in ('coordinator', 'dpo')) $$;
create function hub_sender() returns uuid stable language sql as $$
 select case when current_setting('hub.kind', true) = 'account' and current_setting('hub.role', true) = 'caseworker'
  then nullif(current_setting('hub.institution', true), '')::uuid end $$;
create function hub_receiver() returns uuid stable language sql as $$
 select case when current_setting('hub.kind', true) = 'account'
   and current_setting('hub.role', true) in ('caseworker', 'partner_intake')
  then nullif(current_setting('hub.institution', true), '')::uuid end $$;
create function hub_link() returns uuid stable language sql as $$
 select case when current_setting('hub.kind', true) = 'guest'
  then nullif(current_setting('hub.task', true), '')::uuid end $$;
create function hub_person() returns uuid stable language sql as $$
 select case when current_setting('hub.kind', true) = 'participant'
  then nullif(current_setting('hub.participant', true), '')::uuid end $$;
"""

# The same rules as before, each function inside a (select …): PostgreSQL works such a one out before it reads a row.
POLICIES = """
drop policy task_seen on referral_task;
create policy task_seen on referral_task using (
    (select hub_sees_all())
    or sender = (select hub_sender())
    or (receiver = (select hub_receiver()) and sent_at is not null and not no_data and not held_back)
    or (id = (select hub_link()) and sent_at is not null and not no_data and not held_back)
    or (participant = (select hub_person()) and sent_at is not null and not held_back)
);

drop policy request_seen on referral_request;
create policy request_seen on referral_request using (
    (select hub_sees_all())
    or sender = (select hub_sender())
    or participant = (select hub_person())
    or exists (select 1 from referral_task t where t.request = referral_request.id)
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def apply() -> None:
        for part in (FUNCTIONS, POLICIES):
            await _run(part)

    manager.add_raw(apply)
    return manager


async def _run(text: str) -> None:
    engine = engine_finder()
    current = engine.current_transaction.get()
    if current is None:
        raise RuntimeError("migrations run in a transaction")
    await current.connection.execute(text)
