"""A draft before it is sent: exactly what the institution will see, and when; and the changes to it."""

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
from referral_hub.directory.freshness import Freshness, takes_referrals
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.matching.queries import offered
from referral_hub.participants.basis import SHAREABLE, USUAL_FIELDS, Ground, internal_ground, usual_ground
from referral_hub.participants.free_text import cautions_about
from referral_hub.referrals.actions import edit_draft
from referral_hub.referrals.basis_form import BASES, STATUTES, read_basis_fields, read_priority
from referral_hub.referrals.drafts import PRIORITIES
from referral_hub.referrals.moving import prefixed
from referral_hub.referrals.preview import stages
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.saying import said
from referral_hub.referrals.sisters import others_of
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

Answer = Response[bytes]


@get("/referrals/{task:uuid}/check", opt=needs(Permission.REFERRAL_SEND))
async def show_check(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """A draft before it is sent: exactly what the institution will see, and when."""
    actor = actor_of(request)
    found = await referral(actor, task, open_person=False)
    if found.state != "draft" or found.party != "SND":
        return go(f"/referrals/{task}")
    done = request.query_params.get("done", "")
    return await check_page(request, actor, found, Form({}), undone=done == "undone")


@post("/referrals/{task:uuid}/draft", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_draft(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Change basis, urgency or note of a draft."""
    form, actor = Form(await request.form()), actor_of(request)
    found = await referral(actor, task, open_person=False)
    try:
        version = form.whole("version", most=10**9)
        note = form.text("note", required=False, most=2000, lines=True)
        basis = read_basis_fields(form, ground_for(found))
        priority = read_priority(form)
        form.check()
        await edit_draft(task, actor=actor, version=version or 0, basis=basis, note=note, priority=priority)
    except (Refused, Stale) as refusal:
        form.take(prefixed(refusal, ""))
        if found.state != "draft":
            raise
        return await check_page(request, actor, found, form, status=refusal.status)
    return go(f"/referrals/{task}/check")


async def check_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    closed: Referral,
    form: Form,
    status: int = 200,
    *,
    undone: bool = False,
) -> Answer:
    """The person is opened here, so the line of the disclosure list says that it was for checking."""
    found = await referral(actor, closed.id, open_person=True)
    language = look_of(request).language
    match = await offered(found.offer.id, None, None, clock.today())
    if match is None:
        raise NotFound
    usual = ground_for(found)
    written = {**written_basis(found, usual.code), "priority": found.priority, "note": found.person.get("note", "")}
    written["send-self-text"] = found.override_reason
    typed = form if form.value("version") and form.value("basis.kind") else Form(written)
    if typed is not form:
        typed.problems = form.problems
    return page(
        request,
        "referrals/check.html",
        status=status,
        referral=found,
        match=match,
        form=typed,
        send_text=form.value("text"),
        undone=undone,
        others=(await others_of(actor, found.id)).tasks,
        stages=stages(found.basis.fields if found.basis else (), full_at_once=match.offered.disclosure == "full"),
        # The person is open here: what is not among the values is empty, and nothing of it goes.
        values=dict.fromkeys((*SHAREABLE, "note"), "")
        | {name: said(name, value, language) for name, value in found.person.items()},
        usual=usual,
        bases=BASES,
        statutes=STATUTES,
        shareable=SHAREABLE,
        priorities=PRIORITIES,
        key=str(new_id()),
        warnings=cautions_about(str(found.person.get("note", "")), agreed=found.basis.fields if found.basis else ()),
        must_say_why=not takes_referrals(Freshness(match.offered.capacity.freshness))
        or match.offered.capacity.status == "no-capacity",
    )


def ground_for(found: Referral) -> Ground:
    """The usual ground of a draft: between units of one legal person nothing goes to another controller."""
    return internal_ground() if found.internal else usual_ground(found.sender.kind, found.offer.institution.kind)


def written_basis(found: Referral, usual: str) -> dict[str, object]:
    """The basis of a draft as the form's fields show it; without one the usual basis is proposed."""
    basis = found.basis
    if basis is None:
        return {"basis.kind": "preset", "basis.fields": list(USUAL_FIELDS)}
    named = "basis.act" if basis.ground in STATUTES else "basis.ground"
    return {
        "basis.kind": "preset" if basis.ground == usual else basis.kind,
        "basis.fields": basis.fields,
        "basis.until": basis.until.isoformat() if basis.until else "",
        "basis.given_how": basis.given_how,
        **({named: basis.ground} if basis.kind == "statute" else {}),
    }


routes = [show_check, post_draft]
