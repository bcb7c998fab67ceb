"""Candidates: an identifier first, then name, place and phone; each explained; legitimate siblings last."""

import random
import time
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.transaction import SYSTEM, connection
from referral_hub.duplicates.actions import judge_different
from referral_hub.duplicates.finding import Entry, Pair, pairs
from referral_hub.duplicates.queries import candidates, evidence_of
from referral_hub.institutions.contacts import NewContact, set_contacts
from tests.build import make_institution, make_offer, make_site, sign_in_as
from tests.duplicates.test_merge import add, value

pytestmark = pytest.mark.anyio


def entry(name: str, kind: str = "ngo", place: str = "Tarnów", street: str = "", **more: object) -> Entry:
    facts = {"terc": "126301", "addresses": ((street, "33-100", place),), **more}
    return Entry(uuid4(), name, kind, **facts)  # type: ignore[arg-type]


def found(*entries: Entry) -> list[Pair]:
    return pairs(entries)


def codes(pair: Pair) -> tuple[set[str], set[str], set[str]]:
    words = (pair.agrees, pair.differs, pair.why_siblings)
    agrees, differs, siblings = ({word.code for word in some} for some in words)
    return agrees, differs, siblings


def test_the_same_number_comes_first_and_is_named() -> None:
    regon = frozenset({("regon", "123456785")})
    one, two = entry("Fundacja Most", numbers=regon), entry("Most – fundacja pomocy", numbers=regon, place="Bochnia")
    alike = entry("Stowarzyszenie Krok", street="ul. Długa 2"), entry("Stowarzyszenie „Krok”", street="Długa 2")
    first, second = found(*alike, one, two)
    assert {first.first, first.second} == {one.id, two.id}
    assert first.level == "number"
    assert first.agrees[0].fact == "REGON 123456785"
    assert "other_place" in codes(first)[1]
    assert second.level == "likely"
    assert {"same_name", "same_address"} <= codes(second)[0]


def test_abbreviations_and_inflected_places_are_one_name() -> None:
    [pair] = found(
        entry("GOPS w Ropie", "ops", place="Ropa"),
        entry("Gminny Ośrodek Pomocy Społecznej", "ops", place="Ropa", phones=frozenset({"183534000"})),
    )
    assert "same_name" in codes(pair)[0]


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        (
            entry("Szkoła Podstawowa nr 1", "szkola", phones=frozenset({"146210001"})),
            entry("Szkoła Podstawowa nr 2", "szkola", phones=frozenset({"146210001"})),
            "other_ordinal",
        ),
        (
            entry("Dom Pomocy Społecznej", "dps", street="ul. A 1", numbers=frozenset({("rjps", "1")})),
            entry("Dom Pomocy Społecznej", "dps", street="ul. B 2", numbers=frozenset({("rjps", "2")})),
            "own_numbers",
        ),
        (
            entry("Miejski Ośrodek Pomocy Społecznej", "ops", numbers=frozenset({("nip", "8730000001")})),
            entry("Klub Integracji Społecznej", "kis", numbers=frozenset({("nip", "8730000001")})),
            "kinds_of_one_body",
        ),
    ],
)
def test_legitimate_siblings_stand_last_with_their_reason(one: Entry, two: Entry, reason: str) -> None:
    [pair] = found(one, two)
    assert pair.level == "sibling"
    assert reason in codes(pair)[2]


def test_a_unit_and_its_parent_are_two() -> None:
    parent = entry("Centrum Usług Społecznych", "cus", phones=frozenset({"146210001"}))
    unit = entry("Centrum Usług Społecznych – filia", "cus", phones=frozenset({"146210001"}), parent=parent.id)
    [pair] = found(parent, unit)
    assert codes(pair)[2] == {"is_unit_of"}


def test_schools_of_one_complex_with_one_phone_are_not_one() -> None:
    office = frozenset({"146210001"})
    school = [entry(name, "szkola", street="ul. Szkolna 1", phones=office) for name in
              ("Technikum Ekonomiczne", "Technikum Ekonomiczne dla Dorosłych", "Liceum Ogólnokształcące")]  # fmt: skip
    assert all(pair.level == "sibling" for pair in found(*school))


def test_strangers_with_one_phone_or_one_place_are_no_pair() -> None:
    phone = frozenset({"146210001"})
    assert found(entry("Fundacja Most", phones=phone), entry("Klub Seniora Jesień", phones=phone)) == []
    assert found(entry("Fundacja Most"), entry("Ośrodek Interwencji Kryzysowej")) == []


def test_what_agrees_is_the_evidence_of_a_verdict() -> None:
    one, two = entry("Fundacja Most"), entry("Fundacja „Most”")
    [before] = found(one, two)
    phone = frozenset({"146210001"})
    [after] = found(*(Entry(each.id, each.name, each.kind, each.terc, addresses=each.addresses, phones=phone)
                      for each in (one, two)))  # fmt: skip
    assert before.evidence != after.evidence


