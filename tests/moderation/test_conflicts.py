"""Where partner, register and coordinator disagree: listed until settled, back when somebody says something new."""

import asyncpg
import httpx
import pytest

from referral_hub.database.transaction import SYSTEM, connection, transaction
from referral_hub.directory.actions import edit_site
from referral_hub.errors import Refused, Stale
from referral_hub.institutions.actions import edit_institution
from referral_hub.institutions.contacts import NewContact, set_contacts
from referral_hub.institutions.source_ranks import SEED, USUAL, load_ranks, set_order
from referral_hub.moderation.conflict_queries import conflicts_of
from referral_hub.moderation.conflicts import Conflict, differs
from referral_hub.moderation.queries import one_conflict
from referral_hub.moderation.settling import mark_of, settle
from tests.build import actor_for, sign_in_as
from tests.moderation.scene import HOURS, SYSTEM_ACTOR, Place, make_place, register_row, value

pytestmark = pytest.mark.anyio


async def conflicts(place: Place) -> list[Conflict]:
    async with connection() as sql:
        return await conflicts_of(sql, [place.partner])


async def told_by_partner() -> Place:
    """The partner changed its hours by hand; the register says the old ones."""
    place = await make_place()
    await register_row(place.partner, place.site, hours_text=HOURS)
    await edit_site(place.site, {"hours_text": "wt 9-12"}, actor=SYSTEM_ACTOR, source="partner")
    return place


async def test_a_register_that_contradicts_the_partner_is_listed_and_nothing_is_overwritten(
    database: asyncpg.Connection,
) -> None:
    place = await told_by_partner()
    [found] = await conflicts(place)
    assert (found.subject, found.field, found.present, found.first) == (place.site, "hours_text", "wt 9-12", "partner")
    assert [say.source for say in found.says] == ["partner", "rjps-2026"]


async def test_a_register_that_agrees_or_is_silent_is_no_conflict(database: asyncpg.Connection) -> None:
    place = await make_place()
    await register_row(place.partner, place.site, hours_text="", name="inny")
    await edit_site(place.site, {"hours_text": "Wt  9-12."}, actor=SYSTEM_ACTOR, source="partner")
    await register_row(place.partner, place.site, hours_text="wt 9-12")
    assert await conflicts(place) == []


async def test_a_settled_conflict_comes_back_when_the_register_says_something_new(
    database: asyncpg.Connection,
) -> None:
    place = await told_by_partner()
    [found] = await conflicts(place)
    key = (found.subject_kind, found.subject, found.field)
    await settle(*key, actor=SYSTEM_ACTOR, take="", seen=mark_of(found), why="partner wie lepiej")
    assert await conflicts(place) == []
    assert await value("select count(*) from audit_event where event = 'conflict:settle'") == 1
    await database.execute(
        """update source_record set said = jsonb_set(said, '{sites,0,hours_text}', '"czw 8-10"')
        where institution = $1""",
        place.partner,
    )
    [again] = await conflicts(place)
    assert again.says[-1].value == "czw 8-10"


async def test_taking_the_registers_value_writes_it_as_the_coordinators_word(database: asyncpg.Connection) -> None:
    place = await told_by_partner()
    coordinator = await actor_for(place.club, "coordinator")
    [found] = await conflicts(place)
    key = (found.subject_kind, found.subject, found.field)
    with pytest.raises(Refused):
        async with transaction(SYSTEM):
            await settle(*key, actor=coordinator, take="nikt", seen=mark_of(found), why="")
    await settle(*key, actor=coordinator, take="rjps-2026", seen=mark_of(found), why="dzwoniłam")
    assert await value("select hours_text from site where id = $1", place.site) == HOURS
    line = await database.fetchrow(
        "select source, why from field_source where subject = $1 order by at desc, id desc", place.site
    )
    assert dict(line) == {"source": "coordinator", "why": "dzwoniłam"}
    assert await conflicts(place) == []
    # The partner says it once more: that is something new.
    await edit_site(place.site, {"hours_text": "pt 9-10"}, actor=SYSTEM_ACTOR, source="partner")
    assert [one.present for one in await conflicts(place)] == ["pt 9-10"]


async def test_what_was_said_meanwhile_is_seen_before_it_is_settled(database: asyncpg.Connection) -> None:
    place = await told_by_partner()
    [found] = await conflicts(place)
    await edit_site(place.site, {"hours_text": "pt 9-10"}, actor=SYSTEM_ACTOR, source="partner")
    with pytest.raises(Stale):
        async with transaction(SYSTEM):
            await settle("site", place.site, "hours_text", actor=SYSTEM_ACTOR, take="", seen=mark_of(found), why="")


