"""„To moja instytucja”: ask for a code to the institution's own address, then type it. No address carries a secret."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.claims import LASTS, Claimable, claimable, open_claim, published_survivor, try_code
from referral_hub.accounts.guards import PUBLIC
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import connection
from referral_hub.directory.read_model_refresh import directory
from referral_hub.errors import HubError, Problem, Refused, TooMany
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page
from referral_hub.web.throttle import Throttle

HubRequest = Request[Any, Any, Any]
# An office shares one address; somebody who tries institution after institution needs far more than this.
asked: Final = Throttle(10, timedelta(hours=1))
guesses: Final = Throttle(20, timedelta(minutes=15))

_DISCREET: Final = """select exists (select 1 from site where institution = $1 and address_visibility <> 'public')
 or exists (select 1 from offer where institution = $1 and (sensitive or by_category) and status <> 'archived')"""


@get("/institutions/{institution:uuid}/claim", opt=PUBLIC, include_in_schema=False)
async def claim_page(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """In plain words what a claim is, and where the code would go; opens nothing."""
    alive = await published_survivor(institution)
    if alive != institution:
        return go(f"/institutions/{alive}/claim")
    return _claim(request, await _claimable(institution), Form())


@post("/institutions/{institution:uuid}/claim", opt=PUBLIC, include_in_schema=False)
async def ask_for_code(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """Mail the code to the address the directory holds. The answer is the same whether an account exists or not."""
    form, found = Form(await request.form()), await _claimable(await published_survivor(institution))
    try:
        email = form.text("email", most=254)
        mailbox = found.mailboxes[0].id if len(found.mailboxes) == 1 else form.id("mailbox")
        form.check()
        asked.check(request)
        asked.count(request)
        if mailbox is None:
            raise Refused("invalid", [Problem("mailbox", "choose_one")])
        await open_claim(found.id, email, mailbox, language=look_of(request).language)
    except (Refused, TooMany) as refusal:
        return _claim(request, found, _taken(form, refusal), status=refusal.status)
    return _code(request, found, Form({"email": email}), sent=True)


@get("/institutions/{institution:uuid}/claim/code", opt=PUBLIC, include_in_schema=False)
async def code_page(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """Where the mail with the code leads: the e-mail and the code, both to type."""
    alive = await published_survivor(institution)
    if alive != institution:
        return go(f"/institutions/{alive}/claim/code")
    return _code(request, await _claimable(institution), Form())


@post("/institutions/{institution:uuid}/claim/code", opt=PUBLIC, include_in_schema=False)
async def type_code(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """A right code makes the account; the link to set its password goes to its own address."""
    form, found = Form(await request.form()), await _claimable(await published_survivor(institution))
    try:
        email, code = form.text("email", most=254), form.text("code", most=40)
        form.check()
        guesses.check(request)
        guesses.count(request)
        await try_code(found.id, email, code, language=look_of(request).language)
    except (Refused, TooMany) as refusal:
        return _code(request, found, _taken(form, refusal), status=refusal.status)
    return page(request, "directory/claim_done.html", found=found, email=email)


def _taken(form: Form, refusal: HubError) -> Form:
    problems = refusal.problems or (Problem("", refusal.code, dict(refusal.facts)),)
    form.problems.extend(problem for problem in problems if problem not in form.problems)
    return form


async def _claimable(institution: UUID) -> Claimable:
    """Where places are not told to everybody, nobody is let in by a public page: the address list stays empty."""
    found = await claimable(institution)
    async with connection() as sql:
        discreet = await sql.fetchval(_DISCREET, institution)
    public = (await directory()).partners.get(str(institution))
    return Claimable(found.id, public.name if public else found.name, []) if discreet else found


def _claim(request: HubRequest, found: Claimable, form: Form, status: int = 200) -> Response[bytes]:
    options = [(str(one.id), one.masked) for one in found.mailboxes]
    return page(
        request,
        "directory/claim.html",
        status=status,
        found=found,
        form=form,
        hours=_hours(),
        mailbox_options=options,
    )


def _code(
    request: HubRequest, found: Claimable, form: Form, *, status: int = 200, sent: bool = False
) -> Response[bytes]:
    return page(request, "directory/claim_code.html", status=status, found=found, form=form, hours=_hours(), sent=sent)


def _hours() -> int:
    return int(LASTS.total_seconds() // 3600)


routes = [claim_page, ask_for_code, code_page, type_code]
