"""Signing in and out, choosing the role that acts, and setting a password by a one-time link."""

from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath

from referral_hub.accounts.actions import act_as, set_password, sign_in, sign_out
from referral_hub.accounts.guards import BY_LINK, PUBLIC, WITHOUT_TOKEN, actor_of, needs
from referral_hub.accounts.links import COOKIES, Link, link_of_cookie, link_of_secret, seal_cookie, token
from referral_hub.accounts.passwords import SHORTEST
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import COOKIE, actor_of_session, session_cookie
from referral_hub.errors import HubError, NotAllowed, NotFound, Problem, Refused, TooMany
from referral_hub.settings import settings
from referral_hub.web.errors import wants_json
from referral_hub.web.forms import Form
from referral_hub.web.page import page
from referral_hub.web.security import TOKEN_FIELD, same_token
from referral_hub.web.site_pages import own_address
from referral_hub.web.throttle import Throttle

# Where each role's day begins.
LANDING: Final = {
    "caseworker": "/referrals",
    "partner_intake": "/referrals",
    "partner_editor": "/my-offers",
    "coordinator": "/referrals",
    "dpo": "/privacy",
    "admin": "/accounts",
}
HubRequest = Request[Any, Any, Any]
# An office shares one address and forgets passwords on Mondays; a guesser needs far more than this.
guesses: Final = Throttle(60, timedelta(minutes=15))


def go(address: str, *cookies: Cookie) -> Response[bytes]:
    """Send the browser on, as after every POST."""
    return Response(b"", status_code=303, headers={"Location": address, "Cache-Control": "no-store"}, cookies=cookies)


@get("/sign-in", opt=PUBLIC, include_in_schema=False)
async def sign_in_page(request: HubRequest) -> Response[bytes]:
    """The two fields; `?next=` is where it leads afterwards, `?done=` what has just been done."""
    form = Form({"next": own_address(request.query_params.get("next"))})
    done = request.query_params.get("done", "")
    return page(request, "accounts/sign_in.html", form=form, done=done if done in ("password", "out") else "")


@post("/sign-in", opt=WITHOUT_TOKEN, include_in_schema=False)
async def sign_in_now(request: HubRequest) -> Response[bytes]:
    """A new session, never the one the browser came with."""
    form = Form(await request.form())
    try:
        email, password = form.text("email", most=254), form.secret("password")
        form.check()
        guesses.check(request)
        secret = await sign_in(email, password)
    except (Refused, TooMany) as refusal:
        guesses.count(request)
        if wants_json(request):
            raise
        return _again(request, form, refusal)
    old = request.cookies.get(COOKIE, "")
    if actor_of(request).signed_in and old:
        await sign_out(old, actor=actor_of(request))
    actor = await actor_of_session(secret)
    role = actor.role if actor else ""
    wished = own_address(form.value("next"))
    return go(wished if wished != "/" else LANDING.get(role, "/"), session_cookie(secret))


def _again(request: HubRequest, form: Form, refusal: HubError) -> Response[bytes]:
    if not refusal.problems:
        form.problems.append(Problem("", refusal.code, dict(refusal.facts)))
    return page(request, "accounts/sign_in.html", status=refusal.status, form=form, done="")


@post("/sign-out", opt=needs(Permission.SESSION_OWN), include_in_schema=False)
async def sign_out_now(request: HubRequest) -> Response[bytes]:
    """The session ends on the server, not only in the browser."""
    await sign_out(request.cookies.get(COOKIE, ""), actor=actor_of(request))
    return go("/sign-in?done=out", session_cookie(""))


@post("/acting-role", opt=needs(Permission.SESSION_OWN), include_in_schema=False)
async def act_in_role(request: HubRequest) -> Response[bytes]:
    """Another of one's own roles acts from now on; the session's secret changes with it."""
    role = Form(await request.form()).value("role")
    secret = await act_as(request.cookies.get(COOKIE, ""), role, actor=actor_of(request))
    return go(LANDING.get(role, "/"), session_cookie(secret))


@get("/sign-in/set/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_password_link(request: HubRequest, secret: FromPath[str]) -> Response[bytes]:
    """Trade the secret for a signed cookie; nothing is used up by a visit."""
    link = await link_of_secret("s", secret)
    if link is None:
        raise NotFound("link_unknown")
    kept = Cookie(
        COOKIES["s"],
        value=seal_cookie(link),
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=settings().https,
        max_age=3600,
    )
    answer = go("/sign-in/set", kept)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@get("/sign-in/set", opt=PUBLIC, include_in_schema=False)
async def password_page(request: HubRequest) -> Response[bytes]:
    """Choose a password, or read why this link no longer works."""
    return _password_form(request, await _held_link(request), Form())


@post("/sign-in/set", opt=BY_LINK, include_in_schema=False)
async def set_password_now(request: HubRequest) -> Response[bytes]:
    """Set it, end all other sessions, and lead to signing in."""
    form, link = Form(await request.form()), await _held_link(request)
    if not same_token(token(link), form.value(TOKEN_FIELD)):
        raise NotAllowed("token_missing")
    try:
        password = form.secret("password", most=1000)
        if password != form.secret("again", most=1000):
            form.add("again", "passwords_differ")
        form.check()
        await set_password(link, password)
    except Refused as refusal:
        form.take(refusal)
        return _password_form(request, link, form, status=422)
    return go("/sign-in?done=password", Cookie(COOKIES["s"], value="", path="/sign-in", max_age=0))


async def _held_link(request: HubRequest) -> Link:
    link = await link_of_cookie("s", request.cookies.get(COOKIES["s"], ""))
    if link is None:
        raise NotFound("link_unknown")
    return link


def _password_form(request: HubRequest, link: Link, form: Form, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "accounts/set_password.html",
        status=status if link.state == "open" else 422,
        csrf=token(link),
        form=form,
        state=link.state,
        shortest=SHORTEST,
    )


routes = [
    sign_in_page,
    sign_in_now,
    sign_out_now,
    act_in_role,
    open_password_link,
    password_page,
    set_password_now,
]
