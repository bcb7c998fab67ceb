"""Institutions enter the network with checked numbers, change with a history, and have a basis to pass data."""

from datetime import date

import asyncpg
import pytest

from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.institutions.actions import (
    NewContact,
    NewInstitution,
    add_agreement,
    add_institution,
    edit_institution,
    set_contacts,
)

pytestmark = pytest.mark.anyio
OPS = NewInstitution(kind="ops", name="Ośrodek Pomocy Społecznej w Żabnie", terc="121608")


async def test_an_institution_with_numbers_and_contacts(database: asyncpg.Connection) -> None:
    made = await add_institution(
        OPS,
        by=SYSTEM,
        source="test",
        identifiers=[("nip", "526-104-08-28")],
        contacts=[NewContact(kind="phone", value="14 645 60 90"), NewContact(kind="email", value="ops@ops.example")],
    )
    assert (
        await database.fetchval("select value from institution_identifier where institution = $1", made) == "5261040828"
    )
    rows = await database.fetch("select kind, source from contact where institution = $1 order by kind", made)
    assert [tuple(row.values()) for row in rows] == [("email", "test"), ("phone", "test")]
    assert await edit_institution(made, {"short_name": "OPS Żabno"}, by=SYSTEM, source="test", version=1) == 2
    assert await edit_institution(made, {"short_name": "OPS Żabno"}, by=SYSTEM, source="test") == 2
    with pytest.raises(Stale):
        await edit_institution(made, {"short_name": "Inny"}, by=SYSTEM, source="test", version=1)
    history = await database.fetch("select field, source from field_source where subject = $1", made)
    assert {row["field"] for row in history} >= {"name", "kind", "terc", "short_name"}


async def test_every_wrong_field_is_named_and_nothing_is_left(database: asyncpg.Connection) -> None:
    before = await database.fetchval("select count(*) from institution")
    with pytest.raises(Refused) as refusal:
        await add_institution(
            NewInstitution(kind="brak", name="", terc="12x"),
            by=SYSTEM,
            source="test",
            identifiers=[("nip", "1234567890")],
        )
    assert {problem.field for problem in refusal.value.problems} == {"kind", "name", "terc", "nip"}
    assert await database.fetchval("select count(*) from institution") == before
    with pytest.raises(NotFound):
        await edit_institution(new_id(), {"name": "x"}, by=SYSTEM, source="test")
    with pytest.raises(Refused):
        await edit_institution(new_id(), {"version": 9}, by=SYSTEM, source="test")


async def test_contacts_are_replaced_once_and_only_where_they_differ(database: asyncpg.Connection) -> None:
    made = await add_institution(
        OPS, by=SYSTEM, source="test", contacts=[NewContact(kind="phone", value="14 645 60 90")]
    )
    new = [NewContact(kind="phone", value="14 645 60 91", extension="12")]
    assert await set_contacts(made, new, by=SYSTEM, source="partner")
    assert not await set_contacts(made, new, by=SYSTEM, source="partner")
    assert await database.fetchval("select value from contact where institution = $1", made) == "14 645 60 91"
    with pytest.raises(Refused):
        await set_contacts(made, [NewContact(kind="pigeon", value="x")], by=SYSTEM, source="partner")


async def test_an_agreement_ends_after_it_began(database: asyncpg.Connection) -> None:
    made = await add_institution(OPS, by=SYSTEM, source="test")
    await add_agreement(made, "agreement", signed_on=date(2026, 1, 1), by=SYSTEM, reference="KIS/1/2026")
    with pytest.raises(Refused) as refusal:
        await add_agreement(made, "handshake", signed_on=date(2026, 1, 1), valid_until=date(2025, 1, 1), by=SYSTEM)
    assert {problem.field for problem in refusal.value.problems} == {"kind", "valid_until"}
    with pytest.raises(NotFound):
        await add_agreement(new_id(), "statute", signed_on=date(2026, 1, 1), by=SYSTEM)