def test_five_thousand_entries_take_seconds() -> None:
    rng = random.Random(7)
    kinds = ["Fundacja", "Stowarzyszenie", "Gminny Ośrodek Pomocy Społecznej", "Szkoła Podstawowa", "Poradnia", "Klub"]
    names = [
        f"{a}{b}"
        for a in ("Brat", "Słon", "Dąb", "Lip", "Wierz", "Most", "Krok")
        for b in ("owy", "ek", "anka", "ówka")
    ]
    towns = [f"Miejscowość{number}" for number in range(400)]
    every = [
        Entry(
            UUID(int=number + 1),
            f"{rng.choice(kinds)} {rng.choice(names)} {rng.choice(names)}",
            "ngo",
            f"12{rng.randrange(1, 30):02d}{rng.randrange(1, 20):02d}",
            addresses=(
                (f"ul. {rng.choice(names)} {rng.randrange(90)}", f"33-{rng.randrange(999):03d}", rng.choice(towns)),
            ),
            phones=frozenset({str(140000000 + rng.randrange(6000))}),
        )
        for number in range(5000)
    ]
    begun = time.process_time()
    pairs(every)
    assert time.process_time() - begun < 5


async def two_alike() -> tuple[UUID, UUID]:
    made = []
    for name in ("Fundacja Most", "Fundacja „Most”"):
        one = await make_institution(name)
        await make_site(one, street="ul. Długa 2")
        await set_contacts(one, [NewContact(kind="phone", value="146210001")], by=SYSTEM, source="test")
        made.append(one)
    return made[0], made[1]


async def test_two_institutions_are_not_shown_again_until_something_else_speaks_for_one(
    database: asyncpg.Connection,
) -> None:
    one, two = await two_alike()
    assert len((await candidates(1)).pairs) == 1
    async with connection() as sql:
        evidence = await evidence_of(sql, one, two)
    await judge_different(one, two, actor=SYSTEM_ACTOR, evidence=evidence)
    assert (await candidates(1)).pairs == []
    for each in (one, two):
        await add("institution_identifier", institution=each, scheme="krs", value="0000123456")
    assert [pair.level for pair in (await candidates(1)).pairs] == ["number"]


async def test_pages_from_the_list_to_one_entry(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club = await make_institution("Klub", kind="kis", club=True)
    one, two = await two_alike()
    offers = [await make_offer(each, free=2, title=f"Porady {each}") for each in (one, two)]
    await sign_in_as(web, club, "caseworker")
    assert (await web.get("/duplicates")).status_code == 403
    await sign_in_as(web, club, "coordinator")
    shown = (await web.get("/duplicates")).text
    assert "ta sama nazwa" in shown
    assert "14 6" in shown or "146210001" in shown
    pair = await web.get(f"/duplicates/{one}/{two}")
    assert "Oferty tej samej formy" in pair.text
    address = f"/duplicates/{one}/{two}/merge"
    assert (await web.post(address, data={})).status_code == 422
    assert (await web.post(address, data={"why": "x", "end": ["bzdura"]})).status_code == 422
    assert (await web.post(address, data={"why": "x", "take-name": "oba"})).status_code == 422
    typed = {"why": "wpisana dwa razy", "take-name": "merged", "end": [str(offers[1])], "key": "m1"}
    assert (await web.post(address, data=typed)).status_code == 303
    assert (await web.post(address, data=typed)).status_code == 303
    assert (await web.post(address, data={**typed, "key": "m2"})).status_code == 422
    assert await value("select count(*) from institution_merge") == 1
    assert await value("select name from institution where id = $1", one) == "Fundacja „Most”"
    gone = await web.get(f"/institutions/{two}")
    assert (gone.status_code, gone.headers["Location"]) == (301, f"/institutions/{one}")
    assert (await web.get(f"/institutions/{two}/edit")).status_code == 303
    assert (await web.get(f"/institutions/{two}/suggest")).headers["Location"] == f"/institutions/{one}/suggest"
    assert (await web.get(f"/duplicates/{one}/{two}")).status_code == 200


async def test_wrong_pairs_are_pages_with_a_sentence(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club = await make_institution("Klub", kind="kis", club=True)
    other = await make_institution("Inna")
    await sign_in_as(web, club, "coordinator")
    assert (await web.get(f"/duplicates/{uuid4()}/{other}")).status_code == 404
    assert "to ten sam wpis" in (await web.get(f"/duplicates/{other}/{other}")).text.lower()
    assert "klub" in (await web.get(f"/duplicates/{other}/{club}")).text
    assert (await web.post(f"/duplicates/{other}/{other}/different")).status_code == 422
    assert (await web.post("/duplicates", data={"first": "x", "second": "\x00"})).status_code == 422
    both = {"first": f"http://hub.test/institutions/{other}", "second": str(club)}
    assert (await web.post("/duplicates", data=both)).headers["Location"] == f"/duplicates/{other}/{club}"
    assert (await web.get("/duplicates?page=99999999999999")).status_code == 200
