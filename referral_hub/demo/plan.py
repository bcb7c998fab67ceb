"""The plan of invented referrals over eighteen months: the same seed and day give the same plan."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import cache
from random import Random

import msgspec

from referral_hub.clock import WARSAW
from referral_hub.demo import stories
from referral_hub.demo.network import Offer, Person, institutions, offers, people
from referral_hub.demo.stories import Step, Thread
from referral_hub.participants.basis import usual_ground
from referral_hub.referrals.clocks import DEFAULT

MONTHS = 18
Script = Callable[[Thread, str], None]

DECLINES = {
    "no_capacity": 6.0,
    "not_eligible": 2.0,
    "out_of_area": 1.2,
    "wrong_service": 1.2,
    "needs_exceed_service": 1.0,
    "duplicate": 1.0,
    "could_not_contact": 1.0,
    "declined_by_person": 1.0,
    "need_met_elsewhere": 0.7,
    "no_longer_possible": 0.7,
    "other": 0.7,
}
SCRIPTS: dict[str, tuple[float, Script]] = {
    "helped": (27.0, stories.helped),
    "helped_short": (15.0, stories.helped_short),
    "known_from_person": (7.0, stories.known_from_person),
    "went_alone": (8.0, stories.went_alone),
    "asked_first": (5.0, stories.asked_first),
    "waited": (5.0, stories.waited),
    "did_not_come": (6.0, stories.did_not_come),
    "paused": (3.0, stories.paused),
    "declined_late": (1.5, stories.declined_late),
    "withdrawn": (2.5, stories.withdrawn),
    "withdrawn_by_person": (1.0, stories.withdrawn_by_person),
    "consent_withdrawn_early": (1.0, stories.consent_withdrawn_early),
    "consent_withdrawn_late": (1.0, stories.consent_withdrawn_late),
    "cancelled": (1.0, stories.cancelled),
    "kept": (1.0, stories.kept),
    "amended": (1.0, stories.amended),
    "silent": (3.0, stories.silent),
    "entered_in_error": (1.0, stories.entered_in_error),
    **{f"declined:{code}": (weight, stories.declined_for(code)) for code, weight in DECLINES.items()},
}
BY_CONSENT = {"consent_withdrawn_early", "consent_withdrawn_late"}
"""Scripts that only make sense where sharing rests on consent."""
ALONE = {"went_alone", "alone_open"}
WORDS = ("", "", "", "Dziękuję, bardzo pomogło.", "Długo czekałem na termin.", "Miła pani w okienku.")


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One referral to make: drafted at `started`, then `steps`; `follows` is the nr it replaces.

    `ground` is a code of `participants.basis.GROUNDS`; `feedback` is got_help, treated_well, words.
    """

    nr: int
    script: str
    person: Person
    offer: Offer
    need: str
    priority: str
    ground: str
    started: datetime
    steps: tuple[Step, ...]
    follows: int | None = None
    feedback: tuple[str, str, str] | None = None


Choices = list[tuple[str, Offer]]


@cache
def kind_of(key: str) -> str:
    """The institution kind behind a key of the files."""
    return next(institution.kind for institution in institutions() if institution.key == key)


def office_hour(day: datetime, rng: Random) -> datetime:
    """Some minute of an office day: that day, or the Friday before a weekend."""
    moved = day.astimezone(WARSAW).date()
    while moved.weekday() > 4:
        moved -= timedelta(days=1)
    return datetime.combine(moved, time(rng.randint(8, 15), rng.randint(0, 59)), WARSAW)


def fits(offer: Offer, person: Person, need: str) -> bool:
    """Whether a sensible caseworker would think of this offer for this person and need."""
    if need not in offer.needs or offer.at == person.owner:
        return False
    if offer.sex and offer.sex != person.sex:
        return False
    return not offer.area or any(person.terc.startswith(area) for area in offer.area)


def choices(person: Person) -> Choices:
    """What could be sought for a person: (need, offer).

    Only invented institutions receive: the demonstration invents nothing about how real ones answer.
    """
    invented = {institution.key for institution in institutions() if institution.is_example}
    return [
        (need, offer)
        for need in person.needs
        for offer in offers()
        if offer.at in invented and offer.age_max is None and fits(offer, person, need)
    ]


