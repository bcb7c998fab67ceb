"""How an institution is asked for its places: what it prefers, what was asked so far, and the days to come."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import connection
from referral_hub.directory.offer_pages import home_of
from referral_hub.directory.queries import reported_offers
from referral_hub.errors import NotFound, Refused
from referral_hub.institutions.actions import edit_institution
from referral_hub.institutions.phones import is_mobile
from referral_hub.settings import settings
from referral_hub.web.forms import Form
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
SHOWN: Final = 12
_ASKED = """select at, rung, channel, offers, failed_at is not null as failed from asking
where institution = $1 order by at desc, id desc limit $2"""
_PHONES = "select value from contact where institution = $1 and kind in ('mobile', 'phone')"


@get("/my-offers/asking", opt=EDITOR, include_in_schema=False)
async def show(request: HubRequest) -> Response[bytes]:
    """What was asked, what comes, and the choice of mail, text message or phone."""
    return await _page(request, _institution(request), Form())


@post("/my-offers/asking", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest) -> Response[Any]:
    """Keep the choice; the ladder follows it from its next rung."""
    actor, form, institution = actor_of(request), Form(await request.form()), _institution(request)
    own = actor.institution == institution
    try:
        wished = form.choice("reached_by", _choices())
        if wished == "sms" and not await _has_mobile(institution):
            form.add("reached_by", "no_mobile_known")
        form.check()
        source = "partner" if own else "coordinator"
        await edit_institution(institution, {"reached_by": wished}, by=actor.scope, source=source)
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, institution, form, status=422)
    return go("/my-offers/asking?saved=1" + ("" if own else f"&institution={institution}"))


def _institution(request: HubRequest) -> UUID:
    """One's own, or the one a coordinator names."""
    return home_of(actor_of(request), request.query_params.get("institution", ""))


def _choices() -> list[str]:
    """A text message is offered only where there is a gateway for it."""
    return ["email", *(["sms"] if settings().sms_url else []), "phone"]


async def _has_mobile(institution: UUID) -> bool:
    async with connection() as sql:
        return any(is_mobile(row["value"]) for row in await sql.fetch(_PHONES, institution))


async def _page(request: HubRequest, institution: UUID, form: Form, *, status: int = 200) -> Response[bytes]:
    async with connection() as sql:
        row = await sql.fetchrow("select name, reached_by from institution where id = $1", institution)
        if row is None:
            raise NotFound
        asked = await sql.fetch(_ASKED, institution, SHOWN)
    own = actor_of(request).institution == institution
    if not form.problems:
        form = Form({"reached_by": row["reached_by"]})
    return page(
        request,
        "upkeep/reach.html",
        status=status,
        form=form,
        name=row["name"],
        institution=institution,
        own=own,
        action="/my-offers/asking" if own else f"/my-offers/asking?institution={institution}",
        choices=_choices(),
        asked=[dict(one) for one in asked],
        offers=await reported_offers(institution),
        saved="saved" in request.query_params,
    )


routes = [show, save]
