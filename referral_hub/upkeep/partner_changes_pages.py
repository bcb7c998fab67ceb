"""What partners changed by themselves, for the coordinator: numbers before and after, who is away, the way back."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotFound, Refused
from referral_hub.upkeep.own_facts import away_anywhere, changes_of
from referral_hub.upkeep.own_facts_actions import end_own_absence, take_back_change
from referral_hub.web.forms import Form
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
COORDINATOR: Final = needs(Permission.DIRECTORY_MODERATE)


@get("/partner-changes", opt=COORDINATOR, include_in_schema=False)
async def partner_changes(request: HubRequest) -> Response[bytes]:
    """Changes of the last 30 days, the newest first, and absences not over yet."""
    return await _page(request)


@post("/partner-changes/{change:uuid}/undo", opt=COORDINATOR, include_in_schema=False)
async def take_back(request: HubRequest, change: FromPath[UUID]) -> Response[Any]:
    """The numbers as they were; the institution is told."""
    found = await changes_of(change=change)
    if not found:
        raise NotFound
    try:
        await take_back_change(change, found[0].institution, actor=actor_of(request))
    except Refused as refusal:
        form = Form()
        form.take(refusal)
        return await _page(request, problem=form, status=422)
    return go("/partner-changes?saved=back")


@post("/partner-changes/absences/{absence:uuid}/end", opt=COORDINATOR, include_in_schema=False)
async def end(request: HubRequest, absence: FromPath[UUID]) -> Response[Any]:
    """Announced by mistake, or by somebody who should not have."""
    one = next((away for away in await away_anywhere() if away.id == absence), None)
    if one is None:
        raise NotFound
    await end_own_absence(absence, one.institution, actor=actor_of(request))
    return go("/partner-changes?saved=ended")


async def _page(request: HubRequest, *, problem: Form | None = None, status: int = 200) -> Response[bytes]:
    saved = request.query_params.get("saved", "")
    return page(
        request,
        "upkeep/partner_changes.html",
        status=status,
        changes=await changes_of(),
        absences=await away_anywhere(),
        problem=problem,
        saved=saved if saved in ("back", "ended") else "",
    )


routes = [partner_changes, take_back, end]