def ground_of(script: str, person: Person, offer: Offer) -> str:
    """The usual ground of the pair; consent where the script needs one, none for a person who goes alone."""
    if script in ALONE:
        return "bez_danych"
    if script in BY_CONSENT:
        return "zgoda"
    if "kryzys" in offer.needs and offer.form == "schronienie" and "przemoc" in person.needs:
        return "zywotny_interes"
    return usual_ground(kind_of(person.owner), kind_of(offer.at)).code


def _feedback(steps: Iterable[Step], rng: Random) -> tuple[str, str, str] | None:
    if not any(step.verb == "deliver" for step in steps) or rng.random() > 0.45:
        return None
    got = rng.choices(("yes", "partly", "no"), (7, 2, 1))[0]
    treated = rng.choices(("yes", "partly", "no", "no_answer"), (8, 1, 1, 1))[0]
    return got, treated, rng.choice(WORDS)


def story(
    script: str, person: Person, pair: tuple[str, Offer], started: datetime, rng: Random, run: Script | None
) -> Story:
    """One story, not numbered yet; `run` None leaves it a draft."""
    need, offer = pair
    priority = rng.choices(("ordinary", "priority", "urgent"), (8, 2, 1))[0]
    line = Thread(started, rng, times=DEFAULT.times(priority, kind_of(offer.at)))
    if run is not None:
        line.do("SND", "send")
        run(line, need)
    return Story(
        nr=0,
        script=script,
        person=person,
        offer=offer,
        need=need,
        priority=priority,
        ground=ground_of(script, person, offer),
        started=started,
        steps=tuple(line.steps),
        feedback=_feedback(line.steps, rng),
    )


def _suited(script: str, found: Choices, rng: Random) -> tuple[str, Offer]:
    """Refusals for lack of places come from full offers; the rest goes to offers with places."""
    full = script == "declined:no_capacity"
    wanted = [pair for pair in found if (pair[1].state == "full") == full]
    if script == "silent":
        wanted = [pair for pair in found if pair[1].state in ("old", "silent", "ask")] or wanted
    return rng.choice(wanted or found)


def _again(before: Story, found: Choices, rng: Random) -> Story | None:
    """The next try after a refusal: another institution for the same need, a day or two later."""
    others = [
        pair for pair in found if pair[0] == before.need and pair[1].at != before.offer.at and pair[1].state != "full"
    ]
    started = office_hour(before.steps[-1].at + timedelta(days=rng.randint(1, 5)), rng)
    if not others or started <= before.steps[-1].at:
        return None
    script = rng.choice(("helped", "helped_short", "known_from_person"))
    next_try = story(script, before.person, rng.choice(others), started, rng, SCRIPTS[script][1])
    return msgspec.structs.replace(next_try, follows=before.nr)


def finished(count: int, now: datetime, rng: Random) -> list[Story]:
    """Stories that mostly had time to end, more of them lately than long ago; numbered from 1."""
    found = {person.key: choices(person) for person in people()}
    persons = [person for person in people() if found[person.key]]
    names = list(SCRIPTS)
    weights = [SCRIPTS[name][0] for name in names]
    owed = list(names)
    made: list[Story] = []

    def add(one: Story) -> None:
        made.append(msgspec.structs.replace(one, nr=len(made) + 1))

    while len(made) < count:
        days_ago = 30.4 * MONTHS * (1 - rng.random() ** 0.75) + 3
        person = rng.choice(persons)
        script = rng.choices(names, weights)[0]
        if owed:  # each script once, long enough ago to have ended
            script, days_ago = owed.pop(), max(days_ago, 120)
        pair = _suited(script, found[person.key], rng)
        started = office_hour(now - timedelta(days=days_ago), rng)
        add(story(script, person, pair, started, rng, SCRIPTS[script][1]))
        if len(made) < count and made[-1].steps[-1].verb in ("decline", "expire") and rng.random() < 0.7:
            again = _again(made[-1], found[person.key], rng)
            if again and again.started < now:
                add(again)
    return made
