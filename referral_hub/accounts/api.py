"""Who a program or page is talking as."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from msgspec import Struct

from referral_hub.accounts.guards import PUBLIC, actor_of
from referral_hub.errors import NotSignedIn
from referral_hub.web.body import json_answer
from referral_hub.web.openapi import says


class SessionAnswer(Struct, frozen=True):
    """`csrf` goes into `X-CSRF-Token` of every write; a key needs none and gets ''."""

    csrf: str
    roles: tuple[str, ...]
    role: str
    institution: UUID | None
    institution_name: str


@get(
    "/api/v1/session",
    opt=PUBLIC | says("Who one is, and the token that writes bring", answer=SessionAnswer, refusals=(401,)),
)
async def session(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The session of this cookie or key; 401 without one."""
    actor = actor_of(request)
    if not actor.signed_in:
        raise NotSignedIn
    answer = SessionAnswer(actor.csrf, actor.roles, actor.role, actor.institution, actor.institution_name)
    return json_answer(answer)


routes = [session]
