"""The frame of every page says whose hub it is."""

from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from referral_hub.accounts.frame import fill_frame
from referral_hub.database.columns import new_id
from referral_hub.web.page import network
from tests.build import make_institution

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = {name: getattr(network, name) for name in network.__struct_fields__}
    yield
    for name, value in before.items():
        setattr(network, name, value)


async def test_one_club_gives_its_name_and_contact(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club = await make_institution("Klub Próbny", club=True)
    for position, (kind, value, seen) in enumerate(
        [
            ("phone", "14 000 00 01", "staff"),
            ("phone", "14 000 00 02", "public"),
            ("email", "klub@hub.example", "public"),
        ]
    ):
        await database.execute(
            "insert into contact (id, institution, kind, value, visibility, position) values ($1, $2, $3, $4, $5, $6)",
            new_id(),
            club,
            kind,
            value,
            seen,
            position,
        )
    await fill_frame()
    text = (await web.get("/help")).text
    assert "– Klub Próbny</title>" in text
    assert 'href="tel:140000002"' in text
    assert "14 000 00 01" not in text


async def test_several_clubs_keep_the_networks_general_name(web: httpx.AsyncClient, database: object) -> None:
    for name in ("Klub Pierwszy", "Klub Drugi"):
        await make_institution(name, club=True)
    await fill_frame()
    assert "Klub Pierwszy" not in (await web.get("/help")).text
