"""The buttons that take back a sending, or let it go at once, or take back the removal of a draft."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.caseload.undo import send_now, undo_removal, undo_sending
from referral_hub.errors import Refused, Stale
from referral_hub.web.forms import Form
from referral_hub.web.once import once

Answer = Response[bytes]


@post("/referrals/{task:uuid}/undo", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_undo(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """„Cofnij wysłanie”: back to the draft; too late, the referral's page says that it has left."""
    form, actor = Form(await request.form()), actor_of(request)
    version = form.whole("version", most=10**9)

    async def work() -> Answer:
        made = await undo_sending(task, actor=actor, version=version or 0)
        return go(f"/referrals/{made}/check?done=undone")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        if refusal.code not in ("has_left", "stale"):
            raise
        return go(f"/referrals/{task}?done=has_left")


@post("/referrals/{task:uuid}/leave", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_leave(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """„Wyślij od razu”: whoever is phoning already need not wait; a second press finds that it has left."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        await send_now(task, actor=actor)
        return go(f"/referrals/{task}?done=left")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        if refusal.code != "has_left":
            raise
        return go(f"/referrals/{task}?done=left")


@post("/referrals/{task:uuid}/draft-again", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_draft_again(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """„Przywróć szkic” after a draft was thrown away."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        return go(f"/referrals/{await undo_removal(task, actor=actor)}/check")

    return await once(request, actor.scope, work, key=form.value("key"))


routes = [post_undo, post_leave, post_draft_again]
