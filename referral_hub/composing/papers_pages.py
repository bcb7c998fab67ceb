"""Who applied, who gave an opinion, who issued: the fields of a request, and its part on the referral's page."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.composing.naming import label_of_institution, read_institution, suggested
from referral_hub.composing.papers_actions import set_papers
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.papers import NAMES, OPINIONS, WHO, Papers
from referral_hub.referrals.papers_kept import PapersChange, papers_history
from referral_hub.referrals.queries import Referral, referral
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]
DAYS: Final = ("applied_on", "opinion_on", "issued_on")
NUMBERS: Final = ("applicant_document", "opinion_document", "issue_document")


@get("/referrals/{task:uuid}/papers", opt=needs(Permission.REFERRAL_SEND))
async def show_papers(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The papers of a request and what stood there before."""
    found = await _own(actor_of(request), task)
    return await _page(request, found, Form({**await written_papers(found), "version": str(found.version)}))


@post("/referrals/{task:uuid}/papers", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_papers(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Keep the papers; the referral is called „skierowanie” from the day an institution that may has issued it."""
    form, actor = Form(await request.form()), actor_of(request)
    found = await _own(actor, task)

    async def work() -> Answer:
        version = form.whole("version", most=10**9)
        papers = await read_papers_fields(form)
        form.check()
        changed = await set_papers(task, papers, actor=actor, version=version or 0)
        where = f"/referrals/{task}?done=papers" if changed else f"/referrals/{task}"
        return go(where)

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _page(request, found, form, status=refusal.status)


async def read_papers_fields(form: Form) -> Papers:
    """The papers as a form names them; problems are kept beside the fields."""
    named = {who: await read_institution(form, who) for who in WHO}
    days = {name: form.date(name, required=False) for name in DAYS}
    numbers = {name: form.text(name, required=False, most=60) for name in NUMBERS}
    opinion = form.choice("opinion", OPINIONS, required=False) or ""
    return Papers(
        applicant=named["applicant"],
        opinion_giver=named["opinion_giver"],
        issuer=named["issuer"],
        applied_on=days["applied_on"],
        opinion_on=days["opinion_on"],
        issued_on=days["issued_on"],
        applicant_document=numbers["applicant_document"],
        opinion_document=numbers["opinion_document"],
        issue_document=numbers["issue_document"],
        opinion=opinion,
    )


async def written_papers(found: Referral) -> dict[str, object]:
    """The papers as the form's fields show them; the sender applies unless somebody else is named."""
    kept = found.papers.papers if found.papers else Papers()
    days = {name: day.isoformat() for name in DAYS if (day := getattr(kept, name)) is not None}
    texts = {name: getattr(kept, name) for name in (*NUMBERS, "opinion")}
    names = {who: await label_of_institution(getattr(kept, who)) for who in WHO}
    return {**days, **texts, **names}


async def names_to_choose(actor: Actor) -> dict[str, list[str]]:
    """What each field proposes while somebody types: the own institution, and those of kinds that issue."""
    issuers = [word.code for word in book.words("kind") if book.may_issue(word.code)]
    async with transaction(actor.scope) as sql:
        near = str(await sql.fetchval("select terc from institution where id = $1", actor.institution) or "")
    own = await label_of_institution(actor.institution)
    listed = await suggested(issuers, near)
    return {"own": [own], "issuers": listed, "all": list(dict.fromkeys([own, *listed]))}


async def _own(actor: Actor, task: UUID) -> Referral:
    found = await referral(actor, task, open_person=False, read_words=False)
    if found.party != "SND":
        raise NotFound
    return found


async def _page(request: Request[Any, Any, Any], found: Referral, form: Form, status: int = 200) -> Answer:
    actor = actor_of(request)
    async with transaction(actor.acting_for(Permission.REFERRAL_SEND).scope) as sql:
        history = await papers_history(sql, found.id)
    return page(
        request,
        "referrals/papers.html",
        status=status,
        referral=found,
        form=form,
        choices=await names_to_choose(actor),
        opinions=OPINIONS,
        today=clock.today().isoformat(),
        history=[await _told(change) for change in history],
        key=form.value("key") or str(new_id()),
    )


async def _told(change: PapersChange) -> dict[str, Any]:
    """One change as the page tells it: each field that differs, with what stood there and what stands now."""
    lines = []
    for name in NAMES:
        before, after = getattr(change.before, name), getattr(change.after, name)
        if before != after:
            named = name in WHO
            lines.append(
                (
                    name,
                    await label_of_institution(before) if named else before,
                    await label_of_institution(after) if named else after,
                )
            )
    return {"at": change.at, "lines": lines}


async def papers_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """Who applied, gave an opinion and issued, on the referral's page; the sender may change it there."""
    mine = found.party == "SND" and actor.may(Permission.REFERRAL_SEND)
    if found.papers is None or (not mine and found.papers.papers == Papers()):
        return None
    facts = {
        "task": found.id,
        "seen": found.papers,
        "papers": found.papers.papers,
        "may_edit": mine and found.state != "void",
    }
    return Attachment("referrals/papers_part.html", facts)


routes = [show_papers, post_papers]
