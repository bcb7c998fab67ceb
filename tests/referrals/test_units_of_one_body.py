"""Another unit of the same legal person: nothing goes to another controller, and every reading is logged."""

from uuid import UUID

import httpx
import pytest

from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.queries import referral
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referrals.scene import CONSENT, LABEL, Scene, in_days, make_scene, row_of, rows, state_of, value

pytestmark = pytest.mark.anyio
INSIDE = {"kind": "internal", "fields": ["label", "contact"]}


@pytest.fixture
async def scene(database: None) -> Scene:
    return await make_scene()


async def a_unit(scene: Scene, *, under: UUID | None = None) -> UUID:
    """A unit below the club (or below `under`) with an offer; no agreement is recorded for it."""
    unit = await make_institution("Dział Wsparcia", kind="ops_dzial", parent=under or scene.club)
    return await make_offer(unit, free=2)


async def of(offer: UUID) -> UUID:
    return UUID(str(await value("select institution from offer where id = $1", offer)))


async def test_a_unit_below_or_beside_is_the_same_body_and_no_disclosure_is_noted(scene: Scene) -> None:
    offer = await a_unit(scene)
    task = await scene.draft(offer=offer, basis={**INSIDE, "until": in_days(3)})
    assert (await row_of(task))["internal"]
    await scene.move(task, "send")
    unit = await actor_for(await of(offer), "partner_intake")
    await scene.move(task, "accept", by=unit)
    assert await value("select count(*) from disclosure where task = $1 and kind = 'passed'", task) == 0
    seen = await referral(unit, task)
    assert seen.person["label"] == LABEL
    assert not seen.unbound
    (line,) = await rows("select institution, fields from disclosure where task = $1 and kind = 'opened'", task)
    assert line["institution"] == await of(offer)
    (basis,) = await rows("select article_9_10, until from legal_basis where kind = 'internal'")
    assert tuple(basis.values()) == ("", None), "nothing is disclosed to another body, so nothing runs out"


async def test_two_units_under_one_and_one_tax_number_are_one_body(scene: Scene) -> None:
    body = await make_institution("Miasto", kind="jst")

    async def inside(offer: UUID) -> bool:
        return bool((await row_of(await scene.draft(offer=offer, basis=None)))["internal"])

    sister = await a_unit(scene, under=body)
    assert not await inside(sister)
    await rows("update institution set parent = $2 where id = $1", scene.club, body)
    assert await inside(sister)
    assert not await inside(scene.offer)
    for owner in (scene.club, scene.partner):
        await rows(
            "insert into institution_identifier (id, institution, scheme, value, source) "
            "values (gen_random_uuid(), $1, 'nip', '8730000000', '')",
            owner,
        )
    assert await inside(scene.offer)


async def test_another_body_is_not_declared_inside(scene: Scene) -> None:
    with pytest.raises(Refused) as refusal:
        await scene.draft(basis=INSIDE)
    assert [(one.field, one.code) for one in refusal.value.problems] == [("basis.kind", "receiver_is_another_body")]
    task = await scene.draft(basis=None)
    with pytest.raises(Refused):
        await scene.move(task, "send", {"basis": INSIDE})
    assert await state_of(task) == "draft"


async def test_what_was_not_sent_to_a_unit_stays_closed_to_it(scene: Scene) -> None:
    offer = await a_unit(scene)
    unit = await actor_for(await of(offer), "partner_intake")
    task = await scene.sent()
    inside = await scene.draft(offer=offer, basis=INSIDE)
    for one in (task, inside):
        with pytest.raises(NotFound):
            await referral(unit, one)
    await scene.move(inside, "send")
    assert (await referral(unit, inside)).person == {
        name: (await referral(unit, inside)).person[name] for name in ("case_code", "need", "priority")
    }


async def test_reroute_out_of_the_body_asks_for_a_basis(scene: Scene) -> None:
    task = await scene.sent(offer=await a_unit(scene), basis=INSIDE)
    unit = await actor_for((await row_of(task))["receiver"], "partner_intake")
    await scene.move(task, "decline", {"reason": "no_capacity"}, by=unit)
    new = await row_of(await scene.move(task, "reroute", {"offer": str(scene.offer)}))
    assert (new["internal"], new["basis"], new["replaces"]) == (False, None, task)
    with pytest.raises(Refused, match="basis_is_valid"):
        await scene.move(new["id"], "send")
    await scene.move(new["id"], "send", {"basis": CONSENT})


async def test_pages_say_it_in_words(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    offer = await a_unit(scene)
    task = await scene.draft(offer=offer, basis=None)
    check = (await web.get(f"/referrals/{task}/check")).text
    assert "ta sama osoba prawna" in check
    assert 'value="internal"' not in check
    kept = await web.post(
        f"/referrals/{task}/draft", data={"version": "1", "basis.kind": "preset", "basis.fields": ["label"]}
    )
    assert kept.status_code == 303
    assert await value("select kind from legal_basis") == "internal"
