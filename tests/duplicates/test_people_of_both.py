"""Before two entries become one, the coordinator reads whose people will be seen by whom."""

import httpx
import pytest

from referral_hub.participants.actions import register
from tests.build import actor_for, make_institution, sign_in_as

pytestmark = pytest.mark.anyio


async def test_the_page_warns_where_people_of_the_other_entry_would_be_seen(web: httpx.AsyncClient) -> None:
    one, other = await make_institution("OPS Ropa", "ops"), await make_institution("Ośrodek Pomocy Ropa", "ops")
    await register(actor=await actor_for(other, "caseworker"), label="Jan Kowal", sex="M")
    await sign_in_as(web, await make_institution("Klub", club=True), "coordinator")
    warning = "zobaczą imiona i nazwiska wszystkich osób"
    assert warning in (await web.get(f"/duplicates/{one}/{other}?lang=pl")).text
    assert warning not in (await web.get(f"/duplicates/{other}/{one}?lang=pl")).text
