"""Which offers fit this person: coded reasons for, to ask about and against, with their points. Pure.

Nothing is hidden: an offer that does not fit is still answered for, with the reasons. Points only order the
list; the reasons are what a caseworker reads. Every term of the sum grows only with what is better for the
person, so a freed place, a fresher number or a shorter way never moves an offer down (see its tests).
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from referral_hub.directory.freshness import Freshness, suggested

NEAR_KM, FAR_KM = 10, 40
PLACES_COUNTED = 5


class Weight(StrEnum):
    """What a reason says: for the offer, a thing to ask about, or against it (then it does not fit)."""

    FOR = "for"
    ASK = "ask"
    AGAINST = "against"


class Reason(Struct, frozen=True):
    """One reason; its sentence is `fit.<code>` with `facts` in its gaps."""

    code: str
    weight: Weight
    points: int = 0
    facts: dict[str, object] = {}


class Person(Struct, frozen=True, kw_only=True):
    """What is known of the person for this choice; None and empty mean nobody said, never "no".

    `groups` are audience codes with everything above them, `forms` what answers the need (1 first, 2 next).
    """

    need: str
    forms: dict[str, int]
    gmina: str = ""
    sex: str = "not_stated"
    age: int | None = None
    therapy_stage: str = ""
    groups: frozenset[str] = frozenset()
    language: str = "pl"


class Conditions(Struct, frozen=True, kw_only=True):
    """Who may use an offer; None and empty mean no condition."""

    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    therapy_stages: frozenset[str] = frozenset()


class Candidate(Struct, frozen=True, kw_only=True):
    """One offer as matching sees it: `km` to its nearest site, `age_days` of the reading."""

    offer: UUID
    form: str
    needs: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    conditions: Conditions = Conditions()
    area: tuple[str, ...] = ()
    gminas: frozenset[str] = frozenset()
    remote: bool = False
    km: float | None = None
    freshness: Freshness = Freshness.UNKNOWN
    age_days: int | None = None
    available: int | None = None
    keeps_list: bool = False
    waiting: int | None = None
    waiting_days: int | None = None
    intake: str = "referral"
    languages: frozenset[str] = frozenset()
    name: str = ""


class Fit(Struct, frozen=True):
    """The answer for one offer: `fits` without a reason against, `suggested` when it may be put forward."""

    candidate: Candidate
    fits: bool
    suggested: bool
    points: int
    reasons: tuple[Reason, ...]

    def told(self, weight: Weight) -> tuple[Reason, ...]:
        """Reasons of one weight, in the order of the rules."""
        return tuple(reason for reason in self.reasons if reason.weight is weight)


def fit(person: Person, candidate: Candidate) -> Fit:
    """All reasons for and against one offer."""
    reasons = tuple(reason for rule in RULES for reason in rule(person, candidate))
    fits = all(reason.weight is not Weight.AGAINST for reason in reasons)
    put_forward = fits and suggested(candidate.freshness) and not _is_full(candidate)
    return Fit(candidate, fits, put_forward, sum(reason.points for reason in reasons), reasons)


def ranked(person: Person, candidates: Iterable[Candidate]) -> list[Fit]:
    """Every offer with its reasons: suggested ones first, then those that fit; best points first."""
    found = [fit(person, candidate) for candidate in candidates]
    return sorted(found, key=_place_in_list)


def _place_in_list(found: Fit) -> tuple[bool, bool, int, float, str, str]:
    candidate = found.candidate
    way = candidate.km if candidate.km is not None else float("inf")
    return (not found.suggested, not found.fits, -found.points, way, candidate.name, str(candidate.offer))


def _is_full(candidate: Candidate) -> bool:
    return candidate.available == 0


def answers_need(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """The offer names the need itself, or its form is one that answers it."""
    rank = person.forms.get(candidate.form)
    if person.need in candidate.needs:
        yield Reason("need_answered", Weight.FOR, 40)
    elif rank == 1:
        yield Reason("form_answers", Weight.FOR, 34)
    elif rank is not None:
        yield Reason("form_helps", Weight.FOR, 18)
    else:
        yield Reason("need_not_answered", Weight.AGAINST, -60)


def is_for_the_group(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """Groups are known only in part, so another audience is a thing to ask about, not a closed door."""
    if not candidate.audiences or "wykluczone" in candidate.audiences:
        return
    if candidate.audiences & person.groups:
        yield Reason("for_the_group", Weight.FOR, 8, {"audiences": sorted(candidate.audiences & person.groups)})
    elif person.groups:
        yield Reason("for_other_groups", Weight.ASK, -12, {"audiences": sorted(candidate.audiences)})
    else:
        yield Reason("group_to_check", Weight.ASK, 0, {"audiences": sorted(candidate.audiences)})


def has_the_age(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """Age from and to, both inclusive."""
    least, most = candidate.conditions.age_from, candidate.conditions.age_to
    if least is None and most is None:
        return
    facts: dict[str, object] = {"age_from": least, "age_to": most}
    if person.age is None:
        yield Reason("age_to_check", Weight.ASK, 0, facts)
    elif least is not None and person.age < least:
        yield Reason("too_young", Weight.AGAINST, -60, facts)
    elif most is not None and person.age > most:
        yield Reason("too_old", Weight.AGAINST, -60, facts)


def has_the_sex(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """Places for women only or men only."""
    wanted = candidate.conditions.sex
    if wanted not in ("K", "M"):
        return
    only = "only_women" if wanted == "K" else "only_men"
    if person.sex not in ("K", "M"):
        yield Reason(f"{only}_to_check", Weight.ASK)
    elif person.sex != wanted:
        yield Reason(only, Weight.AGAINST, -60)


def is_at_the_stage(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """The stage of therapy is a condition of an offer, never a group of people."""
    stages = candidate.conditions.therapy_stages
    if not stages:
        return
    facts: dict[str, object] = {"stages": sorted(stages)}
    if not person.therapy_stage:
        yield Reason("stage_to_check", Weight.ASK, 0, facts)
    elif person.therapy_stage not in stages:
        yield Reason("other_stage", Weight.AGAINST, -60, facts)


def serves_the_area(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """TERC prefixes served (two, four or six digits); without any, the gminy and powiaty of its sites."""
    if not person.gmina:
        return
    if candidate.area:
        if any(person.gmina.startswith(prefix) for prefix in candidate.area):
            yield Reason("serves_gmina", Weight.FOR, 10)
        else:
            yield Reason("out_of_area", Weight.AGAINST, -60)
    elif candidate.remote:
        yield Reason("remote", Weight.FOR, 6)
    elif person.gmina in candidate.gminas:
        yield Reason("in_gmina", Weight.FOR, 10)
    elif any(person.gmina[:4] == gmina[:4] for gmina in candidate.gminas):
        yield Reason("in_powiat", Weight.FOR, 4)
    else:
        yield Reason("area_to_check", Weight.ASK)


def is_within_reach(_: Person, candidate: Candidate) -> Iterator[Reason]:
    """Kilometres as the crow flies: 20 points at the door, none from 40 km on."""
    if candidate.remote or candidate.km is None:
        return
    facts: dict[str, object] = {"km": candidate.km}
    points = max(0, round(20 - candidate.km / 2))
    if candidate.km <= NEAR_KM:
        yield Reason("near", Weight.FOR, points, facts)
    elif candidate.km <= FAR_KM:
        yield Reason("some_way", Weight.FOR, points, facts)
    else:
        yield Reason("far", Weight.ASK, points, facts)


def has_places(_: Person, candidate: Candidate) -> Iterator[Reason]:
    """Places available now, or the queue instead."""
    free = candidate.available
    if free is None:
        yield Reason("places_unknown", Weight.ASK, 4)
    elif free > 0:
        yield Reason("places_free", Weight.FOR, 10 + min(free, PLACES_COUNTED), {"num": free})
    elif candidate.keeps_list or candidate.waiting:
        yield Reason("only_queue", Weight.ASK, 2, {"waiting": candidate.waiting})
    else:
        yield Reason("no_places", Weight.ASK, 0)


def is_fresh(_: Person, candidate: Candidate) -> Iterator[Reason]:
    """How old the number is; without a reading `has_places` has said it."""
    days: dict[str, object] = {"num": candidate.age_days}
    if candidate.freshness is Freshness.FRESH:
        yield Reason("fresh", Weight.FOR, 8, days)
    elif candidate.freshness is Freshness.ASK_FIRST:
        yield Reason("ask_first", Weight.ASK, 2, days)
    elif candidate.freshness is Freshness.NOT_SUGGESTED:
        yield Reason("number_old", Weight.ASK, -10, days)
    elif candidate.freshness is Freshness.CLOSED:
        yield Reason("intake_silent", Weight.ASK, -20, days)


def waits_little(_: Person, candidate: Candidate) -> Iterator[Reason]:
    """The reported wait in days costs a point a week, ten at most."""
    days = candidate.waiting_days
    if days:
        yield Reason("wait_days", Weight.ASK, -min(10, days // 7), {"num": days})


def lets_people_in(_: Person, candidate: Candidate) -> Iterator[Reason]:
    """How a person gets in: straight from the street is easiest, an official referral is hardest."""
    if candidate.intake == "open":
        yield Reason("comes_straight", Weight.FOR, 4)
    elif candidate.intake == "phone":
        yield Reason("phone_first", Weight.FOR, 2)
    elif candidate.intake == "official":
        yield Reason("official_paper", Weight.ASK, -4)


def speaks_the_language(person: Person, candidate: Candidate) -> Iterator[Reason]:
    """Only where the person needs another language than Polish."""
    if person.language == "pl":
        return
    if person.language in candidate.languages:
        yield Reason("speaks_language", Weight.FOR, 6, {"language": person.language})
    elif candidate.languages:
        yield Reason("other_language", Weight.ASK, -2, {"language": person.language})


Rule = Callable[[Person, Candidate], Iterator[Reason]]

RULES: tuple[Rule, ...] = (
    answers_need,
    is_for_the_group,
    has_places,
    is_fresh,
    serves_the_area,
    is_within_reach,
    lets_people_in,
    speaks_the_language,
    has_the_age,
    has_the_sex,
    is_at_the_stage,
    waits_little,
)
