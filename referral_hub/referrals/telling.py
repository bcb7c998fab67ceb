"""From what a query found to what the API answers."""

from typing import Any

from referral_hub.referrals.moves import OpenMove
from referral_hub.referrals.papers import NAMES
from referral_hub.referrals.queries import Referral, WorkRow
from referral_hub.referrals.reasons import choices
from referral_hub.referrals.schemas import (
    FeedbackKept,
    LineOfWork,
    LineTold,
    MoveTold,
    NeedTold,
    OfferTold,
    OtherTold,
    OutcomeTold,
    ReferralTold,
)
from referral_hub.referrals.sisters import Others
from referral_hub.web.wording import sentence_of


def move_told(open_move: OpenMove, language: str) -> MoveTold:
    """A move with its label and the codes its fields may take today."""
    row = open_move.row
    wanted = [NeedTold(need.name, need.type, need.required, choices(need, row)) for need in row.needs]
    label = sentence_of(language, "verb", row.verb)
    return MoveTold(row.verb, label, [channel.value for channel in open_move.channels], wanted)


def referral_told(found: Referral, language: str, others: Others | None = None) -> ReferralTold:
    """The whole referral; `others` are those asked for the same request, for the sender only."""
    ending = found.ending
    return ReferralTold(
        id=found.id,
        request_id=found.request_id,
        number=found.number,
        state=found.state,
        version=found.version,
        party=found.party,
        need=found.need,
        priority=found.priority,
        offer=OfferTold(found.offer.id, found.offer.title, f"/offers/{found.offer.id}", found.offer.institution),
        sender=found.sender,
        person=found.person,
        basis=None
        if found.basis is None
        else {
            "kind": found.basis.kind,
            "ground": found.basis.ground,
            "articles": found.basis.articles,
            "fields": found.basis.fields,
            "until": found.basis.until,
            "withdrawn": found.basis.withdrawn,
        },
        no_data=found.no_data,
        access=found.access,
        sharing_ended=found.sharing_ended,
        clock=found.clock,
        appointment={"at": found.appointment_at, "place": found.appointment_place} if found.appointment_at else {},
        outcome=None
        if ending is None
        else OutcomeTold(ending.outcome, ending.on, ending.hours, ending.source, found.reason),
        reason=found.reason,
        seen_at=found.seen_at,
        loop_closed=found.loop_closed,
        replaces=found.replaces,
        replaced_by=found.replaced_by,
        feedback=None if found.opinion is None else FeedbackKept(found.opinion.got_help, found.opinion.treated_well),
        timeline=[
            LineTold(line.at, line.verb, line.after, line.party, line.channel, line.facts, line.words, line.saw)
            for line in found.timeline
        ],
        moves=[move_told(one, language) for one in found.moves],
        held_back=found.held_back,
        issued=found.issued,
        called=sentence_of(language, "called", "issued" if found.issued else "referred"),
        papers=_papers_told(found),
        internal=found.internal,
        together=found.together,
        others=[]
        if others is None
        else [OtherTold(one.id, one.number, one.state, one.offer, one.receiver_name) for one in others.tasks],
        others_ask=others is not None and others.asks,
    )


def _papers_told(found: Referral) -> dict[str, Any] | None:
    """The papers that say something, with the names of who wrote them."""
    if found.papers is None:
        return None
    kept = {name: value for name in NAMES if (value := getattr(found.papers.papers, name))}
    return {**kept, **{f"{who}_name": name for who, name in found.papers.names.items()}}


def line_told(row: WorkRow) -> LineOfWork:
    """A line of the worklist."""
    return LineOfWork(
        id=row.id,
        number=row.number,
        box=row.box,
        side=row.side,
        state=row.state,
        version=row.version,
        case_code=row.case_code,
        need=row.need,
        priority=row.priority,
        offer={"id": row.offer, "title": row.offer_title, "url": f"/offers/{row.offer}"},
        sender={"id": row.sender, "name": row.sender_name},
        receiver={"id": row.receiver, "name": row.receiver_name},
        clock={"on": row.clock, "due_on": row.due_on, "late": row.late},
        waiting_days=row.waiting_days,
    )
