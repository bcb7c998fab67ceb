"""The foundation carries: transactions, sealing, the audit trail, jobs, row-level security, sessions."""

from datetime import timedelta

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.actions import add_account, set_password, sign_in
from referral_hub.accounts.links import link_of_secret
from referral_hub.accounts.sessions import actor_of_session
from referral_hub.audit.actions import first_break, record, seal_trail
from referral_hub.audit.events import Event
from referral_hub.database.columns import blind_index, new_id, seal, unseal
from referral_hub.database.transaction import PUBLIC, SYSTEM, Scope, transaction
from referral_hub.errors import Refused, TooMany
from referral_hub.jobs.actions import enqueue, run_all
from tests.build import make_institution

pytestmark = pytest.mark.anyio


def test_ids_say_version_seven_and_do_not_repeat() -> None:
    ids = [new_id() for _ in range(50)]
    assert {one.version for one in ids} == {7}
    assert len(set(ids)) == 50


def test_sealed_text_opens_and_notices_a_change() -> None:
    sealed = seal("Żaneta Próbna")
    assert unseal(sealed) == "Żaneta Próbna"
    assert seal("Żaneta Próbna") != sealed
    with pytest.raises(ValueError, match="changed"):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert blind_index(" Jan  KOWAL ") == blind_index("jan kowal") != blind_index("jan kowal 2")


async def test_a_refused_change_leaves_nothing_behind(database: asyncpg.Connection) -> None:
    async def fail_late() -> None:
        async with transaction(SYSTEM) as sql:
            await record(Event.TERM_ADD, by=SYSTEM)
            await enqueue("nothing", {})
            assert await sql.fetchval("select count(*) from job") == 1
            raise LookupError

    with pytest.raises(LookupError):
        await fail_late()
    assert await database.fetchval("select count(*) from job") == 0
    assert await database.fetchval("select count(*) from audit_event") == 0


async def test_the_scope_ends_with_its_transaction(database: asyncpg.Connection) -> None:
    outer = Scope(kind="account", role="caseworker", institution=new_id())
    async with transaction(outer) as sql:
        async with transaction(SYSTEM) as inner:
            assert await inner.fetchval("select hub_kind()") == "system"
        assert await sql.fetchval("select hub_institution()") == outer.institution
    assert await database.fetchval("select hub_kind()") == PUBLIC.kind


async def test_the_trail_is_sealed_and_cannot_be_rewritten(database: asyncpg.Connection) -> None:
    async with transaction(SYSTEM):
        for _ in range(3):
            await record(Event.TERM_EDIT, by=SYSTEM, facts={"code": "praca"})
    assert await seal_trail() == 3
    assert await first_break() is None
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(SYSTEM) as sql:
            await sql.execute("update audit_event set facts = '{}'")


async def test_a_line_put_into_the_sealed_trail_is_found(database: asyncpg.Connection) -> None:
    async with transaction(SYSTEM) as sql:
        await record(Event.TERM_EDIT, by=SYSTEM)
        await record(Event.TERM_EDIT, by=SYSTEM)
        await seal_trail()
        await sql.execute("update audit_event set chain = 'x' where position = 2")
    assert await first_break() == 2


async def test_jobs_run_once_and_a_failure_waits(database: asyncpg.Connection) -> None:
    done: list[dict[str, object]] = []

    async def good(payload: dict[str, object]) -> None:
        done.append(payload)

    async def bad(payload: dict[str, object]) -> None:
        raise RuntimeError("no")

    async with transaction(SYSTEM):
        await enqueue("good", {"a": 1}, key="k")
        await enqueue("good", {"a": 1}, key="k")
        await enqueue("bad", {})
    assert await run_all({"good": good, "bad": bad}) == 2
    assert done == [{"a": 1}]
    assert await run_all({"good": good, "bad": bad}) == 0
    waiting = await database.fetchrow("select attempts, error, done_at from job where name = 'bad'")
    assert (waiting["attempts"], waiting["error"], waiting["done_at"]) == (1, "RuntimeError", None)
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert await run_all({"good": good, "bad": bad}) == 1


async def test_sign_in_gives_a_new_session_and_locks_after_many_tries(database: asyncpg.Connection) -> None:
    institution, password = await make_institution(), "dwanaście znaków"
    await add_account(
        "Ola@Example.org",
        institution=institution,
        roles=["caseworker", "coordinator"],
        by=SYSTEM,
        password=password,
    )
    first, second = await sign_in("ola@example.org", password), await sign_in("ola@example.org", password)
    assert first != second
    actor = await actor_of_session(first)
    assert actor is not None
    assert (actor.institution, actor.roles) == (institution, ("caseworker", "coordinator"))
    assert await actor_of_session(first[:-1] + "_") is None
    for _ in range(5):
        with pytest.raises(Refused):
            await sign_in("ola@example.org", "nie to hasło tutaj")
    with pytest.raises(TooMany):
        await sign_in("ola@example.org", password)


async def test_an_address_without_an_account_waits_like_one_with(database: asyncpg.Connection) -> None:
    institution, password = await make_institution(), "dwanaście znaków"
    email = "jest-konto@example.org"
    await add_account(email, institution=institution, roles=["caseworker"], by=SYSTEM, password=password)

    async def told(address: str) -> list[tuple[str, object]]:
        answers: list[tuple[str, object]] = []
        for _ in range(7):
            with pytest.raises((Refused, TooMany)) as refused:
                await sign_in(address, "nie to hasło tutaj")
            answers.append((refused.value.code, refused.value.facts))
        return answers

    with clock.at(clock.now()):
        known, stranger = await told(email), await told("nie-ma-konta@example.org")
    assert known == stranger
    assert known[-1][0] == "sign_in_locked"


async def test_a_password_link_works_once_also_for_two_who_opened_it(database: asyncpg.Connection) -> None:
    institution, first = await make_institution(), "pierwsze hasło 1"
    _, secret = await add_account("dwa@example.org", institution=institution, roles=["dpo"], by=SYSTEM)
    assert secret is not None
    link = await link_of_secret("s", secret)
    assert link is not None
    await set_password(link, first)
    with pytest.raises(Refused, match="link_used"):
        await set_password(link, "drugie hasło 222")
    assert await sign_in("dwa@example.org", first)


async def test_another_institution_sees_no_participant_row(database: asyncpg.Connection) -> None:
    mine, theirs = await make_institution("Mój"), await make_institution("Inny")
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """insert into participant (id, institution, case_code, label_sealed, label_index, made_at, last_used_at)
            values ($1, $2, 'A-1', $3, $4, $5, $5)""",
            new_id(),
            mine,
            seal("x"),
            blind_index("x"),
            clock.now(),
        )
    for scope, seen in (
        (Scope(kind="account", role="caseworker", institution=mine), 1),
        (Scope(kind="account", role="caseworker", institution=theirs), 0),
        (Scope(kind="account", role="coordinator", institution=mine), 0),
        (Scope(kind="account", role="admin", institution=mine), 0),
        (PUBLIC, 0),
    ):
        async with transaction(scope) as sql:
            assert await sql.fetchval("select count(*) from participant") == seen, scope
