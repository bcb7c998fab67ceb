"""Codes of answer links on both sides: told by phone by the sender, and an institution's own."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.accounts.spoken_codes import drop_own_code, has_own_code, set_own_code
from referral_hub.answering.unlocking import give_new_code, lock_of
from referral_hub.database.transaction import connection
from referral_hub.directory.offer_pages import home_of
from referral_hub.directory.queries import institution_name
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import OPEN, Party, State
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
HOME: Final = "/my-offers/code"
_BY_PHONE: Final = "select reached_by = 'phone' from institution where id = $1"


async def code_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The code to tell by phone, and that this receiver would rather be phoned; for the sender of an open referral."""
    if found.party != Party.SND or found.no_data or found.held_back or State(found.state) not in OPEN:
        return None
    phones = found.clock.on == Party.RCV and await _would_be_phoned(found.offer.institution.id)
    lock = await lock_of(found.id)
    asked = lock.asked and lock.codes.seed is not None
    if not asked and not phones:
        return None
    urgent = phones or (asked and lock.locked)
    return Attachment("referrals/spoken_code.html", {"lock": lock, "phones": phones}, "next" if urgent else "rest")


async def _would_be_phoned(institution: UUID) -> bool:
    async with connection() as sql:
        return bool(await sql.fetchval(_BY_PHONE, institution))


@post("/referrals/{task:uuid}/code", opt=needs(Permission.REFERRAL_SEND), include_in_schema=False, status_code=303)
async def post_new_code(request: HubRequest, task: FromPath[UUID]) -> Response[bytes]:
    """Another code; what the old one had opened is closed again."""
    await give_new_code(task, actor=actor_of(request))
    return go(f"/referrals/{task}?done=new_code")


def _institution(request: HubRequest) -> UUID:
    return home_of(actor_of(request), request.query_params.get("institution", ""))


@get(HOME, opt=EDITOR, include_in_schema=False)
async def show_own_code(request: HubRequest) -> Response[bytes]:
    """Whether the institution has a code of its own, and what it does."""
    return await _own_code_page(request, done=request.query_params.get("done", ""))


@post(HOME, opt=EDITOR, include_in_schema=False, status_code=200)
async def post_own_code(request: HubRequest) -> Response[bytes]:
    """A new code, on this one answer and nowhere else."""
    code = await set_own_code(await _known(request), actor=actor_of(request))
    return await _own_code_page(request, code=code)


@post(f"{HOME}/none", opt=EDITOR, include_in_schema=False)
async def post_no_own_code(request: HubRequest) -> Response[bytes]:
    """No code of its own any more."""
    institution = await _known(request)
    await drop_own_code(institution, actor=actor_of(request))
    return go(_address(request, institution) + "done=none")


async def _known(request: HubRequest) -> UUID:
    """The institution the page is about. Raises NotFound."""
    institution = _institution(request)
    await institution_name(institution)
    return institution


def _address(request: HubRequest, institution: UUID) -> str:
    own = actor_of(request).institution == institution
    return f"{HOME}?" if own else f"{HOME}?institution={institution}&"


async def _own_code_page(request: HubRequest, *, code: str = "", done: str = "") -> Response[bytes]:
    institution = _institution(request)
    own = actor_of(request).institution == institution
    return page(
        request,
        "referrals/own_code.html",
        name=await institution_name(institution),
        more="" if own else f"?institution={institution}",
        own=own,
        code=code,
        has_code=await has_own_code(institution),
        dropped=done == "none",
    )


routes = [post_new_code, show_own_code, post_own_code, post_no_own_code]
