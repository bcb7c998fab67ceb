"""Pages of the data protection officer: the register, readings of people, the audit trail. Nothing is edited here."""

from typing import Any

from litestar import Request, Response, get

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.events import Event
from referral_hub.privacy.queries import disclosures_of_year, state_of_trail, trail_seen_by
from referral_hub.privacy.register import KEPT, PERSONAL, Personal
from referral_hub.web.page import page

SUBJECTS = sorted({event.value.split(":")[0] for event in Event})


def by_purpose() -> list[tuple[str, str, list[Personal]]]:
    """The register as it is read: purpose, how long, and the columns that serve it."""
    found: dict[tuple[str, str], list[Personal]] = {}
    for one in PERSONAL:
        found.setdefault((one.why, KEPT[one.kept]), []).append(one)
    return [(why, kept, columns) for (why, kept), columns in found.items()]


@get("/privacy", opt=needs(Permission.PRIVACY_READ))
async def privacy_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What is kept about people and why, and who read it."""
    actor = actor_of(request)
    return page(
        request,
        "privacy/register.html",
        purposes=by_purpose(),
        disclosures=await disclosures_of_year(actor),
        state=await state_of_trail(actor),
    )


@get("/privacy/trail", opt=needs(Permission.AUDIT_READ))
async def trail_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The audit trail, newest first, `?event=` a subject such as `referral`, `?page=`."""
    event = request.query_params.get("event", "")
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    trail = await trail_seen_by(actor_of(request), event=event if event in SUBJECTS else "", page=number)
    return page(request, "privacy/trail.html", trail=trail, event=event, subjects=SUBJECTS)


routes = [privacy_page, trail_page]
