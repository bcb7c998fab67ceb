"""„Nasz zespół”: an institution invites its own people, gives them one of two tasks, and ends accounts of who left."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.colleagues import (
    ROLES,
    Colleague,
    change_roles,
    colleague_of,
    colleagues_of,
    end_account,
    invite_colleague,
    invite_colleague_again,
    work_of,
)
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import session_cookie
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotFound, Refused
from referral_hub.web.forms import Form
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.COLLEAGUE_EDIT)
DONE: Final = ("invited", "changed", "link", "ended")


@get("/my-team", opt=EDITOR, include_in_schema=False)
async def my_team(request: HubRequest) -> Response[bytes]:
    """Who has an account of one's own institution, what each does, when each was last here."""
    actor = actor_of(request)
    done = request.query_params.get("done", "")
    return page(
        request,
        "accounts/team.html",
        team=await colleagues_of(actor),
        own=actor.account,
        institution=actor.institution_name,
        done=done if done in DONE else "",
    )


@get("/my-team/new", opt=EDITOR, include_in_schema=False)
async def new_colleague(request: HubRequest) -> Response[bytes]:
    """Whom to invite, and for what."""
    return _invitation(request, Form({"roles": list(ROLES)}))


@post("/my-team/new", opt=EDITOR, include_in_schema=False)
async def invite_now(request: HubRequest) -> Response[bytes]:
    """Make the account and mail the link; all problems at once."""
    form = Form(await request.form())
    try:
        email, name = form.text("email", most=254), form.text("name", required=False, most=120)
        roles = form.many("roles", ROLES, required=True)
        language = form.choice("language", ("pl", "uk", "en"), required=False) or "pl"
        form.check()
        await invite_colleague(email, name=name, roles=roles, language=language, actor=actor_of(request))
    except Refused as refusal:
        form.take(refusal)
        return _invitation(request, form, status=422)
    return go("/my-team?done=invited")


@get("/my-team/{account:uuid}", opt=EDITOR, include_in_schema=False)
async def one_colleague(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """One colleague: tasks, a new link, the end of the account with what is still open."""
    colleague = await colleague_of(account, actor_of(request))
    return await _colleague(request, colleague, Form({"roles": colleague.roles}))


@post("/my-team/{account:uuid}", opt=EDITOR, include_in_schema=False)
async def change_colleague(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """Edit, take people in, or both."""
    actor, form = actor_of(request), Form(await request.form())
    colleague = await colleague_of(account, actor)
    try:
        roles = form.many("roles", ROLES, required=True)
        form.check()
        await change_roles(account, roles=roles, actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _colleague(request, colleague, form, status=422)
    return go("/my-team?done=changed")


@post("/my-team/{account:uuid}/link", opt=EDITOR, include_in_schema=False)
async def send_link_again(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """A new mailed link to set the password."""
    await invite_colleague_again(account, actor=actor_of(request))
    return go("/my-team?done=link")


@post("/my-team/{account:uuid}/end", opt=EDITOR, include_in_schema=False)
async def end_now(request: HubRequest, account: FromPath[UUID]) -> Response[bytes]:
    """End the account of somebody who leaves, perhaps one's own; somebody may take over."""
    actor, form = actor_of(request), Form(await request.form())
    colleague = await colleague_of(account, actor)
    try:
        successor = form.id("successor", required=False)
        form.check()
        await end_account(account, successor=successor, by_link_only=form.flag("by_link_only"), actor=actor)
    except NotFound:
        form.add("successor", "not_a_choice")
    except Refused as refusal:
        form.take(refusal)
    else:
        own = account == actor.account
        return go("/sign-in?done=out", session_cookie("")) if own else go("/my-team?done=ended")
    typed = {"successor": form.value("successor"), "by_link_only": form.value("by_link_only")}
    shown = Form({"roles": colleague.roles, **typed})
    shown.problems = form.problems
    return await _colleague(request, colleague, shown, status=422)


def _invitation(request: HubRequest, form: Form, status: int = 200) -> Response[bytes]:
    return page(request, "accounts/team_new.html", status=status, form=form, roles=ROLES)


async def _colleague(request: HubRequest, colleague: Colleague, form: Form, *, status: int = 200) -> Response[bytes]:
    actor = actor_of(request)
    team = [one for one in await colleagues_of(actor) if one.id != colleague.id]
    editors = [one for one in team if "partner_editor" in one.roles and not one.invited]
    return page(
        request,
        "accounts/team_one.html",
        status=status,
        colleague=colleague,
        own=colleague.id == actor.account,
        form=form,
        roles=ROLES,
        work=await work_of(colleague, actor),
        heirs=[(str(one.id), one.called) for one in team if one.ours],
        last_editor="partner_editor" in colleague.roles and not editors,
    )


routes = [my_team, new_colleague, invite_now, one_colleague, change_colleague, send_link_again, end_now]
