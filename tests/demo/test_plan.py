"""The plan of invented referrals: the same for a seed, whole, and never ahead of its time."""

from datetime import UTC, datetime, timedelta

import pytest

from referral_hub.demo.open_cases import plan
from referral_hub.demo.plan import DECLINES, fits, kind_of
from referral_hub.referrals.states import Verb

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def test_same_seed_gives_the_same_plan() -> None:
    assert plan(200, NOW, 5) == plan(200, NOW, 5)
    assert plan(200, NOW, 5) != plan(200, NOW, 6)


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(days=1), NOW - timedelta(days=76), NOW + timedelta(days=150)])
def test_plan_has_every_verb_and_every_reason_whenever_the_demo_starts(now: datetime) -> None:
    stories = plan(600, now, 1)
    assert len(stories) == 600
    verbs = {step.verb for story in stories for step in story.steps}
    clocks = {Verb.CREATE, Verb.ESCALATE, Verb.REROUTE}
    assert verbs == {verb.value for verb in Verb if verb not in clocks}
    assert any(story.follows for story in stories)
    reasons = {step.fields["reason"] for story in stories for step in story.steps if step.verb == "decline"}
    assert reasons >= set(DECLINES)
    assert {step.channel for story in stories for step in story.steps} == {"self", "phone", "person"}
    assert any(story.feedback for story in stories)


def test_nothing_happens_after_now_or_before_eighteen_months() -> None:
    for story in plan(600, NOW, 1):
        assert NOW - timedelta(days=560) < story.started <= NOW
        moments = [story.started, *(step.at for step in story.steps)]
        assert moments == sorted(moments)
        assert moments[-1] <= NOW


def test_only_invented_institutions_answer_and_offers_fit_their_person() -> None:
    for story in plan(600, NOW, 1):
        assert fits(story.offer, story.person, story.need)
        assert story.offer.state != "real"
        assert kind_of(story.offer.at)


def test_a_next_try_follows_a_refusal_planned_earlier() -> None:
    stories = plan(600, NOW, 1)
    known = {}
    for story in stories:
        if story.follows is not None:
            before = known[story.follows]
            assert before.steps[-1].verb in ("decline", "expire")
            assert before.steps[-1].at < story.started
            assert before.person == story.person
        known[story.nr] = story