async def test_a_coordinator_who_overrode_the_partner_is_a_conflict_by_the_ranks(database: asyncpg.Connection) -> None:
    place = await make_place()
    await edit_institution(place.partner, {"name": "Nazwa partnera"}, by=SYSTEM, source="partner")
    await register_row(place.partner, name="rejestr")
    assert await conflicts(place) == []
    await edit_institution(place.partner, {"name": "Nazwa koordynatora"}, by=SYSTEM, source="coordinator")
    assert [one.field for one in await conflicts(place)] == ["name"]


async def test_contacts_that_are_among_those_that_stand_are_no_conflict(database: asyncpg.Connection) -> None:
    place = await make_place()
    await register_row(place.partner, phone="+48 14 621 00 01")
    phones = [NewContact(kind="phone", value=number) for number in ("146210001", "146210002")]
    await set_contacts(place.partner, phones, by=SYSTEM, source="partner")
    assert await conflicts(place) == []
    await set_contacts(place.partner, phones[1:], by=SYSTEM, source="partner")
    assert [one.field for one in await conflicts(place)] == ["contacts"]


def test_silence_never_differs() -> None:
    assert not differs("name", "X", "")
    assert not differs("contacts", [["phone", "1", ""]], [])
    assert differs("area", ["12"], ["1201"])


async def test_pages_show_and_settle_a_conflict(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    place = await told_by_partner()
    await sign_in_as(web, place.club, "coordinator")
    queue = (await web.get("/moderation")).text
    address = f"/moderation/conflicts/site/{place.site}/hours_text"
    assert address in queue
    shown = await web.get(address)
    assert "rjps-2026" in shown.text
    _, _, seen = await one_conflict("site", place.site, "hours_text")
    assert (await web.post(address, data={"seen": seen})).status_code == 422
    assert (await web.post(address, data={"seen": seen, "take": "from:nikt"})).status_code == 422
    assert (await web.post(address, data={"seen": "x", "take": "present"})).status_code == 409
    assert (await web.post(address, data={"seen": seen, "take": "from:rjps-2026"})).status_code == 303
    assert (await web.get(address)).status_code == 404
    assert (await web.get(f"/moderation/conflicts/site/{place.site}/password")).status_code == 404


async def test_whom_to_believe_is_data_and_edited_on_a_page(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    assert (await load_ranks()).orders == dict(SEED)
    place = await make_place()
    await sign_in_as(web, place.club, "coordinator")
    assert (await web.get("/moderation/sources?field=hours_text")).status_code == 200
    turned = ["coordinator", "partner", *USUAL[2:]]
    places = {f"place-{source}": str(number) for number, source in enumerate(turned, start=1)}
    twice = {**places, "place-partner": "1", "field": "hours_text"}
    assert (await web.post("/moderation/sources", data=twice)).status_code == 422
    assert (await web.post("/moderation/sources", data={**places, "field": "nonsense"})).status_code == 422
    assert (await web.post("/moderation/sources", data={**places, "field": "hours_text"})).status_code == 303
    ranks = await load_ranks()
    assert ranks.order("hours_text") == tuple(turned)
    assert ranks.order("name") == USUAL
    assert await value("select count(*) from audit_event where event = 'source:rank'") == 1
    with pytest.raises(Refused):
        async with transaction(SYSTEM):
            await set_order("name", ["partner"], by=SYSTEM)


async def test_taking_a_registers_phones_keeps_words_and_what_only_staff_see(database: asyncpg.Connection) -> None:
    place = await make_place()
    await register_row(place.partner, phone="14 621 00 07")
    told = [
        NewContact(kind="phone", value="146210001", label="sekretariat"),
        NewContact(kind="phone", value="600100200", visibility="staff", label="dyżur"),
        NewContact(kind="email", value="biuro@partner.example"),
    ]
    await set_contacts(place.partner, told, by=SYSTEM, source="partner")
    [found] = await conflicts(place)
    await settle(
        "contact", place.partner, "contacts", actor=SYSTEM_ACTOR, take="rjps-2026", seen=mark_of(found), why=""
    )
    rows = await database.fetch(
        "select value, label, visibility from contact where institution = $1 order by position", place.partner
    )
    assert [tuple(row) for row in rows] == [
        ("14 621 00 07", "", "public"),
        ("600100200", "dyżur", "staff"),
        ("biuro@partner.example", "", "public"),
    ]
    assert await conflicts(place) == []
