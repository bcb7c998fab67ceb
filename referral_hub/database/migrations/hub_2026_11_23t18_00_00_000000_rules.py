"""Beside the new tables: who may see an enrolment, indexes, and what Piccolo does not change of a constraint."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-23T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of a directory that stays true"

# A person's way through meetings is seen exactly as the referral it stands on.
POLICIES = """
alter table enrolment enable row level security;
create policy enrolment_seen on enrolment using (
    hub_kind() = 'system' or exists (select 1 from referral_task t where t.id = enrolment.task)
);
"""

# A new kind of link: an answer to an enquiry.
CONSTRAINTS = """
alter table link drop constraint known_kind;
alter table link add constraint known_kind check (kind in ('c', 'e', 'a', 'p', 's'));
"""

INDEXES = """
create index reading_history on capacity_reading (offer, as_of desc, recorded_at desc);
create index confirmation_newest on field_confirmation (subject, field, confirmed_on desc);
create index confirmation_institution on field_confirmation (institution);
create index claim_institution on claim (institution, made_at desc);
create index claim_account on claim (account);
create index absence_institution on absence (institution, until_on) where ended_at is null;
create index absence_account on absence (account);
create index proposal_open on reading_proposal (offer) where answer = '';
create index proposal_offer on reading_proposal (offer, made_at desc);
create index pending_institution on pending_edit (institution, made_at desc);
create unique index pending_one on pending_edit (subject) where state = 'waiting';
create index notice_institution on notice (institution, until_on);
create index favourite_offer on favourite (offer);
create index agreement_institution on data_agreement (institution);
create index asking_institution on asking (institution, at desc);
create unique index call_task_open on call_task (institution) where done_at is null;
create index mail_sent_address on mail_sent (lower(address), id desc);
create index call_task_institution on call_task (institution, made_at desc);
create index suggestion_institution on suggestion (institution, made_at desc);
create index suggestion_open on suggestion (made_at) where state in ('open', 'asked');
create index staff_note_about on staff_note (institution, owner, made_at desc);
create index staff_note_owner on staff_note (owner);
create index staff_note_account on staff_note (account);
create index settlement_institution on settlement (institution);
create index meeting_offer on meeting (offer, starts_at);
create index meeting_site on meeting (site);
create unique index meeting_slot on meeting (series, starts_at) where kind = 'appointment';
create index duty_hours_offer on duty_hours (offer);
create index duty_hours_site on duty_hours (site);
create index term_offer on offer_term (offer, starts_on);
create index booking_offer on booking (offer, starts_at) where state in ('asked', 'confirmed');
create index booking_of_offer on booking (offer);
create index booking_borrower on booking (borrower, starts_at);
create index barter_line_offer on barter_line (offer);
create index barter_line_open on barter_line (subject, side) where ended_at is null;
create index barter_exchange_offered on barter_exchange (offered);
create unique index barter_exchange_one on barter_exchange (offered, wanted) where state in ('proposed', 'agreed');
create index barter_exchange_wanted on barter_exchange (wanted);
create index enquiry_institution on enquiry (institution, made_at desc);
create index asked_institution on enquiry_asked (institution, enquiry);
create index asked_offer on enquiry_asked (offer);
create index verdict_second on duplicate_verdict (second);
create index merge_kept on institution_merge (kept);
create index merge_merged on institution_merge (merged);
create index enrolment_meeting on enrolment (meeting);
create index enrolment_term on enrolment (term);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def apply() -> None:
        for part in (POLICIES, CONSTRAINTS, INDEXES):
            await _run(part)

    manager.add_raw(apply)
    return manager


async def _run(text: str) -> None:
    engine = engine_finder()
    current = engine.current_transaction.get()
    if current is None:
        raise RuntimeError("migrations run in a transaction")
    await current.connection.execute(text)
