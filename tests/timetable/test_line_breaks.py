"""A line break in a title from elsewhere neither stops a calendar nor writes a line of its own into it."""

from datetime import timedelta
from uuid import UUID

import httpx
import icalendar
import pytest

from referral_hub import clock
from tests.build import _insert, make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio
NASTY = "Sala\r\nATTENDEE:mailto:obcy@zle.example\rBEGIN:VALARM\n, ; \\"


async def calendar_of(web: httpx.AsyncClient, path: str) -> icalendar.Calendar:
    answer = await web.get(path)
    assert answer.status_code == 200
    assert not [line for line in answer.text.splitlines() if line.startswith(("ATTENDEE", "BEGIN:VALARM"))]
    return icalendar.Calendar.from_ical(answer.text)


async def made(form: str, **values: object) -> tuple[UUID, UUID]:
    institution = await make_institution(NASTY)
    return institution, await make_offer(institution, form, NASTY, **values)


async def test_meetings(web: httpx.AsyncClient) -> None:
    _, offer = await made("gr_rozwojowa")
    start, moment = clock.now() + timedelta(days=3), clock.now()
    await _insert("meeting", {
        "offer": offer, "kind": "meeting", "starts_at": start, "ends_at": start + timedelta(hours=2), "topic": NASTY,
        "room": NASTY, "note": NASTY, "made_at": moment, "updated_at": moment,
    })  # fmt: skip
    calendar = await calendar_of(web, f"/offers/{offer}/meetings.ics")
    assert len(calendar.walk("VEVENT")) == 1


async def test_terms(web: httpx.AsyncClient) -> None:
    _, offer = await made("szkolenie")
    moment = clock.now()
    await _insert("offer_term", {
        "offer": offer, "title": NASTY, "starts_on": clock.today() + timedelta(days=3), "made_at": moment,
        "updated_at": moment,
    })  # fmt: skip
    calendar = await calendar_of(web, f"/offers/{offer}/terms.ics")
    assert len(calendar.walk("VEVENT")) == 1


async def test_bookings(web: httpx.AsyncClient) -> None:
    owner, offer = await made("uzyczenie_zasobu", details='{"resource": "room", "pieces": 1}')
    start = clock.now() + timedelta(days=3)
    await _insert("booking", {
        "offer": offer, "borrower": await make_institution(NASTY), "starts_at": start,
        "ends_at": start + timedelta(hours=2), "pieces": 1, "purpose": NASTY, "state": "confirmed", "word": "",
        "version": 1, "made_at": clock.now(),
    })  # fmt: skip
    await sign_in_as(web, owner, "partner_editor")
    calendar = await calendar_of(web, f"/my-offers/{offer}/bookings.ics")
    assert len(calendar.walk("VEVENT")) == 1
