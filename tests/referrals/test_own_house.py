"""One person sent to an offer of the own house: taken on where nobody else could answer, else it waits as any other."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft
from referral_hub.referrals.own_house import send_or_take_on
from tests.build import actor_for, make_offer
from tests.referrals.scene import CONSENT, Scene, make_scene, places_of, value

pytestmark = pytest.mark.anyio
INSIDE = {"kind": "internal", "fields": ["label"]}


@pytest.fixture
async def scene(database: None) -> Scene:
    return await make_scene()


async def sent(scene: Scene, person: UUID, offer: UUID, *, basis: Mapping[str, object] = INSIDE, why: str = "") -> str:
    """The state after sending a draft of the person, held back as a page holds it."""
    task = await draft(actor=scene.caseworker, person=person, offer=offer, need="prawo", basis=basis)
    fields = {"text": why} if why else {}
    reached, taken_on = await send_or_take_on(task, actor=scene.caseworker, version=1, fields=fields, hold_back=30)
    state = str(await value("select state from referral_task where id = $1", reached))
    assert taken_on == (state == "accepted")
    return state


async def test_one_person_is_taken_on_in_the_own_house_where_nobody_else_answers(scene: Scene) -> None:
    own = await make_offer(scene.club, "gr_wsparcia", "Własna grupa", free=1)
    assert await sent(scene, scene.person, own) == "accepted"
    assert await places_of(own) == (1, 0, 1)
    assert await value("select count(*) from referral_task where held_back") == 0
    another = (await register(actor=scene.caseworker, label="Osoba 2", sex="not_stated")).id
    assert await sent(scene, another, own, why="Ktoś zrezygnuje.") == "sent"


async def test_it_waits_where_somebody_of_the_house_answers_or_the_offer_is_of_another(scene: Scene) -> None:
    assert await sent(scene, scene.person, scene.offer, basis=CONSENT) == "sent"
    own = await make_offer(scene.club, "gr_wsparcia", "Własna grupa", free=1)
    await actor_for(scene.club, "partner_intake")
    assert await sent(scene, scene.person, own) == "sent"
    assert await value("select count(*) from referral_task where held_back") == 2
