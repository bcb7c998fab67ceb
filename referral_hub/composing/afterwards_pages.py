"""One short page for a referral made by phone or on paper: whom, where, when, and what they answered."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.composing.afterwards import ANSWERS, CHANNELS, beside_basis, earliest, record_afterwards
from referral_hub.composing.composing import ground_between, need_answered
from referral_hub.composing.senders import kind_of_sender
from referral_hub.composing.typed import OfferCalled, offers_called
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound, Refused
from referral_hub.matching.queries import offered
from referral_hub.participants.actions import register
from referral_hub.participants.basis import Kind
from referral_hub.participants.finding import people_called
from referral_hub.participants.queries import PersonRow, people_seen_by, person_seen_by
from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.reasons import codes_for
from referral_hub.referrals.states import Party, State, Verb
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]
GROUNDS: Final = ("usual", "spoken", "signed", "none")
TOLD: Final = ["label", "contact", "needs"]
"""What is said on the phone about a person who is referred."""
RECENT: Final = 20
REVIEW_DAYS: Final = 30


class Found(Struct):
    """What the typed words may mean: more than one of either is a question put back to the page."""

    people: list[PersonRow] = []
    offers: list[OfferCalled] = []


@get("/referrals/record", opt=needs(Permission.REFERRAL_SEND))
async def show_record(request: Request[Any, Any, Any]) -> Answer:
    """The empty page; a person or an offer may come along from theirs."""
    today = clock.today()
    start: dict[str, object] = {
        "key": str(new_id()),
        "made_on": today.isoformat(),
        "channel": CHANNELS[0],
        "answer": ANSWERS[0],
        "review_on": (today + timedelta(days=REVIEW_DAYS)).isoformat(),
    }
    person = request.query_params.get("person", "")
    try:
        row = await person_seen_by(actor_of(request), UUID(person)) if person else None
    except (ValueError, NotFound):
        row = None
    return await _page(request, Form({**start, **({"who": row.case_code} if row else {})}), Found())


@post("/referrals/record", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_record(request: Request[Any, Any, Any]) -> Answer:
    """All of it in one transaction, or everything wrong beside its field."""
    form, actor, found = Form(await request.form()), actor_of(request), Found()

    async def work() -> Answer:
        task = await _record(form, actor, found)
        return go(f"/referrals/{task}?done=recorded")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(beside_basis(refusal))
        return await _page(request, form, found, status=422)


async def _record(form: Form, actor: Actor, found: Found) -> UUID:
    offer = await _offer(form, actor, found)
    person = await _person(form, actor, found)
    made_on = form.date("made_on")
    answered_on = form.date("answered_on", required=False)
    channel = form.choice("channel", CHANNELS) or ""
    answer = form.choice("answer", ANSWERS) or ""
    basis = await _basis(form, actor, offer)
    fields = _fields(form, answer)
    need = form.choice("need", [word.code for word in book.words("need")], required=False) or ""
    if offer is not None and not need:
        need = await need_answered(str(offer), clock.today())
        if not need:
            form.add("need", "choose_need")
    form.check()
    if person is None:
        person = (await register(actor=actor, label=form.text("who", most=120), sex="not_stated")).id
    if offer is None or made_on is None:
        raise Refused("invalid", form.problems)
    return await record_afterwards(
        actor=actor,
        person=person,
        offer=offer,
        need=need,
        made_on=made_on,
        channel=channel,
        basis=basis,
        answer=answer,
        answered_on=answered_on,
        fields=fields,
    )


async def _person(form: Form, actor: Actor, found: Found) -> UUID | None:
    """Who is meant; None for somebody new, where the page was told so."""
    typed = form.text("who", most=120)
    if not typed:
        return None
    found.people = await people_called(typed, actor)
    chosen = form.value("person")
    known = next((row.id for row in found.people if str(row.id) == chosen), None)
    if known is None and len(found.people) == 1:
        return found.people[0].id
    if known is None and found.people:
        form.add("person", "several_people")
    elif known is None and not form.flag("new"):
        form.add("who", "person_not_found")
    return known


async def _offer(form: Form, actor: Actor, found: Found) -> UUID | None:
    typed = form.text("where", most=200)
    if not typed:
        return None
    found.offers = await offers_called(typed, actor)
    known = next((one.id for one in found.offers if str(one.id) == form.value("offer")), None)
    if known is None and len(found.offers) == 1:
        return found.offers[0].id
    if known is None:
        form.add("offer" if found.offers else "where", "several_offers" if found.offers else "offer_not_found")
    return known


async def _basis(form: Form, actor: Actor, offer: UUID | None) -> dict[str, object]:
    """On what ground it was told. Consent is never assumed: somebody has to say that it was given."""
    chosen = form.choice("basis", GROUNDS)
    if chosen == "none":
        return {"kind": str(Kind.NO_DATA)}
    if chosen in ("spoken", "signed"):
        return {"kind": str(Kind.CONSENT), "ground": "zgoda", "given_how": chosen, "fields": TOLD}
    match = await offered(offer, None, None, clock.today()) if offer else None
    if match is None:
        return {}
    ground = await ground_between(actor.institution, await kind_of_sender(actor), match.offered)
    if ground.kind is Kind.CONSENT:
        form.add("basis", "say_how_consent_was_given")
    return {"kind": str(ground.kind), "ground": ground.code, "fields": TOLD}


def _fields(form: Form, answer: str) -> dict[str, object]:
    """The fields of the move that the answer is."""
    if answer == "accepted":
        day = form.date("answer_date", required=False)
        return {"date": day.isoformat()} if day else {}
    if answer == "waitlisted":
        position = form.whole("position", least=1, most=5000)
        review = form.date("review_on")
        return {"position": str(position or ""), "review_on": review.isoformat() if review else ""}
    if answer == "declined":
        return {"reason": form.choice("reason", reasons_of_receiver(), missing="choose_one") or ""}
    return {}


def reasons_of_receiver() -> list[str]:
    """The coded reasons for which a receiver cannot take somebody; none that needs words."""
    row = next(row for row in TABLE if row.verb is Verb.DECLINE and row.by is Party.RCV and State.SENT in row.start)
    allowed = codes_for(row)["reason"]
    return [one.code for one in book.words("reason") if one.code in allowed and one.code != "other"]


async def _page(request: Request[Any, Any, Any], form: Form, found: Found, status: int = 200) -> Answer:
    actor, language, today = actor_of(request), look_of(request).language, clock.today()
    recent = (await people_seen_by(actor, per_page=RECENT)).items
    return page(
        request,
        "referrals/record.html",
        status=status,
        form=form,
        found=found,
        codes=[row.case_code for row in recent],
        grounds=GROUNDS,
        channels=CHANNELS,
        answers=ANSWERS,
        reasons=[(code, book.label("reason", code, language)) for code in reasons_of_receiver()],
        need_terms=book.terms("need", language),
        earliest=earliest(today).isoformat(),
        today=today.isoformat(),
    )


routes = [show_record, post_record]
