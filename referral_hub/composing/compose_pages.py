"""The composer: a referral put together on one page, then checked; or a person sent alone with a card."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.composing.compose_steps import carried, shown
from referral_hub.composing.composing import FRESH, Composition, compose, last_of, need_answered, read_need
from referral_hub.composing.origins import FIELD, tell_origin
from referral_hub.composing.papers_pages import names_to_choose, read_papers_fields
from referral_hub.composing.senders import kind_of_sender
from referral_hub.composing.typed import read_offers
from referral_hub.database.columns import new_id
from referral_hub.directory.favourites import favourites_of
from referral_hub.directory.observed import figures_for_staff
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.matching.reason_words import reason_text
from referral_hub.own_page.card_pages import hand_over, make_card
from referral_hub.participants.actions import Opened, open_person, register
from referral_hub.participants.basis import SHAREABLE, USUAL_FIELDS
from referral_hub.participants.person_forms import read_person, same_choices, settled_same
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participants.queries import PersonRow, people_seen_by, person_seen_by
from referral_hub.referrals.actions import ask_also, draft, note_unmet_need, perform
from referral_hub.referrals.basis_form import BASES, STATUTES, read_basis_fields, read_priority
from referral_hub.referrals.drafts import PRIORITIES
from referral_hub.referrals.papers import NAMES, OPINIONS
from referral_hub.referrals.preview import Stage, stages
from referral_hub.referrals.queries import referral
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]
RECENT = 6
NEW = "new"
FROM_ADDRESS = ("person", "need", "place", "offer", "priority", FIELD)


@get("/referrals/new", opt=needs(Permission.REFERRAL_SEND))
async def show_composer(request: Request[Any, Any, Any]) -> Answer:
    """An empty composer, or one that starts from an offer, a person, or the last referral (`repeat=1`)."""
    start = dict(FRESH)
    if request.query_params.get("repeat"):
        person = await _person_of(Form({"person": request.query_params.get("person", "")}), actor_of(request))
        start |= await last_of(actor_of(request), person.id if person else None) or {}
    start |= {name: request.query_params[name] for name in FROM_ADDRESS if request.query_params.get(name)}
    if start.get("offer") and not start.get("need"):
        start["need"] = await need_answered(str(start["offer"]), clock.today())
    return await _composer(request, Form({**start, "key": str(new_id())}))


@post("/referrals/new", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_composer(request: Request[Any, Any, Any]) -> Answer:
    """`act`: match (show offers), content (on what basis; several offers are drafts at once), who (change the person),
    unmet (nobody offers this), check (keep a draft), alone (a card, nothing sent)."""
    form, actor = Form(await request.form()), actor_of(request)
    act = form.value("act")
    several = len(form.values("offer")) > 1
    if several and act in ("check", "content"):
        act = "several"
    elif act == "content" and not form.value("offer"):
        form.add("offer", "choose_offer")
    opened = form.id("open", required=False)
    if opened:
        return await _composer(
            request, form, await open_person(opened, actor=actor, purpose="compose", fields=["label"])
        )
    if act not in ("check", "alone", "unmet", "several"):
        return await _composer(request, form, status=422 if form.problems else 200)
    handed: list[str] = []

    async def work() -> Answer:
        return await _keep(form, actor, act, handed)

    try:
        answer = await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _composer(request, form, status=422)
    if handed:
        hand_over(answer, handed[0], handed[1])
    return answer


async def _keep(form: Form, actor: Actor, act: str, handed: list[str]) -> Answer:
    """Make the draft, and for a person who goes alone send it at once; all in the caller's transaction."""
    if act == "unmet":
        need = read_need(form)
        form.check()
        found = await compose(form, None, "", clock.today())
        await note_unmet_need(actor=actor, need=need, gmina=found.where.gmina if found.where else "")
        return go("/referrals?noted=1")
    chosen = None if form.value("person") == NEW else form.id("person", missing="choose_person")
    offers = read_offers(form) if act == "several" else []
    need, offer, priority = read_need(form), form.id("offer", missing="choose_offer"), read_priority(form)
    papers = await read_papers_fields(form)
    note = form.text("note", required=False, most=2000, lines=True)
    composed = await compose(form, None, await kind_of_sender(actor), clock.today(), sender=actor.institution)
    # Of several receivers none gets another's basis: each is asked for its own.
    basis = None if offers else {"kind": "no_data"} if act == "alone" else read_basis_fields(form, composed.ground)
    person = await _new_person(form, actor) if form.value("person") == NEW else chosen
    form.check()
    if offer is None or person is None:
        raise Refused("invalid", form.problems)
    task = await draft(
        actor=actor,
        person=person,
        offer=offer,
        need=need,
        priority=priority,
        basis=basis,
        note=note,
        together=bool(offers),
        papers=papers,
    )
    await tell_origin(task, form.value(FIELD), actor)
    if offers:
        request = (await referral(actor, task, open_person=False, read_words=False)).request_id
        for another in offers[1:]:
            await ask_also(request, actor=actor, offer=another, note=note, together=True)
    if act in ("check", "several"):
        return go(f"/referrals/{task}/check")
    await perform(task, actor=actor, verb="send", version=1)
    handed += [str(task), await make_card(actor, task)]
    return go(f"/referrals/{task}/card")


