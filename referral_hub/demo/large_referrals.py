"""Hundreds of thousands of referrals, each a copy of one that the hub's own actions made: same moves, other people.

A copy keeps every column of its model; ids, people, institutions and numbers are its own, and an ended one lies
some whole weeks earlier. What stays open stays where it is. Only audit lines and links are not copied.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.clock import WARSAW
from referral_hub.database.columns import blind_index, new_id, seal
from referral_hub.demo.large_network import LargeNetwork, LargeOffer
from referral_hub.geography.units import Unit
from referral_hub.participants.actions import seal_groups
from referral_hub.participants.case_codes import new_case_code
from referral_hub.referrals.closing import verdicts_for
from referral_hub.referrals.states import FINAL, State

BATCH = 1_000
PEOPLE_PER_REFERRAL = 0.25
STILL_TO_SETTLE = 0.1
"""Of what differs lately; the rest was settled within hours, or a country would read of nothing else."""
Row = dict[str, Any]
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_PARTS = {
    "task_event": "task",
    "hold": "task",
    "participant_feedback": "task",
    "disclosure": "task",
    "unmet_need": "task",
    "discrepancy": "task",
}
TABLES = ("legal_basis", "referral_request", "referral_task", *_PARTS)


class Model(Struct):
    """One referral of the small network with all its rows; `weeks` is how far it can be moved back."""

    task: Row
    request: Row
    basis: Row | None
    parts: dict[str, list[Row]]
    weeks: int

    @property
    def takes_place(self) -> bool:
        return any(row["state"] != "freed" for row in self.parts["hold"])


class LargePerson(Struct):
    """A participant of the large network."""

    id: UUID
    case_code: str
    sender: UUID
    gmina: str


async def read_models(sql: asyncpg.Connection, begun: datetime) -> list[Model]:
    """The referrals there are, as patterns; `begun` is the earliest day a copy may lie on."""
    basis = {row["id"]: dict(row) for row in await sql.fetch("select * from legal_basis")}
    request = {row["id"]: dict(row) for row in await sql.fetch("select * from referral_request")}
    parts: dict[str, dict[UUID, list[Row]]] = {}
    for table, column in _PARTS.items():
        parts[table] = defaultdict(list)
        for row in await sql.fetch(f"select * from {table} where {column} is not null"):  # noqa: S608 -- names of our own, values are parameters
            parts[table][row[column]].append(dict(row))
    models = []
    # What a house does for its own people is no pattern for cooperation.
    for row in await sql.fetch("select * from referral_task where sender <> receiver"):
        ended = State(row["state"]) in FINAL
        weeks = max(0, (row["made_at"] - begun).days // 7) if ended else 0
        own = {table: found[row["id"]] for table, found in parts.items()}
        models.append(Model(dict(row), request[row["request"]], basis.get(row["basis"]), own, weeks))
    return models


async def make_people(
    sql: asyncpg.Connection, count: int, senders: list[tuple[UUID, Unit]], now: datetime, rng: Random
) -> list[LargePerson]:
    """Invented participants of the sending institutions."""
    taken = {row["case_code"] for row in await sql.fetch("select case_code from participant")}
    made: list[LargePerson] = []
    rows = []
    for number in range(count):
        sender, gmina = senders[number % len(senders)]
        code = new_case_code()
        while code in taken:
            code = new_case_code()
        taken.add(code)
        label = f"Osoba Przykładowa {number + 1:06d}"
        person = LargePerson(new_id(), code, sender, gmina.code)
        made.append(person)
        at = now - timedelta(days=rng.randint(1, 540))
        groups = seal_groups(["wykluczone"])
        sex = rng.choice(("K", "M"))
        rows.append(
            (person.id, sender, code, seal(label), blind_index(label), sex, gmina.code, groups, ["inna"], at, at)
        )
    columns = "id institution case_code label_sealed label_index sex gmina groups_sealed needs made_at last_used_at"
    await sql.copy_records_to_table("participant", records=rows, columns=columns.split())
    return made


class Copier:
    """Makes the copies; numbers go on where the year's last one stands."""

    def __init__(self, models: list[Model], made: LargeNetwork, people: list[LargePerson], rng: Random) -> None:
        self.models, self.people, self.rng = models, people, rng
        self.numbers: Counter[int] = Counter()
        self.by_need: dict[tuple[str, bool], list[LargeOffer]] = defaultdict(list)
        for offer in made.offers:
            for need in offer.needs:
                self.by_need[need, offer.reading is not None].append(offer)

    def batches(self, count: int) -> Iterator[dict[str, list[Row]]]:
        """Rows by table, for some referrals at a time."""
        while count > 0:
            rows: dict[str, list[Row]] = {table: [] for table in TABLES}
            for _ in range(min(BATCH, count)):
                self._copy(rows)
            count -= BATCH
            yield rows

    def _offer(self, model: Model) -> LargeOffer:
        need = model.request["need"]
        counted = self.by_need[need, True]
        if model.takes_place or not self.by_need[need, False]:
            return self.rng.choice(counted)
        return self.rng.choice(self.by_need[need, self.rng.random() < 0.8] or counted)

    def _copy(self, rows: dict[str, list[Row]]) -> None:
        model, person = self.rng.choice(self.models), self.rng.choice(self.people)
        offer, back = self._offer(model), timedelta(weeks=self.rng.randint(0, model.weeks))
        while offer.institution == person.sender:
            offer = self._offer(model)
        task, request = new_id(), new_id()
        old = model.task
        ids = {
            old["id"]: task,
            old["request"]: request,
            old["participant"]: person.id,
            old["sender"]: person.sender,
            old["receiver"]: offer.institution,
            old["offer"]: offer.id,
            old["replaces"]: None,
        }
        if model.basis is not None:
            ids[old["basis"]] = new_id()
            rows["legal_basis"].append(moved(model.basis, ids, back))
        asked = moved(model.request, ids, back)
        ended = State(old["state"]) in FINAL
        asked |= {"case_code": person.case_code, "state": asked["state"] if ended else "open"}
        rows["referral_request"].append(asked)
        copy = moved(old, ids, back)
        year = copy["made_at"].astimezone(WARSAW).year
        self.numbers[year] += 1
        copy["number"] = f"{year}/{self.numbers[year]:04d}"
        rows["referral_task"].append(copy)
        for table in _PARTS:
            for part in model.parts[table]:
                made = {**moved(part, ids, back), "id": new_id()}
                if table == "unmet_need":
                    made["gmina"] = person.gmina
                if table == "hold":
                    _count_place(made, offer)
                if table == "discrepancy" and not made["verdict"] and self.rng.random() > STILL_TO_SETTLE:
                    settled_at = made["opened_at"] + timedelta(hours=self.rng.randint(1, 20))
                    made |= {"verdict": self.rng.choice(verdicts_for(made["kind"])), "settled_at": settled_at}
                rows[table].append(made)


