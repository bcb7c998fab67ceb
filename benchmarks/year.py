"""A simulated year of the demonstration network: how many open offers are fresh, with and without one-tap mails."""

from collections import Counter
from datetime import date, timedelta
from random import Random

from msgspec import Struct

from benchmarks.diligence import DILIGENCES
from benchmarks.figures import Figure
from benchmarks.network_year import Lived, Partner, live
from referral_hub.demo.network import institutions, offers
from referral_hub.demo.told_places import rhythm_of
from referral_hub.directory.freshness import LIMITS, Rhythm
from referral_hub.directory.hours import ALWAYS, read_hours
from referral_hub.upkeep.ladder import Ask, Call, Way

BEGIN, DAYS, SEED = date(2026, 1, 1), 365, 1
MAILS = {"with": True, "without": False}


class Share(Struct, frozen=True):
    """Of the open offers of a rhythm („all”: of any), how many are fresh: over the days of the year."""

    rhythm: str
    offers: int
    mean: float
    worst: float


class Told(Struct, frozen=True):
    """A year with partners of one diligence: its shares, and what it cost per week (52)."""

    shares: list[Share]
    messages: float
    call_tasks: float
    calls: float


def network(seed: int, *, mails: bool) -> list[Partner]:
    """The demonstration's partners; each number was last told some day within its rhythm. Without mails nobody has an
    address, so that the ladder leaves all to the telephone."""
    found = {}
    for one in institutions():
        rng = Random(f"{seed}/{one.key}")
        ways = (Way("email", one.email),) if mails and one.email else ()
        found[one.key] = Partner(one.key, [], ways, read_hours(one.hours) == ALWAYS, rng)
    for offer in offers():
        partner, rhythm = found[offer.at], rhythm_of(offer.rhythm)
        age = partner.rng.randint(0, LIMITS[rhythm].fresh)
        partner.offers.append((BEGIN - timedelta(days=age), rhythm))
    return [partner for partner in found.values() if partner.offers]


def year(diligence: str, mails: str, *, seed: int = SEED, days: int = DAYS) -> Told:
    """One year of one kind of partner."""
    partners = network(seed, mails=MAILS[mails])
    counted = Counter(rhythm for partner in partners for _, rhythm in partner.offers)
    lived = live(partners, DILIGENCES[diligence], BEGIN, days)
    shares = [
        Share(rhythm, counted[rhythm] or counted.total(), sum(taken) / len(taken), min(taken))
        for rhythm in ("all", *Rhythm)
        if (taken := lived.fresh.get(rhythm))
    ]
    weeks = days / 7
    return Told(
        shares,
        messages=_acts(lived, Ask) / weeks,
        call_tasks=_acts(lived, Call) / weeks,
        calls=sum(how == "call" for _, _, how, _ in lived.answers) / weeks,
    )


def _acts(lived: Lived, kind: type) -> int:
    return sum(isinstance(act, kind) for _, _, act in lived.acts)


def table(*, seed: int = SEED, days: int = DAYS) -> tuple[str, dict[tuple[str, str], Told]]:
    """The whole table as text, and its figures by (diligence, mails)."""
    told = {(one, mails): year(one, mails, seed=seed, days=days) for one in DILIGENCES for mails in MAILS}
    lines = [f"{'partners':10} {'mails':8} {'rhythm':8} {'offers':>6} {'mean':>7} {'worst day':>10}"]
    for (diligence, mails), one in told.items():
        lines += [
            f"{diligence:10} {mails:8} {share.rhythm:8} {share.offers:6} {share.mean:7.1%} {share.worst:10.1%}"
            for share in one.shares
        ]
    lines += ["", f"{'partners':10} {'mails':8} {'messages':>9} {'call tasks':>11} {'calls':>6}   a week"]
    lines += [
        f"{diligence:10} {mails:8} {one.messages:9.1f} {one.call_tasks:11.1f} {one.calls:6.1f}"
        for (diligence, mails), one in told.items()
    ]
    return "\n".join(lines), told


def run() -> list[Figure]:
    """Print the table; the share that was promised."""
    text, told = table()
    print(text)
    figures = []
    for (diligence, mails), one in told.items():
        promised = 90.0 if (diligence, mails) == ("ordinary", "with") else None
        name = f"open offers fresh, {diligence} partners, {mails} mails"
        figures.append(Figure(name, 100 * one.shares[0].mean, "%", at_least=promised))
    return figures
