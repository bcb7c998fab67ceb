"""An import confirms what its rows state, as the directory shows it, on the register's day, and nothing else."""

from datetime import date
from pathlib import Path

import asyncpg
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.actions import edit_site
from referral_hub.institutions.confirmations import confirm_phone, doubt_phone
from tests.exchange.test_import import bring_in, changed

pytestmark = pytest.mark.anyio
DAY = date(2026, 3, 6)


async def laskowa(sql: asyncpg.Connection) -> asyncpg.Record:
    return await sql.fetchrow(
        """select i.id, c.id as contact, c.confirmed_on, c.confirmed_how, c.doubted_at, s.id as site
        from institution i join contact c on c.institution = i.id and c.kind = 'phone'
        join site s on s.institution = i.id where i.name like '%Laskowej'"""
    )


async def confirmed(sql: asyncpg.Connection, subject: object) -> dict[str, tuple[str, date]]:
    rows = await sql.fetch("select field, how, confirmed_on from field_confirmation where subject = $1", subject)
    return {row["field"]: (row["how"], row["confirmed_on"]) for row in rows}


async def test_only_dated_rows_confirm_and_only_what_they_state(database: asyncpg.Connection) -> None:
    await bring_in("rjps")
    row = await laskowa(database)
    assert (row["confirmed_on"], row["confirmed_how"]) == (DAY, "import")
    assert await confirmed(database, row["site"]) == {"hours_text": ("import", DAY), "street": ("import", DAY)}
    told = await confirmed(database, row["id"])
    assert told["phone:183300011"] == told["email"] == ("import", DAY)
    undated = await database.fetchrow(
        """select c.confirmed_on from contact c join source_record r on r.institution = c.institution
        where r.as_at is null and c.kind = 'phone' limit 1"""
    )
    assert undated["confirmed_on"] is None
    before = await database.fetchval("select count(*) from field_confirmation")
    await bring_in("rjps")
    assert await database.fetchval("select count(*) from field_confirmation") == before


async def test_a_newer_export_confirms_anew_and_takes_no_persons_word_away(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    await bring_in("rjps")
    first = await laskowa(database)
    await edit_site(first["site"], {"hours_text": "pn-pt 9-17"}, actor=SYSTEM_ACTOR)
    await doubt_phone(first["contact"], by=SYSTEM)
    doubted = (await laskowa(database))["doubted_at"]

    def later(rows: list[dict[str, str]]) -> None:
        for one in rows:
            one["uwagi"] = one["uwagi"].replace("06.03.2026", "20.10.2026")

    def with_web(rows: list[dict[str, str]]) -> None:
        later(rows)
        rows[0]["www"] = "nowa.example"

    await bring_in("rjps", changed(tmp_path, "rjps", later))
    row = await laskowa(database)
    assert (row["contact"], row["confirmed_on"]) == (first["contact"], date(2026, 10, 20))
    assert row["doubted_at"] == doubted, "the register did not know of it"
    hours = await database.fetch(
        "select confirmed_on from field_confirmation where subject = $1 and field = 'hours_text'", first["site"]
    )
    assert [one["confirmed_on"] for one in hours] == [DAY], "the partner's own hours are not the register's"
    await confirm_phone(row["id"], "183300011", how="call", by=SYSTEM)
    await bring_in("rjps", changed(tmp_path, "rjps", with_web))
    known = await laskowa(database)
    assert known["contact"] == first["contact"], "a number that stays keeps what is known of it"
    assert known["confirmed_how"] == "call"
