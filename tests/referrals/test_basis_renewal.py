"""A consent that ran out is renewed on the same referral: a new basis, and access as the state allows; no more."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.errors import HubError, NotAllowed, Refused, Stale
from referral_hub.referrals.basis_renewal import renew_basis
from referral_hub.referrals.lapsing import end_run_out_sharing, warn_of_run_out
from referral_hub.referrals.worklist import worklist
from tests.build import actor_for, sign_in_as
from tests.referrals.scene import CONSENT, LABEL, Scene, in_days, make_scene, row_of, rows, value, version_of
from tests.referrals.walked import HOW

pytestmark = pytest.mark.anyio
AGAIN = {"kind": "consent", "ground": "zgoda", "given_how": "spoken", "fields": ["label", "needs"]}
SHORT = {**CONSENT, "until": in_days(3)}
# State → what the receiver is given back, and whose turn it is.
GIVEN_BACK = {
    "sent": ("summary", "RCV"),
    "info_needed": ("summary", "SND"),
    "waitlisted": ("summary", "RCV"),
    "accepted": ("disclosed", ""),
    "on_hold": ("disclosed", "RCV"),
    "cancel_requested": ("disclosed", "RCV"),
}


async def brought_to(scene: Scene, state: str, **changes: Any) -> Any:
    task = await scene.draft(basis=SHORT, **changes)
    for party, verb, fields in HOW[state]:
        by = {"SND": scene.caseworker, "RCV": scene.intake, "SYS": SYSTEM_ACTOR}[party]
        await scene.move(task, verb, fields, by=by)
    return task


async def renewed(scene: Scene, task: Any, basis: dict[str, Any] = AGAIN, **changes: Any) -> None:
    facts = {"actor": scene.caseworker, "version": await version_of(task), "basis": basis}
    await renew_basis(task, **{**facts, **changes})


async def test_what_ended_by_its_day_is_shared_again_as_far_as_the_state_allows(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=9)
    tasks = {state: await brought_to(scene, state) for state in GIVEN_BACK}
    olds = {state: (await row_of(task))["basis"] for state, task in tasks.items()}
    with clock.at(clock.now() + timedelta(days=4)):
        assert await end_run_out_sharing() == len(tasks)
        for state, task in tasks.items():
            assert (await scene.seen(task, scene.intake)).person == {}, state
            await renewed(scene, task)
            row = await row_of(task)
            assert (row["state"], row["access"], row["clock"]) == (state, *GIVEN_BACK[state])
            # Whoever is asked to cancel has its own clock, which went on meanwhile.
            assert state == "cancel_requested" or row["due_on"] is None or row["due_on"] > clock.today(), state
            assert not row["sharing_ended"]
            seen = (await scene.seen(task, scene.intake)).person
            # The contact was not agreed to this time.
            assert seen.get("label") == (LABEL if GIVEN_BACK[state][0] == "disclosed" else None), state
            assert "contact" not in seen
            line = (await rows("select * from disclosure where task = $1 and kind = 'passed' order by at, id", task))[
                -1
            ]
            assert line["basis"] == row["basis"] != olds[state]
    kept = await rows("select until, withdrawn_at from legal_basis where id = any($1)", list(olds.values()))
    assert {(row["until"], row["withdrawn_at"]) for row in kept} == {(clock.today() + timedelta(days=3), None)}
    # Whoever waits is looked at again on the day that was set.
    assert (await row_of(tasks["waitlisted"]))["review_on"] == clock.today() + timedelta(days=30)
    assert await value("select count(*) from audit_event where event = 'basis:renew'") == len(tasks)


async def test_nothing_is_renewed_over_a_withdrawal_the_end_or_somebody_elses_head(
    database: asyncpg.Connection,
) -> None:
    scene = await make_scene(free=9)
    taken_back = await brought_to(scene, "accepted")
    await scene.move(taken_back, "withdraw_consent", channel="person")
    open_one = await brought_to(scene, "accepted")
    coordinator = await actor_for(scene.club, "coordinator")
    refused: list[tuple[Any, dict[str, Any], type[HubError], str]] = [
        (taken_back, {}, Refused, "consent_was_withdrawn"),
        (await brought_to(scene, "delivered"), {}, Refused, "renewal_is_not_open"),
        (await scene.draft(), {}, Refused, "renewal_is_not_open"),
        (await scene.sent(basis={"kind": "no_data", "ground": ""}), {}, Refused, "renewal_is_not_open"),
        (open_one, {"actor": scene.intake}, NotAllowed, ""),
        (open_one, {"actor": coordinator}, NotAllowed, ""),
        (open_one, {"version": 1}, Stale, "stale"),
        (open_one, {"basis": {**AGAIN, "until": in_days(-1)}}, Refused, "invalid"),
        (open_one, {"basis": {"kind": "no_data", "ground": ""}}, Refused, "invalid"),
    ]
    for task, changes, error, code in refused:
        before = await row_of(task)
        with pytest.raises(error) as found:
            await renewed(scene, task, **changes)
        assert code in ("", found.value.code)
        assert dict(await row_of(task)) == dict(before)
    await rows("update participant set groups_sealed = null where id = $1 returning 1", scene.person)
    await renewed(scene, open_one)


async def test_the_page_warns_a_week_before_and_writes_down_what_was_agreed(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    await sign_in_as(web, scene.club, "caseworker")
    task = await brought_to(scene, "accepted")
    shown = (await web.get(f"/referrals/{task}")).text
    assert "Zgoda wygasa" in shown
    path = f"/referrals/{task}/basis"
    assert f'href="{path}"' in shown
    page = (await web.get(path)).text
    assert 'value="contact" checked' in page
    form = {"version": str(await version_of(task)), "key": "k-1", "basis.fields": "needs", "basis.until": in_days(-2)}
    wrong = await web.post(path, data=form)
    assert wrong.status_code == 422
    assert wrong.text.count('class="problem"') == 2, "how it was given, and a day that has passed"
    assert 'value="contact" checked' not in wrong.text
    form |= {"basis.given_how": "signed", "basis.until": in_days(200)}
    stale = await web.post(path, data={**form, "version": "1", "key": "k-0"})
    assert stale.status_code == 409
    assert f'value="{in_days(200)}"' in stale.text, "what was typed stands there still"
    for _ in range(2):
        assert (await web.post(path, data=form)).headers["location"].endswith("done=basis_renewed")
    assert await value("select count(*) from legal_basis where participant = $1", scene.person) == 2
    shown = (await web.get(f"/referrals/{task}?done=basis_renewed")).text
    assert "Zgoda wygasa" not in shown
    moments = (await scene.seen(task)).timeline
    assert [line.saw for line in moments if line.verb in ("accept", "basis_renewed")] == [
        ["case_code", "need", "priority", "label", "contact", "needs", "note"],
        ["case_code", "need", "priority", "needs"],
    ]


async def test_the_sender_is_told_once_before_and_sees_it_first_after(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await brought_to(scene, "sent")
    late = await scene.draft(basis={**CONSENT, "until": in_days(30)})
    await scene.move(late, "send")
    mails = "select count(*) from job where name = 'send_mail'"
    before = await value(mails)
    assert [await warn_of_run_out(), await warn_of_run_out()] == [1, 0]
    assert await value(mails) == before + 1
    assert [row.basis_until for row in (await worklist(scene.caseworker, box="waiting")).items if row.id == task] == [
        clock.today() + timedelta(days=3)
    ]
    with clock.at(clock.now() + timedelta(days=4)):
        assert await end_run_out_sharing() == 1
        assert [row.id for row in (await worklist(scene.caseworker, box="todo")).items] == [task]
        await renewed(scene, task, {**AGAIN, "until": in_days(8)})
        assert task not in [row.id for row in (await worklist(scene.caseworker, box="todo")).items]
    with clock.at(clock.now() + timedelta(days=6)):
        # Another basis, another word about it.
        assert await warn_of_run_out() == 1
