"""Several people at once: one form, and afterwards what became of each of them."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.composing.composing import ground_between, need_answered, read_need
from referral_hub.composing.group_referral import MOST, Member, batch_seen_by, refer_group, send_rest
from referral_hub.composing.senders import kind_of_sender
from referral_hub.composing.typed import OfferCalled, offers_called
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound, Refused
from referral_hub.matching.queries import Match, offered
from referral_hub.participants.basis import HOW_GIVEN, Ground, Kind
from referral_hub.participants.finding import people_called
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participants.queries import PersonRow, people_seen_by, person_seen_by
from referral_hub.referrals.basis_form import read_priority
from referral_hub.referrals.drafts import PRIORITIES
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]
LISTED: Final = 40
USUAL: Final = "usual"
FIELDS: Final = ["label", "contact", "needs"]


@get("/referrals/group", opt=needs(Permission.REFERRAL_SEND))
async def show_group(request: Request[Any, Any, Any]) -> Answer:
    """One form for several people; the offer may come along from its own page."""
    start: dict[str, object] = {"key": str(new_id()), "priority": PRIORITIES[0]}
    offer = request.query_params.get("offer", "")
    if offer:
        start |= {"offer": offer, "need": await need_answered(offer, clock.today())}
    return await _page(request, Form(start))


@post("/referrals/group", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_group(request: Request[Any, Any, Any]) -> Answer:
    """`act`: find (the offer), add (a person who is not on the list), send."""
    form, actor = Form(await request.form()), actor_of(request)
    if form.value("act") != "send":
        return await _page(request, form)

    async def work() -> Answer:
        match = await _offer(form)
        need, priority = read_need(form), read_priority(form)
        note = form.text("note", required=False, most=2000, lines=True)
        why = form.text("why", required=False, most=300)
        chosen = _chosen(form)
        ground = await _ground(actor, match) if match else None
        people = [Member(person=person, basis=_basis(form, person, ground)) for person in chosen]
        form.check()
        if match is None:
            raise Refused("invalid", form.problems)
        batch = await refer_group(
            actor=actor,
            offer=match.offered.id,
            need=need,
            people=people,
            priority=priority,
            note=note,
            why=why,
            hold_back=settings().undo_seconds,
        )
        return go(f"/referrals/groups/{batch}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, form, status=422)


@get("/referrals/groups/{batch:uuid}", opt=needs(Permission.REFERRAL_SEND))
async def show_batch(request: Request[Any, Any, Any], batch: FromPath[UUID]) -> Answer:
    """What became of each person, as it stands now."""
    return await _batch(request, batch, Form({"key": str(new_id())}))


@post("/referrals/groups/{batch:uuid}", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_batch(request: Request[Any, Any, Any], batch: FromPath[UUID]) -> Answer:
    """Send those that can be sent by now."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        why = form.text("why", required=False, most=300)
        form.check()
        await send_rest(batch, actor=actor, why=why, hold_back=settings().undo_seconds)
        return go(f"/referrals/groups/{batch}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _batch(request, batch, form, status=422)


async def _offer(form: Form) -> Match | None:
    offer = form.id("offer", missing="choose_offer")
    match = await offered(offer, None, None, clock.today()) if offer else None
    if offer and match is None:
        form.add("offer", "choose_offer")
    return match


async def _ground(actor: Actor, match: Match) -> Ground:
    return await ground_between(actor.institution, await kind_of_sender(actor), match.offered)


def _chosen(form: Form) -> list[UUID]:
    """The people ticked; a problem is kept where there is nobody."""
    chosen = []
    for typed in dict.fromkeys(form.values("people")):
        try:
            chosen.append(UUID(typed))
        except ValueError:
            form.add("people", "not_a_choice")
    if not chosen and not form.problem("people"):
        form.add("people", "choose_some")
    return chosen


def _basis(form: Form, person: UUID, ground: Ground | None) -> dict[str, object] | None:
    """Each person's own: the usual one where an act covers the pair, a consent as it was given, or none yet."""
    chosen = form.choice(f"basis-{person}", (USUAL, *HOW_GIVEN, str(Kind.NO_DATA)), required=False)
    if chosen in HOW_GIVEN:
        return {"kind": str(Kind.CONSENT), "ground": "zgoda", "given_how": chosen, "fields": FIELDS}
    if chosen == Kind.NO_DATA:
        return {"kind": str(Kind.NO_DATA)}
    if chosen == USUAL and ground is not None and ground.kind is not Kind.CONSENT:
        return {"kind": str(ground.kind), "ground": ground.code, "fields": FIELDS}
    return None


async def _page(request: Request[Any, Any, Any], form: Form, status: int = 200) -> Answer:
    actor, language = actor_of(request), look_of(request).language
    try:
        match = await offered(UUID(form.value("offer")), None, None, clock.today())
    except ValueError:
        match = None
    ground = await _ground(actor, match) if match else None
    found: list[OfferCalled] = []
    if match is None and form.value("where").strip():
        found = await offers_called(form.text("where", required=False, most=200), actor)
    return page(
        request,
        "referrals/group.html",
        status=status,
        form=form,
        match=match,
        ground=ground,
        found=found,
        people=[(row, name_of_gmina(row.gmina), _labels(row, language)) for row in await _people(form, actor)],
        need_terms=book.terms("need", language),
        priorities=PRIORITIES,
        ways=[USUAL] * (ground is not None and ground.kind is not Kind.CONSENT) + [*HOW_GIVEN, str(Kind.NO_DATA)],
        usual=USUAL if ground is not None and ground.kind is not Kind.CONSENT else "",
    )


def _labels(row: PersonRow, language: str) -> str:
    return ", ".join(book.label("need", code, language) for code in row.needs)


async def _people(form: Form, actor: Actor) -> list[PersonRow]:
    """The people used last, those ticked, and somebody added by a case code or an exact name."""
    rows = {row.id: row for row in (await people_seen_by(actor, per_page=LISTED)).items if row.closed_at is None}
    typed = form.text("who", required=False, most=120)
    added = await people_called(typed, actor)
    if typed and not added:
        form.add("who", "person_not_found_here")
    for row in added:
        rows.setdefault(row.id, row)
    for chosen in form.values("people")[:MOST]:
        try:
            row = await person_seen_by(actor, UUID(chosen))
        except (ValueError, NotFound):
            continue
        rows.setdefault(row.id, row)
    first = {row.id for row in added}
    return sorted(rows.values(), key=lambda row: row.id not in first)


async def _batch(request: Request[Any, Any, Any], batch: UUID, form: Form, status: int = 200) -> Answer:
    language = look_of(request).language
    found = await batch_seen_by(actor_of(request), batch)
    return page(
        request,
        "referrals/batch.html",
        status=status,
        batch=found,
        form=form,
        need=book.label("need", found.need, language),
    )


routes = [show_group, post_group, show_batch, post_batch]
