"""The person's answer to „czy nadal korzystasz?”, written down by the sender in one press."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.composing.follow_up import still_uses
from referral_hub.web.forms import Form
from referral_hub.web.once import once


@post("/referrals/{task:uuid}/still-uses", opt=needs(Permission.REFERRAL_SEND), include_in_schema=False)
async def post_still_uses(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """„Tak, nadal”: nothing changes but the day on which the sender asks again."""
    form, actor = Form(await request.form()), actor_of(request)
    version = form.whole("version", most=10**9)
    form.check()

    async def work() -> Response[Any]:
        await still_uses(task, actor=actor, version=version or 0)
        return go(f"/referrals/{task}?done=follow_up")

    return await once(request, actor.scope, work, key=form.value("key"))


routes = [post_still_uses]
