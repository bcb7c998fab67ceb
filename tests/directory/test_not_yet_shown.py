"""What is a draft, over, or begins on another day tells nobody of itself by a side door."""

from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.barter.actions import add_line
from referral_hub.barter.queries import open_lines
from referral_hub.barter.schemas import NewLine
from referral_hub.database.transaction import SYSTEM
from referral_hub.institutions.actions import NewContact, set_contacts
from tests.build import make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio


async def test_a_number_of_a_draft_is_told_with_the_draft(web: httpx.AsyncClient) -> None:
    institution = await make_institution("Fundacja z Planami")
    shown = await make_offer(institution)
    hidden = [
        await make_offer(institution, status="draft"),
        await make_offer(institution, status="archived"),
        await make_offer(institution, visible_from=clock.today() + timedelta(days=9)),
    ]
    for number, offer in enumerate([shown, *hidden]):
        contact = NewContact(kind="email", value=f"zapisy{number}@plany.example")
        await set_contacts(institution, [contact], by=SYSTEM, source="test", belongs_to=offer)
    text = (await web.get(f"/institutions/{institution}")).text
    assert "zapisy0@plany.example" in text
    assert not [number for number in (1, 2, 3) if f"zapisy{number}@" in text]


async def test_staff_of_others_do_not_see_meetings_of_what_begins_later(web: httpx.AsyncClient) -> None:
    institution = await make_institution("Fundacja z Grupą")
    later = await make_offer(institution, "gr_wsparcia", visible_from=clock.today() + timedelta(days=9))
    await sign_in_as(web, await make_institution("Ośrodek Obok", "ops"), "caseworker")
    assert (await web.get(f"/offers/{later}/meetings")).status_code == 404
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.get(f"/offers/{later}/meetings")).status_code == 200


async def test_an_exchange_that_begins_later_is_matched_later(web: httpx.AsyncClient) -> None:
    institution = await make_institution("Klub na Wiosnę")
    later = await make_offer(institution, "barter", visible_from=clock.today() + timedelta(days=9))
    await add_line(later, NewLine(side="offered", subject="remonty", text="Malowanie"), actor=SYSTEM_ACTOR)
    assert not await open_lines()
    with clock.at(clock.now() + timedelta(days=9)):
        assert [line.offer for line in await open_lines()] == [later]
