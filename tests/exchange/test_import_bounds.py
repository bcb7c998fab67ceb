"""What an import refuses, leaves alone or follows: broken files, other loaders, what a partner closed, merges."""

from pathlib import Path

import asyncpg
import msgspec
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.directory.actions import edit_offer
from referral_hub.exchange.problems import FileRefused
from tests.build import make_institution, make_site
from tests.exchange.test_import import bring_in, changed, sizes

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"1,2,3\n4,5,6\n", "Expected: rodzaj"),
        (b"PK\x03\x04", "a spreadsheet"),
        (b"id;nazwa\n1;a\n", "Missing: "),
    ],
)
async def test_a_broken_file_is_one_plain_error_and_nothing_is_written(
    database: asyncpg.Connection, tmp_path: Path, content: bytes, sentence: str
) -> None:
    before = await sizes(database)
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=sentence):
        await bring_in("support-institutions", path)
    assert await sizes(database) == before


async def test_names_kinds_and_missing_files_are_refused(database: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no such file"):
        await bring_in("rjps", tmp_path / "none.csv")
    with pytest.raises(FileRefused, match="source name"):
        await bring_in("rjps", source="a b")
    with pytest.raises(FileRefused, match="not known"):
        await bring_in("rjps", kind="hsds")
    await bring_in("rjps", source="one")
    with pytest.raises(FileRefused, match="imported before as rjps"):
        await bring_in("capacity", source="one")


async def test_boundaries_come_in_once_and_bad_features_are_named(database: asyncpg.Connection, tmp_path: Path) -> None:
    ring = [[20.0, 50.0], [20.1, 50.0], [20.1, 50.1], [20.0, 50.0]]
    features = [
        {"type": "Feature", "properties": {"terc": code}, "geometry": {"type": kind, "coordinates": points}}
        for code, kind, points in (
            ("120706", "Polygon", [ring]),
            ("999999", "Polygon", [ring]),
            ("1207", "Point", [20.0, 50.0]),
            ("120706", "Polygon", [ring]),
        )
    ]
    path = tmp_path / "units.geojson"
    path.write_bytes(msgspec.json.encode({"type": "FeatureCollection", "features": features}))
    first = await bring_in("boundaries", path)
    assert (first.read, first.created, first.rejected) == (4, 1, 3)
    again = await bring_in("boundaries", path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    path.write_bytes(b"{}")
    with pytest.raises(FileRefused, match="not GeoJSON"):
        await bring_in("boundaries", path)


async def test_records_of_other_loaders_are_left_alone(database: asyncpg.Connection) -> None:
    own = await make_institution("Gminny Ośrodek Pomocy Społecznej w Laskowej", "ops")
    await make_site(own, street="ul. Zmyślona 3", post_code="34-602", place="Laskowa", terc="120706")
    await database.execute(
        """insert into source_record (id, source, source_id, kind, institution, content_hash, said, made, first_at,
         last_at) values (gen_random_uuid(), 'other', '1', 'other_loader', $1, '\\x00', '{"x": 1}', '{"y": 2}',
         now(), now())""",
        own,
    )
    report = await bring_in("support-institutions")
    assert report.made.institutions == 18
    assert await database.fetchval("select count(*) from source_record where institution = $1", own) == 2


async def test_what_a_partner_closed_stays_closed(database: asyncpg.Connection, tmp_path: Path) -> None:
    await bring_in("support-institutions")
    offer = await database.fetchval(
        "select (made->'offers'->>'mediacja')::uuid from source_record where source_id = '5'"
    )
    await edit_offer(offer, {"status": "closed"}, actor=SYSTEM_ACTOR, source="partner")

    def change(rows: list[dict[str, str]]) -> None:
        rows[4]["telefon"] = "519 000 099"

    report = await bring_in("support-institutions", changed(tmp_path, "support-institutions", change))
    assert report.updated == 1
    assert await database.fetchval("select status from offer where id = $1", offer) == "closed"


async def test_rows_follow_an_institution_that_was_merged(database: asyncpg.Connection, tmp_path: Path) -> None:
    await bring_in("support-institutions")
    old = await database.fetchval("select institution from source_record where source_id = '5'")
    new = await make_institution("Fundacja Zmyślona", "ngo")
    await database.execute("update institution set merged_into = $2, status = 'merged' where id = $1", old, new)

    def change(rows: list[dict[str, str]]) -> None:
        rows[4]["telefon"] = "519 000 099"

    report = await bring_in("support-institutions", changed(tmp_path, "support-institutions", change))
    assert (report.updated, report.made.institutions) == (1, 0)
    assert await database.fetchval("select institution from source_record where source_id = '5'") == new
    assert await database.fetchval("select institution from contact where value = '519 000 099'") == new
