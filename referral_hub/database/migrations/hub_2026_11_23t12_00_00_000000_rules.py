"""What Piccolo's tables cannot say: row-level security, indexes of several columns and partial ones."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-23T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "row-level security and indexes"

SETTINGS = """
create function hub_kind() returns text stable language sql as $$ select coalesce(current_setting('hub.kind', true), '') $$;
create function hub_role() returns text stable language sql as $$ select coalesce(current_setting('hub.role', true), '') $$;
create function hub_institution() returns uuid stable language sql as $$ select nullif(current_setting('hub.institution', true), '')::uuid $$;
create function hub_task() returns uuid stable language sql as $$ select nullif(current_setting('hub.task', true), '')::uuid $$;
create function hub_participant() returns uuid stable language sql as $$ select nullif(current_setting('hub.participant', true), '')::uuid $$;
"""

# Who may see a task: its two institutions (the receiver never a draft, nor a person sent alone), the holder of its
# link, the person, and those who look after the network. A policy is for all verbs: what you cannot see you cannot
# write either; who somebody is, only the institution that registered the person may write.
POLICIES = """
alter table referral_task enable row level security;
create policy task_seen on referral_task using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() in ('coordinator', 'dpo'))
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and sender = hub_institution())
    or (hub_kind() = 'account' and hub_role() in ('caseworker', 'partner_intake') and receiver = hub_institution() and sent_at is not null and not no_data)
    or (hub_kind() = 'guest' and id = hub_task() and sent_at is not null and not no_data)
    or (hub_kind() = 'participant' and participant = hub_participant() and sent_at is not null)
);

alter table referral_request enable row level security;
create policy request_seen on referral_request using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() in ('coordinator', 'dpo'))
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and sender = hub_institution())
    or (hub_kind() = 'participant' and participant = hub_participant())
    or exists (select 1 from referral_task t where t.request = referral_request.id)
);

alter table participant enable row level security;
create policy participant_seen on participant for select using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and institution = hub_institution())
    or (hub_kind() = 'participant' and id = hub_participant())
    or (hub_kind() in ('account', 'guest') and hub_role() in ('caseworker', 'partner_intake', 'guest') and exists (
        select 1 from referral_task t where t.participant = participant.id and t.receiver = hub_institution()
        and t.access = 'disclosed' and not t.sharing_ended))
);
create policy participant_written on participant using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and institution = hub_institution())
);

alter table legal_basis enable row level security;
create policy basis_seen on legal_basis using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'dpo')
    or (hub_kind() = 'participant' and participant = hub_participant())
    or exists (select 1 from participant p where p.id = legal_basis.participant
               and hub_kind() = 'account' and hub_role() = 'caseworker' and p.institution = hub_institution())
    or (hub_kind() in ('account', 'guest') and receiver = hub_institution()
        and exists (select 1 from referral_task t where t.basis = legal_basis.id and t.access in ('summary', 'disclosed')))
);

alter table disclosure enable row level security;
create policy disclosure_written on disclosure for insert with check (hub_kind() <> 'public');
create policy disclosure_seen on disclosure for select using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'dpo')
    or (hub_kind() = 'participant' and participant = hub_participant())
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and exists (
        select 1 from participant p where p.id = disclosure.participant and p.institution = hub_institution()))
);

alter table participation enable row level security;
create policy participation_seen on participation using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() = 'caseworker' and institution = hub_institution())
    or (hub_kind() = 'participant' and participant = hub_participant())
);

alter table task_event enable row level security;
create policy event_seen on task_event using (
    hub_kind() = 'system' or exists (select 1 from referral_task t where t.id = task_event.task)
);

alter table hold enable row level security;
create policy hold_seen on hold using (
    hub_kind() = 'system' or exists (select 1 from referral_task t where t.id = hold.task)
);

alter table participant_feedback enable row level security;
create policy feedback_seen on participant_feedback using (
    hub_kind() = 'system'
    or (hub_kind() = 'account' and hub_role() in ('coordinator', 'dpo'))
    or (hub_kind() = 'account' and hub_role() = 'caseworker'
        and exists (select 1 from referral_task t where t.id = participant_feedback.task and t.sender = hub_institution()))
    or (hub_kind() = 'participant'
        and exists (select 1 from referral_task t where t.id = participant_feedback.task and t.participant = hub_participant()))
);
"""

INDEXES = """
create index job_due on job (run_at) where done_at is null and failed_at is null;
create index reading_newest on capacity_reading (offer, as_of desc, recorded_at desc) where voided_at is null;
create index task_sender on referral_task (sender, state);
create index task_receiver on referral_task (receiver, state);
create index task_participant on referral_task (participant);
create index session_account on session (account);
create index task_replaces on referral_task (replaces);
create index request_participant on referral_request (participant);
create index task_request on referral_task (request);
create index task_offer on referral_task (offer);
create index task_basis on referral_task (basis);
create index task_expiry on referral_task (expire_on) where state in ('sent', 'info_needed');
create index task_review on referral_task (review_on) where state in ('waitlisted', 'on_hold');
create index event_task on task_event (task, at);
create index hold_open on hold (offer) where state = 'held';
create index site_institution on site (institution);
create index offer_institution on offer (institution);
create index offer_site_site on offer_site (site);
create index contact_institution on contact (institution);
create index identifier_value on institution_identifier (scheme, value);
create index source_record_institution on source_record (institution);
create index field_source_newest on field_source (subject, field, at desc);
create index participant_label on participant (institution, label_index);
create index participant_recent on participant (institution, last_used_at desc);
create index disclosure_participant on disclosure (participant, at desc);
create index basis_participant on legal_basis (participant);
create index account_institution on account (institution);
create index audit_unsealed on audit_event (at, id) where position is null;
create index call_note_institution on call_note (institution, at desc);
create index unmet_need_when on unmet_need (at);
"""

ROWS = """
insert into directory_version (id, number) values (1, 1);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def apply() -> None:
        for part in (SETTINGS, POLICIES, INDEXES, ROWS):
            await _run(part)

    manager.add_raw(apply)
    return manager


async def _run(text: str) -> None:
    engine = engine_finder()
    current = engine.current_transaction.get()
    if current is None:
        raise RuntimeError("migrations run in a transaction")
    await current.connection.execute(text)
