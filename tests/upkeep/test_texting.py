"""Links are texted to numbers the institution stands behind, not to one that the holder of a link has just typed."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.absences import NewAbsence
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.database.transaction import SYSTEM
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.institutions.contacts import LATELY
from referral_hub.upkeep.own_facts_actions import keep_own_facts
from referral_hub.upkeep.standings import own_ways, standings
from tests.build import actor_for, make_institution, make_offer

pytestmark = pytest.mark.anyio
OWN, OTHERS = "+48600100200", "+48699999999"


@dataclass
class Office:
    id: UUID
    holder: Actor


@pytest.fixture
async def office(database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("referral_hub.upkeep.standings.settings", _Gateway)
    institution = await make_institution(reached_by="sms")
    await set_contacts(institution, [NewContact(kind="mobile", value=OWN)], by=SYSTEM, source="test")
    await make_offer(institution, free=3, rhythm="week")
    _, link = await make_link("c", by=SYSTEM, institution=institution, address="biuro@ngo.example")
    return Office(institution, actor_of_link(link))


class _Gateway:
    sms_url = "https://sms.example/"


async def texted(office: Office) -> list[str]:
    return [way.to for way in await own_ways(office.id) if way.channel == "sms"]


async def test_a_number_typed_by_link_gets_links_only_after_a_week_unnoticed(office: Office) -> None:
    assert await texted(office) == [OWN]
    await keep_own_facts(office.id, actor=office.holder, phones={None: [NewContact(kind="mobile", value=OTHERS)]})
    assert await texted(office) == []
    with clock.at(clock.now() + LATELY + timedelta(minutes=1)):
        assert await texted(office) == [OTHERS]


@pytest.mark.parametrize(
    ("phone", "signed_in", "expected"), [(OTHERS, False, []), (OWN, False, [OWN]), (OTHERS, True, [OTHERS])]
)
async def test_a_stand_in_named_by_link_is_texted_on_a_number_of_the_office_only(
    office: Office, phone: str, signed_in: bool, expected: list[str]
) -> None:
    by = await actor_for(office.id, "partner_editor") if signed_in else office.holder
    with clock.at(clock.now() + timedelta(days=10)):
        until = clock.today() + timedelta(days=20)
        absence = NewAbsence(from_on=clock.today(), until_on=until, replacement="Sekretariat", phone=phone)
        await keep_own_facts(office.id, actor=by, absence=absence)
        found = (await standings([office.id]))[office.id]
    assert [f"+48{way.to[-9:]}" for way in found.ways if way.channel == "sms"] == expected
