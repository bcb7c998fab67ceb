"""Beside the tables of a closed loop: who may see what is about a person, and indexes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-23T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of a closed loop"

# A referral that can still be undone has not left the house: its receiver sees it once it has.
# Effects, steps, offered places and what does not agree are seen as what they stand on; a note by its own house only.
POLICIES = """
drop policy task_seen on referral_task;
create policy task_seen on referral_task using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() in ('coordinator', 'dpo'))
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and sender = hub_institution())
    or (hub_kind() = 'account' and hub_role() in ('caseworker', 'partner_intake') and receiver = hub_institution()
        and sent_at is not null and not no_data and not held_back)
    or (hub_kind() = 'guest' and id = hub_task() and sent_at is not null and not no_data and not held_back)
    or (hub_kind() = 'participant' and participant = hub_participant() and sent_at is not null and not held_back)
);

-- The club's coordinator counts who takes part, under the case code; writing is the caseworkers'.
create policy participation_counted on participation for select using (
    hub_kind() = 'account' and hub_role() = 'coordinator' and institution = hub_institution()
);

-- An entry merged into another is an empty signpost; what was noted about it is the person's to read with the rest.
create policy participant_merged on participant for select using (
    hub_kind() = 'participant' and merged_into = hub_participant()
);
create policy disclosure_merged on disclosure for select using (
    hub_kind() = 'participant' and exists (
        select 1 from participant p where p.id = disclosure.participant and p.merged_into = hub_participant())
);

alter table participation_effect enable row level security;
create policy effect_seen on participation_effect using (
    hub_kind() = 'system'
    or exists (select 1 from participation p where p.id = participation_effect.participation)
);

alter table support_path enable row level security;
create policy path_seen on support_path using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and institution = hub_institution())
    or (hub_kind() = 'participant' and participant = hub_participant())
);

alter table support_step enable row level security;
create policy step_seen on support_step using (
    hub_kind() = 'system' or exists (select 1 from support_path p where p.id = support_step.path)
);

alter table place_offered enable row level security;
create policy place_offered_seen on place_offered using (
    hub_kind() = 'system' or exists (select 1 from referral_task t where t.id = place_offered.task)
);

-- What a person said alone its sender reads only if the person agrees; the two answers that call for somebody, as the
-- person's page says beside them, reach the sender as an item to settle.
drop policy feedback_seen on participant_feedback;
create policy feedback_seen on participant_feedback using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() in ('coordinator', 'dpo'))
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and share_with_sender
        and exists (select 1 from referral_task t where t.id = participant_feedback.task and t.sender = hub_institution()))
    or (hub_kind() = 'participant'
        and exists (select 1 from referral_task t where t.id = participant_feedback.task and t.participant = hub_participant()))
);

alter table discrepancy enable row level security;
create policy discrepancy_seen on discrepancy using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() in ('coordinator', 'dpo'))
    or (hub_kind() = 'account' and hub_role() = 'caseworker'
        and exists (select 1 from referral_task t where t.id = discrepancy.task and t.sender = hub_institution())
        and (kind in ('delivered_waiting', 'delivered_did_not_go', 'waiting', 'did_not_go')
            or exists (select 1 from participant_feedback f where f.task = discrepancy.task)))
);

alter table task_note enable row level security;
create policy task_note_seen on task_note using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and institution = hub_institution())
);
"""

INDEXES = """
create index participation_participant on participation (participant);
create index participation_institution on participation (institution, started_on);
create unique index participation_task on participation (task);
create unique index participation_open on participation (participant) where ended_on is null;
create index effect_participation on participation_effect (participation);
create index path_participant on support_path (participant);
create index path_institution on support_path (institution);
create index step_path on support_step (path, position);
create index step_task on support_step (task);
create unique index place_offered_open on place_offered (task) where answer = '';
create index place_offered_task on place_offered (task);
create index place_offered_offer on place_offered (offer, ends_on) where answer = '';
create index place_offered_of_offer on place_offered (offer);
create index request_side_by_side on referral_request (sender)
 where together and others_kept_at is null and state = 'open';
create index task_line on referral_task (offer, waiting_since) where state = 'waitlisted';
create index discrepancy_open on discrepancy (opened_at) where verdict = '';
create index task_note_task on task_note (task, at);
create index task_note_institution on task_note (institution);
create index participant_merged on participant (merged_into);
create index audit_of_person on audit_event (subject, at) where subject_kind = 'participant';
"""

# Between units of one legal person nothing is disclosed to another controller: a ground of its own.
CONSTRAINTS = """
alter table legal_basis drop constraint known_kind;
alter table legal_basis add constraint known_kind
 check (kind in ('statute', 'consent', 'vital_interest', 'no_data', 'internal'));
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def apply() -> None:
        for part in (POLICIES, INDEXES, CONSTRAINTS):
            await _run(part)

    manager.add_raw(apply)
    return manager


async def _run(text: str) -> None:
    engine = engine_finder()
    current = engine.current_transaction.get()
    if current is None:
        raise RuntimeError("migrations run in a transaction")
    await current.connection.execute(text)
