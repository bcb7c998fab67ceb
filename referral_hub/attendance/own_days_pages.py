"""The person's days to come as a file for the own calendar."""

import hashlib
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import PUBLIC
from referral_hub.accounts.links import actor_of_link
from referral_hub.accounts.sign_in_pages import go
from referral_hub.attendance.own_days import OwnDay, appointment_moment, is_ahead, own_days_ical
from referral_hub.attendance.queries import chosen_by
from referral_hub.errors import NotFound
from referral_hub.own_page.own_link_pages import names_shown, own_link
from referral_hub.referrals.queries import referral
from referral_hub.referrals.states import FINAL
from referral_hub.web.look import look_of
from referral_hub.web.wording import translate


@get("/p/days/{task:uuid}", opt=PUBLIC, include_in_schema=False)
async def own_days(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """The days of one matter; places are in it only for whoever has given the code."""
    link = await own_link(request)
    if link is None:
        return go("/p")
    days = await _days(task, actor_of_link(link), named=names_shown(request, link))
    if not days:
        raise NotFound
    title = translate(look_of(request).language, "Agreed day")
    headers = {"Content-Disposition": 'attachment; filename="termin.ics"', "Cache-Control": "no-store"}
    return Response(own_days_ical(days, title, clock.now()), media_type="text/calendar", headers=headers)


async def _days(task: UUID, actor: Actor, *, named: bool) -> list[OwnDay]:
    """What is still to come of one matter. Raises NotFound for another person's."""
    found = await referral(actor, task, open_person=False)
    if found.state in FINAL:
        return []
    days = []
    starts = appointment_moment(found.appointment_at)
    if starts is not None and is_ahead(starts, clock.now()):
        days.append(OwnDay(_key(str(task)), starts, None, found.appointment_place if named else ""))
    for one in await chosen_by(task, actor=actor, sees="accepted"):
        if one.met.status != "cancelled" and one.met.ends_at > clock.now():
            place = (one.met.where or "") if named else ""
            days.append(OwnDay(_key(str(one.met.id)), one.met.starts_at, one.met.ends_at, place))
    return days


def _key(of: str) -> str:
    """The same for the same day, so that a second download changes it in the calendar and adds nothing."""
    return hashlib.sha256(of.encode()).hexdigest()[:20]


routes = [own_days]
