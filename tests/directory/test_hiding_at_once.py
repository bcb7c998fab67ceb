"""An institution whose edits wait for approval is hidden the moment it asks to be; showing more still waits."""

import asyncpg
import pytest

from referral_hub.directory.saving import hiding, save_entry
from tests.build import actor_for, make_institution, make_offer, make_site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("before", "wished", "at_once"),
    [
        ({"by_category": False}, {"by_category": True, "title": "x"}, {"by_category": True}),
        ({"by_category": True}, {"by_category": False}, {}),
        ({"address_visibility": "public"}, {"address_visibility": "staff"}, {"address_visibility": "staff"}),
        ({"address_visibility": "staff"}, {"address_visibility": "accepted"}, {"address_visibility": "accepted"}),
        ({"address_visibility": "accepted"}, {"address_visibility": "public"}, {}),
        ({"address_visibility": "public"}, {"street": "x"}, {}),
    ],
)
def test_only_what_tells_less_goes_at_once(
    before: dict[str, object], wished: dict[str, object], at_once: dict[str, object]
) -> None:
    assert hiding(before, wished) == at_once


async def test_to_be_hidden_waits_for_nobody(database: asyncpg.Connection) -> None:
    institution = await make_institution(edits_wait=True)
    editor = await actor_for(institution, "partner_editor")
    site = await make_site(institution)
    offer = await make_offer(institution, title="Grupa", site=site, remote=True, first_step="Zadzwoń")
    saved = await save_entry("offer", offer, {"by_category": True, "title": "Inna nazwa"}, actor=editor)
    assert saved.waits
    row = await database.fetchrow("select by_category, title from offer where id = $1", offer)
    assert tuple(row.values()) == (True, "Grupa")
    assert await database.fetchval("select changes::text from pending_edit where subject = $1", offer) == (
        '{"title": "Inna nazwa"}'
    )
    await save_entry("site", site, {"address_visibility": "accepted"}, actor=editor)
    assert await database.fetchval("select address_visibility from site where id = $1", site) == "accepted"
    await save_entry("site", site, {"address_visibility": "public"}, actor=editor)
    assert await database.fetchval("select address_visibility from site where id = $1", site) == "accepted"
