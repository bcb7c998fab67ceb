"""The list of accounts, employees apart from institutions; inviting, changing roles, closing."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts import sign_in_pages
from referral_hub.accounts.claims import recent_claims
from referral_hub.accounts.frame import keep_frame
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.invitations import change_rights, institutions_named, invite, invite_again
from referral_hub.accounts.open_work import Leaving, open_work
from referral_hub.accounts.permissions import ROLES, Permission
from referral_hub.accounts.queries import AccountRow, accounts_seen_by
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotFound, Refused
from referral_hub.web.forms import Form
from referral_hub.web.page import page

IDLE_AFTER: Final = timedelta(days=90)
PER_PAGE: Final = 50
DONE: Final = ("invited", "changed", "link")
HubRequest = Request[Any, Any, Any]


def is_idle(row: AccountRow) -> bool:
    """An open account nobody has used for IDLE_AFTER: a door left unlocked."""
    return row.active and (row.last_seen_at or row.made_at) < clock.now() - IDLE_AFTER


@get("/accounts", opt=needs(Permission.ACCOUNT_READ), include_in_schema=False)
async def accounts(request: HubRequest) -> Response[bytes]:
    """Employees of the club, or accounts of institutions with `?group=institutions`."""
    rows = await accounts_seen_by(actor_of(request))
    group = "institutions" if request.query_params.get("group") == "institutions" else "employees"
    only_idle = request.query_params.get("idle") == "1"
    shown = [row for row in rows if row.own == (group == "employees") and (not only_idle or is_idle(row))]
    number, pages = _which_page(request, len(shown))
    done = request.query_params.get("done", "")
    return page(
        request,
        "accounts/list.html",
        rows=[(row, is_idle(row)) for row in shown[(number - 1) * PER_PAGE : number * PER_PAGE]],
        group=group,
        counts={"employees": sum(row.own for row in rows), "institutions": sum(not row.own for row in rows)},
        idle=sum(is_idle(row) for row in rows if row.own == (group == "employees")),
        only_idle=only_idle,
        number=number,
        pages=pages,
        may_edit=actor_of(request).may(Permission.ACCOUNT_EDIT),
        done=done if done in DONE else "",
    )


@get("/accounts/claims", opt=needs(Permission.ACCOUNT_READ), include_in_schema=False)
async def claims(request: HubRequest) -> Response[bytes]:
    """Who said that an institution is theirs, and how it ended."""
    return page(request, "accounts/claims.html", claims=await recent_claims())


def _which_page(request: HubRequest, count: int) -> tuple[int, int]:
    """The page asked for, brought within what there is."""
    pages = max(1, -(-count // PER_PAGE))
    asked = request.query_params.get("page", "1")
    return min(pages, max(1, int(asked) if asked.isdecimal() and len(asked) < 7 else 1)), pages


@get("/accounts/new", opt=needs(Permission.ACCOUNT_EDIT), include_in_schema=False)
async def new_account(request: HubRequest) -> Response[bytes]:
    """Whom, where and in which roles."""
    return _invitation(request, Form({"institution": request.query_params.get("institution", "")[:200]}))


@post("/accounts/new", opt=needs(Permission.ACCOUNT_EDIT), include_in_schema=False)
async def invite_person(request: HubRequest) -> Response[bytes]:
    """Make the account and mail the link; all problems at once, what was typed stays."""
    form = Form(await request.form())
    email, name = form.text("email", most=254), form.text("name", most=120)
    roles = form.many("roles", ROLES, required=True)
    language = form.choice("language", ("pl", "uk", "en")) or "pl"
    try:
        institution = await _institution(form)
        form.check()
        await invite(email, institution=institution, roles=roles, name=name, language=language, actor=actor_of(request))
    except Refused as refusal:
        form.take(refusal)
        return _invitation(request, form, status=422, matches=await _matches(form))
    return go("/accounts?done=invited")


async def _institution(form: Form) -> UUID:
    """The one chosen from the matches, else the only one of that name; several or none are a problem to show."""
    chosen = form.id("institution_id", required=False)
    if chosen is not None:
        return chosen
    typed = form.text("institution")
    found = await institutions_named(typed) if typed else []
    if len(found) == 1:
        return found[0].id
    if typed:
        form.add("institution", "institution_ambiguous" if found else "institution_unknown")
    raise Refused("invalid", form.problems)


async def _matches(form: Form) -> list[tuple[str, str]]:
    problem = form.problem("institution")
    if problem is None or problem.code != "institution_ambiguous":
        return []
    return [(str(place.id), place.name) for place in await institutions_named(form.value("institution"))]


def _invitation(
    request: HubRequest, form: Form, status: int = 200, matches: list[tuple[str, str]] | None = None
) -> Response[bytes]:
    return page(request, "accounts/new.html", status=status, form=form, roles=tuple(ROLES), matches=matches or [])


@get("/accounts/{account:uuid}", opt=needs(Permission.ACCOUNT_EDIT), include_in_schema=False)
async def one_account(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """One account: its roles, whether it is open, a new link."""
    row = await _row(request, account)
    return await _account(request, row, Form({"roles": row.roles, "active": row.active}))


@post("/accounts/{account:uuid}", opt=needs(Permission.ACCOUNT_EDIT), include_in_schema=False)
async def change_account(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """Change roles or close; the account's sessions end."""
    row, form = await _row(request, account), Form(await request.form())
    try:
        roles = form.many("roles", ROLES, required=True)
        form.check()
        await change_rights(account, roles=roles, active=form.flag("active"), actor=actor_of(request))
    except Refused as refusal:
        form.take(refusal)
        return await _account(request, row, form, status=422)
    return go("/accounts?done=changed" + ("" if row.own else "&group=institutions"))


@post("/accounts/{account:uuid}/link", opt=needs(Permission.ACCOUNT_EDIT), include_in_schema=False)
async def send_link(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """A new mailed link to set the password."""
    row = await _row(request, account)
    await invite_again(account, actor=actor_of(request))
    return go("/accounts?done=link" + ("" if row.own else "&group=institutions"))


async def _row(request: HubRequest, account: UUID) -> AccountRow:
    for row in await accounts_seen_by(actor_of(request)):
        if row.id == account:
            return row
    raise NotFound


async def _account(request: HubRequest, row: AccountRow, form: Form, status: int = 200) -> Response[bytes]:
    work = await open_work(Leaving(row.id, row.institution, tuple(row.roles)))
    return page(request, "accounts/one.html", status=status, row=row, form=form, roles=tuple(ROLES), work=work)


lifespan = keep_frame
routes = [
    *sign_in_pages.routes,
    accounts,
    claims,
    new_account,
    invite_person,
    one_account,
    change_account,
    send_link,
]
