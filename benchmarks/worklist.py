"""The worklist of 10,000 open referrals beside its question asked bare, in one run.

- *the list*: all that the page shows, as its handler gathers it for a signed-in caseworker: the box under row-level
  security, counts of all boxes, words, ages, likely acts, sisters to decide about and plans B. This is promised.
- *the page over HTTP*: `serve` with one worker, session, permission, template, a connection kept open.

In turn with them, through asyncpg as the owner of the tables (no row-level security, plans kept):

- *its own question*: the very statement and values that the list asked, taken from a request.
- *a plain list*: twenty open referrals of the sender by their day with the names beside them and one count by state;
  what a list without boxes, filters and turns would ask. Nobody could work with it; nothing is promised.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import uvloop

from benchmarks.figures import Figure
from benchmarks.running import command, free_port, seconds_until

TASKS, OFFERS, PEOPLE, ASKED, WARM = 10_000, 200, 40, 60, 8
_FILL = """with made as (
 select gen_random_uuid() as request, gen_random_uuid() as task, n,
  (array['sent','sent','sent','sent','info_needed','waitlisted','accepted','scheduled','in_progress','on_hold'])
   [1 + n % 10] as state,
  $3::uuid[] as people, $4::uuid[] as offers, $5::uuid[] as bases from generate_series(1, $6::int) n),
requests as (
 insert into referral_request (id, sender, participant, case_code, need, priority, keeper, made_at)
 select request, $1, people[1 + n % cardinality(people)], 'P-' || n, 'prawo',
  (array['ordinary','ordinary','ordinary','priority','urgent'])[1 + n % 5], $2, now() - n * interval '1 minute'
 from made returning id),
tasks as (
 insert into referral_task (id, number, request, participant, sender, receiver, offer, basis, state, version, access,
  keeper, made_at, sent_at, clock, due_on, escalate_on, expire_on)
 select m.task, '2025/' || m.n, m.request, m.people[1 + m.n % cardinality(m.people)], $1, o.institution, o.id,
  m.bases[1 + m.n % cardinality(m.bases)], m.state, 2, 'summary', $2, now() - m.n * interval '1 minute', now(), 'RCV',
  current_date + (m.n % 40) - 5, current_date + 20, current_date + 30
 from made m join offer o on o.id = m.offers[1 + m.n % cardinality(m.offers)] returning id, state, made_at)
insert into task_event (id, task, at, verb, before, after, party, channel, version, facts)
select gen_random_uuid(), m.task, now() - m.n * interval '1 minute', step.verb, '', m.state, 'SND', 'self',
 step.version, '{}' from made m, (values ('create', 1), ('send', 2)) as step (verb, version)"""
_PLAIN = """select t.id, t.number, q.case_code, q.priority, t.state, t.due_on, o.title, r.name,
 (select json_object_agg(state, number) from (select state, count(*) as number from referral_task
  where sender = $1 and state not in ('declined', 'withdrawn', 'expired', 'not_delivered', 'delivered', 'void')
  group by state) s)::text as counts
