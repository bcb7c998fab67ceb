"""All a guest may do: the answer, and beside it the code, whether the person came, an account or none."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.datastructures import Cookie
from msgspec import structs

from referral_hub.accounts.account_offers import decline_account
from referral_hub.accounts.guards import BY_LINK
from referral_hub.accounts.link_pages import holder_of
from referral_hub.accounts.links import LASTS, actor_of_link
from referral_hub.accounts.sign_in_pages import go
from referral_hub.answering.attending import mark_attendance
from referral_hub.answering.guest_pages import ENDED, KIND, answer_page, answer_with, task_of
from referral_hub.answering.guest_pages import routes as answer_routes
from referral_hub.answering.unlocking import COOKIE, cookie_for, lock_of, unlock
from referral_hub.errors import Refused, Stale
from referral_hub.referrals.fields import ATTENDANCE
from referral_hub.referrals.states import Verb
from referral_hub.settings import settings
from referral_hub.web.forms import Form
from referral_hub.web.once import once

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
LONGEST: Final = 40


@post("/a/code", opt=BY_LINK, include_in_schema=False, exception_handlers=ENDED)
async def post_code(request: HubRequest) -> Answer:
    """Try the code; this browser keeps that it was right. Wrong ones are counted, and the fifth locks.

    A day pressed with it takes the person in the same press.
    """
    link, _ = await holder_of(request, KIND)
    form = Form(await request.form())
    try:
        typed = form.text("code", most=LONGEST)
        form.check()
    except Refused as refusal:
        form.take(refusal)
        return await answer_page(request, link, form, status=422)
    tried = await unlock(link, typed or "")
    if tried not in ("spoken", "own"):
        if tried == "wrong":
            form.add("code", "code_wrong")
        return await answer_page(request, link, form, status=422)
    lock = await lock_of(task_of(link))
    kept = Cookie(
        COOKIE,
        value=cookie_for(link, lock, tried),
        path=f"/{KIND}",
        httponly=True,
        samesite="lax",
        secure=settings().https,
        max_age=int(LASTS[KIND].total_seconds()),
    )
    if not form.values("accept-self-date"):
        return go("/a?done=code", kept)
    known = structs.replace(actor_of_link(link), code_given=True)
    answer = await answer_with(request, link, known, form, Verb.ACCEPT)
    answer.cookies.append(kept)
    return answer


@post("/a/attendance", opt=BY_LINK, include_in_schema=False, exception_handlers=ENDED)
async def post_attendance(request: HubRequest) -> Answer:
    """Came or not, in one tap; the link stays good for it after the answer."""
    link, actor = await holder_of(request, KIND)
    form = Form(await request.form())
    version = form.whole("version", most=10**9)
    attendance = form.choice("attendance", ATTENDANCE)

    async def work() -> Answer:
        await mark_attendance(task_of(link), attendance or "", actor=actor, version=version or 0)
        return go("/a?done=attend")

    try:
        form.check()
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await answer_page(request, link, form, status=refusal.status)


@post("/a/account", opt=BY_LINK, include_in_schema=False, exception_handlers=ENDED)
async def post_no_account(request: HubRequest) -> Answer:
    """„Nie, dziękujemy”: the offer of an account is not made again."""
    link, actor = await holder_of(request, KIND)
    if link.institution is not None:
        await decline_account(link.institution, actor=actor)
    return go("/a?done=noaccount")


routes = [*answer_routes, post_code, post_attendance, post_no_account]
