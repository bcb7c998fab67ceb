"""An address told after an accepted referral stands on that referral's page and the person's own, nowhere before."""

from datetime import date
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub.accounts.actions import sign_in
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound
from referral_hub.matching.queries import offered
from referral_hub.referrals.queries import referral
from referral_hub.referrals.whereabouts import whereabouts
from tests.build import PASSWORD, actor_for, make_site
from tests.referrals.scene import Scene, make_scene

pytestmark = pytest.mark.anyio
STREET = "ul. Wiadoma Po Zgodzie 5"


async def discreet_scene(database: asyncpg.Connection) -> Scene:
    scene = await make_scene(free=3)
    site = await make_site(scene.partner, street=STREET, travel="od rynku w lewo", address_visibility="accepted")
    await database.execute("insert into offer_site (id, offer, site) values ($1, $2, $3)", new_id(), scene.offer, site)
    return scene


async def told(scene: Scene, task: UUID) -> tuple[bool, bool, bool]:
    """Whether the sender's caseworker, the person, and the coordinator of the club are told the street."""
    _, link = await make_link("p", by=SYSTEM, subject=scene.person)
    coordinator = await actor_for(scene.club, "coordinator")
    caseworker, person, other = [
        await street(task, one) for one in (scene.caseworker, actor_of_link(link), coordinator)
    ]
    return caseworker, person, other


async def street(task: UUID, actor: Actor) -> bool:
    """Whether the part stands on this actor's page of the referral, where it has one."""
    try:
        part = await whereabouts(await referral(actor, task, open_person=False), actor, "pl")
    except NotFound:
        return False
    return part is not None and part.facts["places"][0]["street"] == STREET


async def test_the_address_is_told_from_the_acceptance_to_the_end(database: asyncpg.Connection) -> None:
    scene = await discreet_scene(database)
    task = await scene.draft()
    assert await told(scene, task) == (False, False, False)
    await scene.move(task, "send")
    assert await told(scene, task) == (False, False, False)
    await scene.move(task, "accept", by=scene.intake)
    assert await told(scene, task) == (True, True, False)
    await scene.move(task, "fail", {"reason": "no_show"}, by=scene.intake)
    assert await told(scene, task) == (False, False, False)


async def test_another_institution_s_caseworker_is_not_told(database: asyncpg.Connection) -> None:
    scene = await discreet_scene(database)
    task = await scene.accepted()
    other = await make_scene()
    assert other.caseworker.may(Permission.REFERRAL_SEND)
    assert not await street(task, other.caseworker)


async def test_the_composer_knows_the_gmina_only(database: asyncpg.Connection) -> None:
    scene = await discreet_scene(database)
    found = await offered(scene.offer, None, (50.0, 20.0), date(2026, 11, 23))
    assert found is not None
    site = found.offered.site
    assert site is not None
    assert (site.street, site.travel, site.place) == ("", "", "Tarnów")
    assert (site.lat, site.lon) != (50.0121, 20.9858)


async def test_both_pages_show_it(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    scene = await discreet_scene(database)
    task = await scene.accepted()
    email = await database.fetchval("select email from account where id = $1", scene.caseworker.account)
    web.cookies.set(COOKIE, await sign_in(email, PASSWORD))
    assert STREET in (await web.get(f"/referrals/{task}")).text
    web.cookies.clear()
    secret, _ = await make_link("p", by=SYSTEM, subject=scene.person)
    page = await web.get(f"/p/{secret}", follow_redirects=True)
    # The page opened by link alone names nothing; the code from the card opens the names.
    assert page.status_code == 200
    assert STREET not in page.text