from referral_task t join referral_request q on q.id = t.request join offer o on o.id = t.offer
join institution r on r.id = t.receiver
where t.sender = $1 and t.state not in ('declined', 'withdrawn', 'expired', 'not_delivered', 'delivered', 'void')
order by t.due_on, t.made_at limit 20"""


def run() -> list[Figure]:
    """Half of all answers come within p50 milliseconds; ours beside both bare questions."""
    from referral_hub.commands.opened import database, hub
    from referral_hub.settings import settings

    async def measure() -> list[float]:
        async with hub(urls, largest=4):
            return await _measured(urls.owner)

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o711)  # for root's service user
        os.environ["REFERRAL_HUB_DATA_DIR"] = str(Path(folder) / "data")
        settings.cache_clear()
        with database() as urls:
            listed, paged, own, plain = uvloop.run(measure())
    return [
        Figure("worklist of 10,000 open referrals, p50", listed, "ms"),
        Figure("its page over HTTP, p50", paged, "ms"),
        Figure("its own question, bare", own, "ms"),
        Figure("a plain list, bare", plain, "ms"),
        Figure("worklist against its own question", listed / own, "ratio", at_most=3, goal=2.5),
        Figure("its page over HTTP against that question", paged / own, "ratio"),
        Figure("worklist against a plain list", listed / plain, "ratio"),
    ]


async def _measured(owner_url: str) -> list[float]:
    from referral_hub.accounts.permissions import Permission
    from referral_hub.app import make_app
    from referral_hub.caseload.listing import listing
    from referral_hub.database.pool import connect_options

    owner = await asyncpg.connect(**connect_options(owner_url))
    # The list's own transaction keeps its plans, so the bare question may as well.
    await owner.execute("set plan_cache_mode to force_generic_plan")
    transport = httpx.ASGITransport(app=make_app(lifespan=False))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as web:
        actor = (await _network(web, owner)).acting_for(Permission.REFERRAL_READ)
        statement, values = await _as_asked(web)
        port = free_port()
        with command("serve", "--port", str(port), "--workers", "1") as server:
            await asyncio.to_thread(seconds_until, server, f"http://127.0.0.1:{port}/health/live")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies=dict(web.cookies)) as far:

                async def the_list() -> None:
                    assert len((await listing(actor, {}, "pl")).rows) == 20

                async def page() -> None:
                    answer = await far.get("/referrals")
                    assert answer.status_code == 200, answer.status_code

                async def own_question() -> None:
                    assert len(await owner.fetch(statement, *values)) == 20

                async def plain() -> None:
                    assert len(await owner.fetch(_PLAIN, actor.institution)) == 20

                times = await _in_turn(the_list, page, own_question, plain)
    await owner.close()
    return [statistics.median(column) * 1000 for column in times]


async def _in_turn(*works: Callable[[], Awaitable[None]]) -> list[list[float]]:
    """Seconds of each, one after the other, so that what disturbs the machine disturbs all."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(WARM + ASKED):
        for column, work in zip(times, works, strict=True):
            started = time.perf_counter()
            await work()
            if number >= WARM:
                column.append(time.perf_counter() - started)
    return times


async def _as_asked(web: httpx.AsyncClient) -> tuple[str, tuple[Any, ...]]:
    """The worklist's own statement and values, as one request sends them."""
    from referral_hub.database.pool import ENGINE

    assert ENGINE.pool is not None
    seen: list[tuple[str, tuple[Any, ...]]] = []

    def note(query: Any) -> None:
        if query.query.startswith("with seen as"):
            seen.append((query.query, tuple(query.args)))

    held = [await ENGINE.pool.acquire() for _ in range(ENGINE.pool.get_max_size())]
    for sql in held:
        sql.add_query_logger(note)
        await ENGINE.pool.release(sql)
    await web.get("/referrals")
    await asyncio.sleep(0)
    assert len(seen) == 1, "the worklist is one question"
    return seen[0]


async def _network(web: httpx.AsyncClient, owner: asyncpg.Connection) -> Any:
    """A club with its network and the referrals; the caseworker signed in."""
    from referral_hub.participants.actions import register
    from referral_hub.referrals.actions import draft
    from tests.build import make_agreement, make_institution, make_offer, sign_in_as

    club = await make_institution("Klub", kind="kis", club=True)
    await make_agreement(club)
    actor = await sign_in_as(web, club, "caseworker")
    offers = [await make_offer(await make_institution(f"Partner {number}"), free=5) for number in range(OFFERS)]
    people = [
        (await register(actor=actor, label=f"Osoba {n}", sex="K", contact="600 700 800")).id for n in range(PEOPLE)
    ]
    basis = {"kind": "consent", "ground": "zgoda", "given_how": "signed"}
    for person, offer in zip(people, offers, strict=False):
        await draft(actor=actor, person=person, offer=offer, need="prawo", basis=basis)
    bases = [row["id"] for row in await owner.fetch("select id from legal_basis")]
    await owner.execute(_FILL, club, actor.account, people, offers, bases, TASKS)
    await owner.execute("analyze")
    return actor


if __name__ == "__main__":
    for figure in run():
        print(f"{figure.name:44} {figure.value:10.2f} {figure.unit:6} {figure.promise}")
