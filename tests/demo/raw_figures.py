"""What pages, files and programs say of the network, against sums made here of the raw rows."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx

from referral_hub.clock import WARSAW
from referral_hub.vocabularies.book import label
from tests.build import sign_in_as

OVER = {"declined", "withdrawn", "expired", "not_delivered", "delivered"}
REPORTED = {"delivered", "not_delivered"}
_SENT = """select t.*, s.kind as from_kind, r.kind as to_kind, q.need, f.got_help,
 array(select e.verb::text from task_event e where e.task = t.id) as verbs,
 exists (select 1 from task_event e where e.task = t.id and e.after = 'in_progress') as began,
 exists (select 1 from referral_task n
  where n.replaces = t.id and n.sent_at is not null and n.state <> 'void') as again,
 (select count(*) from task_event e where e.task = t.id and e.verb = 'attend'
  and e.facts->>'attendance' in ('came', 'late')) as came,
 (select count(*) from task_event e where e.task = t.id and e.verb = 'attend'
  and e.facts->>'attendance' in ('absent', 'absent_told')) as absent
from referral_task t join referral_request q on q.id = t.request left join participant_feedback f on f.task = t.id
join institution s on s.id = t.sender join institution r on r.id = t.receiver
where t.sent_at is not null and t.state <> 'void' and not t.held_back"""
Row = asyncpg.Record
SHARES: dict[str, tuple[Callable[[Row], int], Callable[[Row], int]]] = {
    "closed": (
        lambda row: (
            row["state"] in OVER
            and row["outcome_seen_at"] is not None
            and (not row["began"] or row["state"] in REPORTED)
        ),
        lambda row: row["state"] in OVER,
    ),
    "again": (lambda row: row["state"] in OVER and row["again"], lambda row: row["state"] in OVER),
    "helped": (lambda row: row["got_help"] in ("yes", "partly"), lambda row: row["got_help"] is not None),
    "accepted": (
        lambda row: not row["no_data"] and "accept" in row["verbs"],
        lambda row: not row["no_data"] and bool({"accept", "decline"} & set(row["verbs"])),
    ),
    "no_show": (lambda row: row["absent"], lambda row: row["absent"] + row["came"]),
}
"""For each measure: what of a row counts as yes, and what in all."""


async def figures_agree(database: asyncpg.Connection, web: httpx.AsyncClient) -> None:
    """Matrix, list, file and program against the rows; whatever is shown is true, and what all see adds up."""
    rows = await database.fetch(_SENT)
    club = await database.fetchval("select id from institution where club and name like '%Razem%'")
    by_day = Counter(
        await database.fetchval(
            """select array_agg(extract(year from sent_at at time zone 'Europe/Warsaw')::int::text)
            from referral_task where sent_at is not null and state <> 'void' and not held_back"""
        )
    )
    # Whoever comes alone with a card is unknown to the institution.
    boxed = await database.fetchval(
        """select count(*) from referral_task where state not in ('void', 'draft')
        and not (receiver = $1 and sender <> $1 and no_data)""",
        club,
    )
    await sign_in_as(web, club, "coordinator")
    for year in ("", *by_day):
        of_year = [row for row in rows if not year or _year(row) == year]
        assert len(of_year) == (by_day[year] if year else len(rows))
        await _flows_agree(web, of_year, year)
        await _closing_agrees(web, of_year, year)
    listed = (await web.get("/api/v1/referrals?scope=network&box=closed")).json()
    assert sum(listed["counts"].get(box, 0) for box in ("todo", "waiting", "under-way", "closed")) == boxed
    assert listed["total"] == listed["counts"]["closed"]


def _year(row: Row) -> str:
    return str(row["sent_at"].astimezone(WARSAW).year)


async def _flows_agree(web: httpx.AsyncClient, rows: list[Row], year: str) -> None:
    cells = Counter((row["from_kind"], row["to_kind"]) for row in rows)
    text = (await web.get("/cooperation", params={"period": year, "full": "1"})).text
    assert f"{len(rows)} zgłosze" in text
    table = _table((await web.get("/cooperation/flows.csv", params={"period": year})).text)
    receivers = {label("kind", to, "pl"): to for _, to in cells} | {"Razem": None}
    senders = {label("kind", one, "pl"): one for one, _ in cells} | {"Razem": None}
    shown = 0
    for line in table[1:]:
        for name, told in zip(table[0][1:], line[1:], strict=True):
            sender, receiver = senders[line[0]], receivers[name]
            true = sum(count for (a, b), count in cells.items() if sender in (None, a) and receiver in (None, b))
            assert told == "ukryte" or int(told) == true, (line[0], name)
            assert not 0 < true < 5 or told == "ukryte", (line[0], name)
            shown += told != "ukryte"
    assert shown


async def _closing_agrees(web: httpx.AsyncClient, rows: list[Row], year: str) -> None:
    keys: dict[str, Callable[[Row], str]] = {
        "flow": lambda row: f"{row['from_kind']} → {row['to_kind']}",
        "need": lambda row: row["need"],
        "offer": lambda row: str(row["offer"]),
    }
    for by, key in keys.items():
        asked = {"by": by, "period": year}
        lines: list[dict[str, Any]] = (await web.get("/api/v1/cooperation/closing", params=asked)).json()["lines"]
        table = _table((await web.get("/cooperation/closing.csv", params=asked)).text)
        assert [line["name"] for line in lines] == [line[0] for line in table[1:]]
        page = (await web.get("/cooperation/closing", params={**asked, "full": "1"})).text
        for line, written in zip(lines, table[1:], strict=True):
            own = [row for row in rows if line["key"] in ("", key(row))]
            for measure, (yes, among) in SHARES.items():
                figure, n = line["figures"][measure], sum(map(among, own))
                if figure["n"] is not None:
                    assert figure["n"] == n, (by, line["key"], measure)
                    assert not n or round(figure["share"] * n, 6) == sum(map(yes, own)), (by, line["key"], measure)
                    assert str(n) in written
                elif n:
                    assert "ukryte" in written
                if n and not line["key"]:
                    # Everything is on the page of the club's own eyes.
                    assert f"n&nbsp;=&nbsp;{n}" in page, (by, measure)


def _table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
