"""The same rights in fewer words: a policy is weighed for each row and each line of a plan that names the table."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-24T00:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "leaner row-level security"

# What kind and role allow is worked out once, where the scope is told (database/transaction.py):
# keeps: whose people an actor works for (a caseworker); answers: for whom it may receive (a caseworker, intake);
# oversees: looks after the network (the hub, a coordinator, the data protection officer); hub: the hub itself.
SETTINGS = """
create function hub_keeps() returns uuid stable language sql as $$ select nullif(current_setting('hub.keeps', true), '')::uuid $$;
create function hub_answers() returns uuid stable language sql as $$ select nullif(current_setting('hub.answers', true), '')::uuid $$;
create function hub_oversees() returns boolean stable language sql as $$ select current_setting('hub.oversees', true) = 'yes' $$;
create function hub_itself() returns boolean stable language sql as $$ select current_setting('hub.kind', true) = 'system' $$;
"""

# Asked with the rights of the tables' owner, so that a policy about a basis does not weigh those about people as well;
# it tells a caseworker which people are its institution's own, and anybody else nothing.
VIEWS = """
create view own_person with (security_barrier) as select id from participant where institution = hub_keeps();
"""

# The row's own columns stand before the questions about other tables; a link's holder is told its task, and only it.
# What stands in a (select …) PostgreSQL works out once a question, and not once a row.
POLICIES = """
drop policy task_seen on referral_task;
create policy task_seen on referral_task using (
    sender = (select hub_keeps())
    or (receiver = (select hub_answers()) and sent_at is not null and not no_data and not held_back)
    or (select hub_oversees())
    or (id = (select hub_task()) and sent_at is not null and not no_data and not held_back)
    or (participant = (select hub_participant()) and sent_at is not null and not held_back)
);

drop policy request_seen on referral_request;
create policy request_seen on referral_request using (
    sender = (select hub_keeps())
    or (select hub_oversees())
    or participant = (select hub_participant())
    or exists (select 1 from referral_task t where t.request = referral_request.id)
);

drop policy participant_seen on participant;
drop policy participant_merged on participant;
create policy participant_seen on participant for select using (
    id = hub_participant()
    or merged_into = hub_participant()
    or (hub_kind() in ('account', 'guest') and hub_role() in ('caseworker', 'partner_intake', 'guest') and exists (
        select 1 from referral_task t where t.participant = participant.id and t.receiver = hub_institution()
        and t.access = 'disclosed' and not t.sharing_ended))
);
drop policy participant_written on participant;
create policy participant_written on participant using (institution = hub_keeps() or hub_itself());

drop policy basis_seen on legal_basis;
create policy basis_seen on legal_basis using (
    hub_itself()
    or participant = hub_participant()
    or exists (select 1 from own_person p where p.id = legal_basis.participant)
    or (hub_kind() = 'account' and hub_role() = 'dpo')
    or (hub_kind() in ('account', 'guest') and receiver = hub_institution()
        and exists (select 1 from referral_task t where t.basis = legal_basis.id and t.access in ('summary', 'disclosed')))
);

drop policy disclosure_seen on disclosure;
create policy disclosure_seen on disclosure for select using (
    hub_itself()
    or participant = hub_participant()
    or exists (select 1 from own_person p where p.id = disclosure.participant)
    or (hub_kind() = 'account' and hub_role() = 'dpo')
);

drop policy event_seen on task_event;
create policy event_seen on task_event using (
    hub_itself() or exists (select 1 from referral_task t where t.id = task_event.task)
);

drop policy hold_seen on hold;
create policy hold_seen on hold using (
    hub_itself() or exists (select 1 from referral_task t where t.id = hold.task)
);
"""

# Who may read a row because it looks after the network does not thereby write it.
READERS = """
create policy dpo_reads on referral_task as restrictive for update using (hub_role() <> 'dpo');
create policy dpo_takes_nothing_away on referral_task as restrictive for delete using (hub_role() <> 'dpo');
create policy effect_added on participation_effect as restrictive for insert with check (hub_itself() or hub_keeps() is not null);
create policy effect_changed on participation_effect as restrictive for update using (hub_itself() or hub_keeps() is not null);
create policy effect_removed on participation_effect as restrictive for delete using (hub_itself() or hub_keeps() is not null);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def apply() -> None:
        for part in (SETTINGS, VIEWS, POLICIES, READERS):
            await _run(part)

    manager.add_raw(apply)
    return manager


async def _run(text: str) -> None:
    engine = engine_finder()
    current = engine.current_transaction.get()
    if current is None:
        raise RuntimeError("migrations run in a transaction")
    await current.connection.execute(text)
