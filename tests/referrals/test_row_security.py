"""What the database itself refuses, whatever a query forgets to say."""

import asyncpg
import pytest

from referral_hub.database.transaction import Scope, transaction
from tests.referrals.scene import CONSENT, Scene, make_scene

pytestmark = pytest.mark.anyio


def _receivers(scene: Scene) -> tuple[Scope, ...]:
    return (
        Scope(kind="account", role="partner_intake", institution=scene.partner),
        Scope(kind="account", role="caseworker", institution=scene.partner),
    )


async def test_a_receiver_reads_the_person_and_cannot_change_or_remove_it(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted(basis=CONSENT)
    guest = Scope(kind="guest", role="guest", institution=scene.partner, task=task)
    for scope in (*_receivers(scene), guest):
        async with transaction(scope) as sql:
            assert await sql.fetchval("select count(*) from participant") == 1, scope
            assert await sql.execute("update participant set gmina = 'x'") == "UPDATE 0", scope
            assert await sql.execute("delete from participant") == "DELETE 0", scope
    person = Scope(kind="participant", role="participant", participant=scene.person)
    async with transaction(person) as sql:
        assert await sql.execute("update participant set gmina = 'x'") == "UPDATE 0"


async def test_a_draft_is_not_among_the_persons_referrals(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.draft()
    sent = await scene.sent()
    async with transaction(Scope(kind="participant", role="participant", participant=scene.person)) as sql:
        assert [row["id"] for row in await sql.fetch("select id from referral_task")] == [sent]


async def test_only_the_holder_of_a_link_is_told_its_task_or_its_person(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    for kind in ("public", "capacity", "account"):
        async with transaction(Scope(kind=kind, task=task, participant=scene.person)) as sql:
            for table in ("referral_task", "referral_request", "participant", "legal_basis", "task_event"):
                assert await sql.fetchval(f"select count(*) from {table}") == 0, (kind, table)


async def test_which_people_are_its_own_a_caseworkers_institution_alone_is_told_and_by_no_way_may_write(
    database: asyncpg.Connection,
) -> None:
    scene = await make_scene()
    await scene.sent()
    own = Scope(kind="account", role="caseworker", institution=scene.club)
    async with transaction(own) as sql:
        assert [row["id"] for row in await sql.fetch("select id from own_person")] == [scene.person]
    for scope in (*_receivers(scene), Scope(kind="account", role="coordinator", institution=scene.club), Scope()):
        async with transaction(scope) as sql:
            assert await sql.fetchval("select count(*) from own_person") == 0, scope
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(own) as sql:
            await sql.execute("delete from own_person")


async def test_the_data_protection_officer_reads_referrals_and_changes_none(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.sent()
    async with transaction(Scope(kind="account", role="dpo", institution=scene.club)) as sql:
        assert await sql.fetchval("select count(*) from referral_task") == 1
        assert await sql.execute("update referral_task set reason = 'x'") == "UPDATE 0"
        assert await sql.execute("delete from referral_task") == "DELETE 0"
