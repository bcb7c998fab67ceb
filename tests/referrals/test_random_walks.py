"""Whoever does whatever is open, in whatever order: nothing breaks, and places, views and history stay true."""

import contextlib
from datetime import timedelta
from random import Random
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.moves import OpenMove
from referral_hub.referrals.queries import referral
from referral_hub.referrals.reasons import choices
from referral_hub.referrals.states import FINAL
from referral_hub.referrals.sweep import run_clocks
from tests.build import actor_for, make_offer
from tests.referrals.scene import ALONE, CONSENT, Scene, make_scene, places_of, row_of, rows, value

pytestmark = pytest.mark.anyio
STEPS = 14
_VIEWS = {"none": set(), "summary": {"case_code", "need", "priority"}, "own_record": {"case_code"}}


def fill(move: OpenMove, rng: Random, other_offer: object) -> dict[str, object]:
    """Fields that fit the move's needs."""
    fields: dict[str, object] = {}
    for need in move.row.needs:
        if need.type == "basis":
            if move.row.verb == "reroute" and move.row.by == "SND":
                fields[need.name] = CONSENT
            continue
        if not need.required and need.name not in ("position", "outcome", "reason"):
            continue
        today = clock.today()
        fields[need.name] = {
            "text": "słowa",
            "date": (today + timedelta(days=5 if need.name == "review_on" else 0)).isoformat(),
            "moment": today.isoformat(),
            "whole": 2,
            "hours": 1,
            "id": str(other_offer),
            "code": rng.choice([code for code in choices(need, move.row) or [] if code != "other"] or ["came"]),
        }[need.type]
    return fields


async def check(scene: Scene, task: UUID, moved: bool, before: int) -> None:
    row = await row_of(task)
    assert row["version"] == before + moved
    held = await value("select count(*) from hold where offer = $1 and state = 'held'", scene.offer)
    taken = await value("select count(*) from hold where offer = $1 and state = 'taken'", scene.offer)
    _, counted, since = await places_of(scene.offer)
    assert (counted, since) == (held, taken)
    lines = await rows("select after, version from task_event where task = $1 order by version", task)
    assert [line["version"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["after"] == row["state"]
    if row["state"] in FINAL or row["sharing_ended"]:
        assert row["access"] in ("none", "own_record")
    if row["sent_at"] is not None and not row["no_data"]:
        seen = (await referral(scene.intake, task)).person
        assert set(seen) == _VIEWS.get(row["access"], set(seen))
        assert ("label" in seen) is (row["access"] == "disclosed")


async def open_to(actor: Actor, task: UUID) -> list[tuple[Actor, OpenMove]]:
    """What this actor may do now; nothing where the task is not theirs to see. A void ends a walk too early."""
    with contextlib.suppress(NotFound):
        return [(actor, move) for move in (await referral(actor, task)).moves if move.row.verb != "void"]
    return []


async def attempt(
    scene: Scene, task: UUID, actor: Actor, move: OpenMove, rng: Random, other: UUID
) -> tuple[UUID | None, str]:
    fields, channel = fill(move, rng, other), rng.choice(move.channels)
    try:
        return await scene.move(task, move.row.verb, fields, by=actor, channel=channel), ""
    except Refused as refusal:
        return None, refusal.code


@pytest.mark.parametrize("seed", range(12))
async def test_any_walk_of_open_moves_keeps_the_sums(database: asyncpg.Connection, seed: int) -> None:
    rng = Random(seed)
    scene = await make_scene(free=rng.choice((None, 1, 3)), keeps_place_on_hold=rng.random() < 0.5)
    coordinator = await actor_for(scene.club, "coordinator")
    other = await make_offer(scene.partner, free=2)
    actors: list[Actor] = [scene.caseworker, scene.intake, coordinator, await scene.participant()]
    task: UUID = await scene.draft(basis=ALONE if seed % 4 == 3 else CONSENT)
    made = 0
    for _ in range(STEPS):
        if rng.random() < 0.1:
            with clock.at(clock.now() + timedelta(days=rng.choice((3, 30)))):
                await run_clocks()
        options = [one for actor in actors for one in await open_to(actor, task)]
        if not options:
            break
        actor, move = rng.choice(options)
        before = (await row_of(task))["version"]
        after, code = await attempt(scene, task, actor, move, rng, other)
        # An open move may still meet a check of its fields, or find the last place gone.
        assert code in {"", "basis_is_valid", "offer_is_sendable", "no_place"}, (move.row.number, code)
        await check(scene, task, after is not None, before)
        made += after is not None
        task = after or task
    assert made >= 2
