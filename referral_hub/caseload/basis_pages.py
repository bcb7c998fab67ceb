"""A consent or other basis that ends soon, or has: said on the referral's page, and renewed on a page of its own."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.participants.basis import HOW_GIVEN, SHAREABLE, Kind
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.basis_renewal import renew_basis, runs_out, why_not
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.states import Party, State
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]


async def basis_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """For the sender, once the last day is near or over: what follows, and the way to write down a new basis."""
    until = found.basis.until if found.basis else None
    if found.party != Party.SND or found.basis is None or until is None:
        return None
    if not runs_out(until, clock.today()) or _refused(found):
        return None
    facts = {"kind": found.basis.kind, "until": until, "over": until < clock.today()}
    return Attachment("caseload/basis_part.html", facts, "next")


@get("/referrals/{task:uuid}/basis", opt=needs(Permission.REFERRAL_SEND))
async def show_basis(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The form: how the person agreed anew, to what, until when; what was agreed before stands there already."""
    found = await _own(task, actor_of(request))
    if _refused(found):
        return go(f"/referrals/{task}")
    basis = found.basis
    fields = {"basis.fields": basis.fields} if basis else {}
    return _page(request, found, Form({"key": str(new_id()), "version": str(found.version), **fields}))


@post("/referrals/{task:uuid}/basis", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_basis(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Write it down; what is refused comes back with everything typed."""
    form, actor = Form(await request.form()), actor_of(request)
    found = await _own(task, actor)
    version = form.whole("version", most=10**9)
    given = _typed(form, found)

    async def work() -> Answer:
        await renew_basis(task, actor=actor, version=version or 0, basis=given)
        return go(f"/referrals/{task}?done=basis_renewed")

    try:
        form.check()
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        beside = [
            Problem("basis.fields" if one.field == "basis" else one.field, one.code, one.facts)
            for one in refusal.problems
        ]
        form.take(Refused(refusal.code, beside, **refusal.facts))
        return _page(request, found, form, status=refusal.status)


def _typed(form: Form, found: Referral) -> dict[str, object]:
    """The new basis: of the kind and on the ground of the old one, with what the page asks."""
    kind = found.basis.kind if found.basis else Kind.CONSENT
    given: dict[str, object] = {"kind": str(kind), "ground": found.basis.ground if found.basis else "zgoda"}
    if kind == Kind.CONSENT:
        given["given_how"] = form.choice("basis.given_how", HOW_GIVEN, missing="say_how_consent_was_given") or ""
    until = form.date("basis.until", required=False, earliest=clock.today())
    given["fields"] = form.many("basis.fields", SHAREABLE)
    return {**given, **({"until": until.isoformat()} if until else {})}


async def _own(task: UUID, actor: Actor) -> Referral:
    found = await referral(actor.acting_for(Permission.REFERRAL_SEND), task, open_person=False, read_words=False)
    if found.sender.id != actor.institution:
        raise NotFound
    return found


def _refused(found: Referral) -> str:
    return why_not(
        state=State(found.state),
        shared=found.basis is not None and not found.no_data,
        internal=found.internal,
        held_back=found.held_back,
        withdrawn=found.basis is not None and found.basis.withdrawn,
    )


def _page(request: Request[Any, Any, Any], found: Referral, form: Form, status: int = 200) -> Answer:
    over = found.sharing_ended or bool(found.basis and found.basis.until and found.basis.until < clock.today())
    return page(
        request,
        "caseload/basis.html",
        status=status,
        referral=found,
        form=form,
        over=over,
        how_given=HOW_GIVEN,
        shareable=SHAREABLE,
        today=clock.today().isoformat(),
    )


routes = [show_basis, post_basis]
