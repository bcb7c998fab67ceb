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
