"""What an offer that lends shows on its public page: free today, the calendar, a way to ask."""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.details import kind_of
from referral_hub.directory.hours import read_hours
from referral_hub.directory.panels import OwnLink, Panel
from referral_hub.directory.read_model_refresh import directory
from referral_hub.errors import NotFound
from referral_hub.lending.calendar import day_of
from referral_hub.lending.intervals import day_span
from referral_hub.lending.queries import lent, spans_of

# Repeated in templates/lending/bookings.html, where the extraction finds it.
OWN_LINK = OwnLink("bookings", "Bookings", frozenset({"lending"}))


async def lending_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """When it is taken today, and links to the calendar and the request."""
    card = (await directory()).cards.get(str(offer))
    if card is None or kind_of(card.form) != "lending":
        return None
    try:
        one = await lent(offer, actor)
    except NotFound:
        return None
    today = clock.today()
    now = day_of(
        today,
        await spans_of(offer, *day_span(today)),
        one.details.pieces,
        clock.now(),
        read_hours(one.details.lending_hours),
    )
    asks = actor.kind == "account" and actor.may(Permission.BOOKING_ASK) and one.status == "published"
    return Panel("lending/panel.html", {"offer": offer, "today": now, "lent": one, "asks": asks}, "now")