async def _new_person(form: Form, actor: Actor) -> UUID:
    """A person registered now, once the rest of the page is right."""
    try:
        described = read_person(form, prefix="p_")
        described["needs"] = [form.value("need")] if form.value("need") else []
        form.check()
        known = await settled_same(form, described["label"], actor, prefix="p_")
        return known or (await register(actor=actor, **described)).id
    except Refused as refusal:
        prefixed = [
            problem
            if problem in form.problems or problem.field == "p_same"
            else Problem(f"p_{problem.field}", problem.code, problem.facts)
            for problem in refusal.problems
        ]
        raise Refused("invalid", prefixed) from None


class Recent(Struct, frozen=True):
    """A person to choose: the case code, and the name only where it was opened just now."""

    row: PersonRow
    gmina: str
    needs: list[str]
    label: str = ""


async def _composer(
    request: Request[Any, Any, Any], form: Form, opened: Opened | None = None, status: int = 200
) -> Answer:
    actor, language = actor_of(request), look_of(request).language
    person = await _person_of(form, actor)
    kept = frozenset(await favourites_of(actor))
    composed = await compose(form, person, await kind_of_sender(actor), clock.today(), kept, actor.institution)
    part = shown(form, form.value("act") or ("open" if opened else ""))
    return page(
        request,
        "referrals/new.html",
        status=status,
        form=form,
        people=await _recent(actor, person, opened, language),
        composed=composed,
        common=composed.common,
        usual_fields=USUAL_FIELDS,
        shown=part,
        carried=carried(form),
        choices=await names_to_choose(actor) if part.content else {},
        opinions=OPINIONS,
        today=clock.today().isoformat(),
        papers_typed=any(form.value(name) for name in NAMES),
        stages=_stages(form, composed),
        seen_now=_known(form, person, language),
        observed=await figures_for_staff([match.offered.id for match in composed.found], actor),
        kept=kept,
        need_terms=book.terms("need", language),
        groups=book.terms("audience", language),
        priorities=PRIORITIES,
        bases=BASES,
        statutes=STATUTES,
        shareable=SHAREABLE,
        reason_text=reason_text(language),
        typed_place_unknown=bool(form.value("place")) and composed.where is None,
        person_gmina=name_of_gmina(person.gmina) if person else "",
        chosen_person=person,
        same=await same_choices(form, actor, prefix="p_"),
        need=book.label("need", form.value("need"), language),
    )


def _stages(form: Form, composed: Composition) -> list[Stage]:
    full = composed.chosen is not None and composed.chosen.offered.disclosure == "full"
    return stages(form.values("basis.fields"), full_at_once=full)


def _known(form: Form, person: PersonRow | None, language: str) -> dict[str, str]:
    """What of the preview is known before the person is opened: the case code, the need and how urgent it is."""
    known = {"case_code": person.case_code if person else "", "need": book.label("need", form.value("need"), language)}
    known["priority"] = form.value("priority") if form.value("priority") in PRIORITIES else PRIORITIES[0]
    return {name: value for name, value in known.items() if value}


async def _person_of(form: Form, actor: Actor) -> PersonRow | None:
    """The chosen person's row; what is not an id, or not ours, is no choice."""
    try:
        return await person_seen_by(actor, UUID(form.value("person")))
    except (ValueError, NotFound):
        return None


async def _recent(actor: Actor, chosen: PersonRow | None, opened: Opened | None, language: str) -> list[Recent]:
    rows = (await people_seen_by(actor, per_page=RECENT)).items
    if chosen is not None and all(row.id != chosen.id for row in rows):
        rows = [chosen, *rows]
    return [
        Recent(
            row,
            name_of_gmina(row.gmina),
            [book.label("need", code, language) for code in row.needs],
            opened.label if opened and opened.id == row.id else "",
        )
        for row in rows
    ]


routes = [show_composer, post_composer]
