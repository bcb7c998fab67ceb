"""„Moje konto”: language of mails and password."""

from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get, post

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.own_account import LANGUAGES, change_language, change_password, language_of
from referral_hub.accounts.passwords import SHORTEST
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import COOKIE, session_cookie
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import HubError, Problem, Refused, TooMany
from referral_hub.web.forms import Form
from referral_hub.web.page import page
from referral_hub.web.throttle import Throttle

HubRequest = Request[Any, Any, Any]
OWN: Final = needs(Permission.SESSION_OWN)
# Somebody at a screen left open tries passwords; the owner errs once or twice.
guesses: Final = Throttle(10, timedelta(minutes=15))


@get("/account", opt=OWN, include_in_schema=False)
async def account_page(request: HubRequest) -> Response[bytes]:
    """Both forms."""
    done = request.query_params.get("done", "")
    return await _page(request, Form(), done=done if done in ("language", "password") else "")


@post("/account/language", opt=OWN, include_in_schema=False)
async def set_language(request: HubRequest) -> Response[bytes]:
    """The language of mails; of pages each browser says it at the top."""
    form = Form(await request.form())
    try:
        language = form.choice("language", LANGUAGES) or ""
        form.check()
    except Refused as refusal:
        return await _page(request, form, status=refusal.status)
    await change_language(language, actor=actor_of(request))
    return go("/account?done=language")


@post("/account/password", opt=OWN, include_in_schema=False)
async def set_own_password(request: HubRequest) -> Response[bytes]:
    """The present one proves who asks; all other browsers are signed out."""
    form = Form(await request.form())
    try:
        present, wished = form.secret("present", most=1000), form.secret("password", most=1000)
        if wished and wished != form.secret("again", most=1000):
            form.add("again", "passwords_differ")
        form.check()
        guesses.check(request)
        secret = await change_password(request.cookies.get(COOKIE, ""), present, wished, actor=actor_of(request))
    except (Refused, TooMany) as refusal:
        guesses.count(request)
        return await _page(request, _with(form, refusal), status=refusal.status)
    return go("/account?done=password", session_cookie(secret))


def _with(form: Form, refusal: HubError) -> Form:
    problems = refusal.problems or (Problem("", refusal.code, dict(refusal.facts)),)
    form.problems.extend(problem for problem in problems if problem not in form.problems)
    return form


async def _page(request: HubRequest, form: Form, *, status: int = 200, done: str = "") -> Response[bytes]:
    actor = actor_of(request)
    email, language = await language_of(actor)
    if not form.value("language"):
        form = _starting_with(form, language)
    return page(
        request,
        "accounts/own.html",
        status=status,
        form=form,
        email=email,
        institution=actor.institution_name,
        roles=actor.roles,
        shortest=SHORTEST,
        done=done,
    )


def _starting_with(form: Form, language: str) -> Form:
    fresh = Form({"language": language})
    fresh.problems = form.problems
    return fresh


routes = [account_page, set_language, set_own_password]