def _count_place(hold: Row, offer: LargeOffer) -> None:
    """The counters of the offer, and under which reading a place was taken: an older one is left out of the number."""
    later = hold["taken_at"] is not None and hold["taken_at"] >= offer.recorded_at
    hold["reading"] = offer.reading if later or hold["taken_at"] is None else None
    offer.held += hold["state"] == "held"
    offer.taken += hold["state"] == "taken" and later


def moved(row: Row, ids: dict[Any, UUID | None], back: timedelta) -> Row:
    """A row with the ids of its copy, `back` earlier; accounts of the model are nobody's here."""
    days = timedelta(days=back.days)
    found: Row = {}
    for name, value in row.items():
        if name in ("account", "keeper", "void_asked_by", "settled_by"):
            value = None
        elif isinstance(value, UUID):
            value = ids.get(value, value)
        elif isinstance(value, datetime):
            value = value - back
        elif isinstance(value, date):
            value = value - days
        elif isinstance(value, str) and name in ("facts", "appointment_at"):
            value = _ISO.sub(lambda found: (date.fromisoformat(found[0]) - days).isoformat(), value)
        found[name] = value
    return found


async def copy_referrals(
    sql: asyncpg.Connection, copier: Copier, count: int, progress: Callable[[int, int], None]
) -> None:
    """Write `count` referrals; `progress` is told (done, total) after each batch."""
    for row in await sql.fetch("select year, last from task_number"):
        copier.numbers[row["year"]] = row["last"]
    done = 0
    for rows in copier.batches(count):
        for table in TABLES:
            if rows[table]:
                columns = list(rows[table][0])
                records = [tuple(row.values()) for row in rows[table]]
                await sql.copy_records_to_table(table, records=records, columns=columns)
        done += len(rows["referral_task"])
        progress(done, count)
    await sql.executemany(
        "insert into task_number (year, last) values ($1, $2) on conflict (year) do update set last = $2",
        list(copier.numbers.items()),
    )
