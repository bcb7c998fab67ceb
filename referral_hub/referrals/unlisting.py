"""A referral that ends, waits or shares no longer gives its places at meetings back, in the transaction of the move.

The lists are kept in a room above; what must never be forgotten by any way of moving a referral is written here.
"""

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.writes import Write
from referral_hub.referrals.case import Case
from referral_hub.referrals.lifecycle import Row
from referral_hub.referrals.states import FINAL, Access, State

# Of meetings that are over who was expected stays, unless the receiver may know nothing any more.
_OFF_THE_LIST = """update enrolment set state = 'cancelled' from meeting
where meeting.id = enrolment.meeting and enrolment.task = $1 and enrolment.state = 'enrolled'
and enrolment.attendance = '' and ($3 or meeting.ends_at > $2) returning enrolment.meeting"""
_PLACE_BACK = """update meeting set enrolled = meeting.enrolled - 1 from unlisted where meeting.id = unlisted.meeting
returning meeting.id"""
# The same of terms. Whoever got the place for good (a job, a traineeship done) has used it up.
_OFF_THE_TERM = """update enrolment set state = 'cancelled' from offer_term
where offer_term.id = enrolment.term and enrolment.task = $1 and enrolment.state = 'enrolled' and not $4
and ($3 or coalesce(offer_term.ends_on, $2::date) >= $2::date) returning enrolment.term"""
_TERM_BACK = """update offer_term set taken = offer_term.taken - 1 from off_terms where offer_term.id = off_terms.term
returning offer_term.id"""
_AUDITED = """insert into audit_event (id, at, event, kind, account, institution, role, subject_kind, subject, facts)
select $1::uuid, $2::timestamptz, $3, $4, $5::uuid, $6::uuid, $7, 'referral', $8::uuid, $9::jsonb
from (select 1 from (select meeting from unlisted union all select term from off_terms) as gone limit 1) as one"""


def unlisting(actor: Actor, case: Case, row: Row, after: State) -> list[Write]:
    """The writes that take a referral off meetings to come and out of its term; none where it goes on."""
    lost = row.access in (Access.LOST, Access.ENDED)
    gives_up = after is State.ON_HOLD and not case["keeps_place_on_hold"]
    if not lost and not gives_up and after not in FINAL and after is not State.WAITLISTED:
        return []
    if case["sent_at"] is None:
        return []
    who = (actor.scope.kind, actor.scope.account, actor.scope.institution, actor.scope.role)
    line = (new_id(), clock.now(), Event.ENROLMENT_END.value, *who, case["id"], to_json({"row": row.number}))
    return [
        Write(_OFF_THE_LIST, (case["id"], clock.now(), lost), name="unlisted"),
        Write(_PLACE_BACK, (), name="places_back"),
        Write(_OFF_THE_TERM, (case["id"], clock.today(), lost, after is State.DELIVERED), name="off_terms"),
        Write(_TERM_BACK, (), name="terms_back"),
        Write(_AUDITED, line),
    ]
