"""What only one kind of offer has: asked for, checked, kept with its history, shown in plain words."""

from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub.directory.details import FIELDS, KINDS, detail_problems, kind_of, read_details
from referral_hub.errors import Problem
from referral_hub.vocabularies import book
from referral_hub.web.wording import LANGUAGES, has
from tests.build import make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio

REST = {"audiences": "bezrobotne", "phone": "14 621 34 56", "remote": "1"}
FORM_OF = {
    "training": "szkolenie",
    "volunteering": "wolontariat",
    "initiative": "inicjatywa_czlonkow",
    "self_employment": "wlasne_miejsce_pracy",
    "cooperative": "spoldzielnia_socjalna",
    "vacancy": "oferta_pracy",
    "works": "staz",
    "lending": "uzyczenie_zasobu",
}
TOLD: dict[str, dict[str, Any]] = {
    "training": {"level": "start", "mode": "workplace", "ends_with": "certificate", "certificate": "UDT"},
    "volunteering": {"volunteers_in": "centre", "tasks": "Czytanie dzieciom", "insured": "1"},
    "initiative": {"stage": "idea", "members_do": "Ogród za klubem", "needed": "Ziemia"},
    "self_employment": {"advice": "1", "funds": "Dotacja do 40 tys. zł"},
    "cooperative": {"way": "founding", "founders_wanted": "3", "helped_by": "OWES Tarnów"},
    "vacancy": {"employer": "Piekarnia", "position": "piekarz", "pay_from": "4 800", "pay_to": "5500", "guild": "Cech"},
    "works": {"organiser": "Gmina", "act": "rynek_pracy", "starts_on": "2027-01-04", "ends_on": "30.06.2027"},
    "lending": {"resource": "room", "pieces": "1", "holds_people": "20", "deposit": "100"},
}
SHOWN = {
    "training": "w zakładzie pracy",
    "volunteering": "w centrum wolontariatu",
    "initiative": "pomysł",
    "self_employment": "Dotacja do 40 tys. zł",
    "cooperative": "założenie spółdzielni",
    "vacancy": "4\u00a0800–5\u00a0500 zł brutto, za miesiąc",
    "works": "4.01.2027 – 30.06.2027",
    "lending": "Dla ilu osób",
}


def test_the_table_of_fields_is_the_struct_of_the_kind() -> None:
    for kind, shape in KINDS.items():
        assert {field.name for field in FIELDS[kind]} == set(shape.__struct_fields__), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_and_code_has_words(language: str) -> None:
    fields = [field for fields in FIELDS.values() for field in fields]
    keys = [f"detail.{field.name}" for field in fields]
    keys += [f"detail_{field.name}.{code}" for field in fields if field.type == "choice" for code in field.codes]
    assert [key for key in keys if not has(language, key)] == []


def test_every_form_with_a_shape_of_a_kind_has_details() -> None:
    kinds = {kind_of(word.code) for word in book.words("form")} - {""}
    assert kinds == set(KINDS)
    assert kind_of("wlasne_miejsce_pracy") == "self_employment"
    assert kind_of("gr_wsparcia") == kind_of("nie-ma-takiej") == ""


@pytest.mark.parametrize(
    ("form", "given", "field", "code"),
    [
        ("oferta_pracy", {"employer": "a", "position": "b", "pieces": 2}, "pieces", "unknown_field"),
        ("oferta_pracy", {"employer": "a"}, "position", "required"),
        ("oferta_pracy", {"employer": "a", "position": "b", "pay_from": 100_001}, "pay_from", "out_of_range"),
        ("oferta_pracy", {"employer": "a", "position": "b", "pay_from": -1}, "pay_from", "out_of_range"),
        ("oferta_pracy", {"employer": "a", "position": "b", "pay_from": 10**30}, "pay_from", "out_of_range"),
        ("oferta_pracy", {"employer": "a", "position": "b", "pay_from": "5000"}, "pay_from", "not_a_number"),
        ("oferta_pracy", {"employer": "a", "position": "b", "pay_from": True}, "pay_from", "not_a_number"),
        ("oferta_pracy", {"employer": "a", "position": "b", "pay_from": 9, "pay_to": 8}, "pay_to", "pay_crossed"),
        ("oferta_pracy", {"employer": "a", "position": "b", "starts_on": "jutro"}, "starts_on", "not_a_date"),
        ("oferta_pracy", {"employer": "a\x00", "position": "b"}, "employer", "bad_characters"),
        ("staz", {"organiser": "a", "starts_on": "2027-02-01", "ends_on": "2027-01-01"}, "ends_on", "days_crossed"),
        ("staz", {"organiser": "a", "starts_on": "9999-01-01"}, "starts_on", "date_too_late"),
        ("staz", {"organiser": "a", "act": ["x"]}, "act", "not_a_choice"),
        ("uzyczenie_zasobu", {"resource": "room", "pieces": 0}, "pieces", "out_of_range"),
        ("uzyczenie_zasobu", {"resource": "room", "pieces": 10**9}, "pieces", "out_of_range"),
        ("uzyczenie_zasobu", {"resource": "moon", "pieces": 1}, "resource", "not_a_choice"),
        ("uzyczenie_zasobu", {"resource": {}, "pieces": 1}, "resource", "not_a_choice"),
        ("por_prawne", {"resource": "room"}, "resource", "unknown_field"),
    ],
)
def test_what_cannot_be_is_named(form: str, given: dict[str, Any], field: str, code: str) -> None:
    found = detail_problems(form, given)
    assert [(one.field, one.code) for one in found] == [(field, code)]
    assert all(isinstance(one, Problem) for one in found)


def test_stored_details_of_another_kind_are_left_out() -> None:
    read = read_details("szkolenie", {"pay_from": 4000, "level": "start"})
    assert msgspec.to_builtins(read) == {"level": "start"}


@pytest.mark.parametrize("kind", list(KINDS))
async def test_each_kind_is_filled_and_shown(web: httpx.AsyncClient, database: asyncpg.Connection, kind: str) -> None:
    institution = await make_institution()
    await sign_in_as(web, institution, "partner_editor")
    new = {"title": "Coś nowego", "form": FORM_OF[kind], "needs": "praca", "everybody": "1", "act": "publish"}
    new["first_step"] = "Zadzwoń"
    made = await web.post("/my-offers/new", data={**new, "intake_mode": "phone", **REST})
    where = made.headers["location"]
    assert where.endswith("/details?new=1")
    asked = await web.get(where)
    assert asked.status_code == 200
    answer = await web.post(where.split("?")[0], data={**TOLD[kind], "version": "1"})
    assert answer.status_code == 303
    offer = where.split("/")[2]
    kept = await database.fetchval("select details from offer where id = $1::uuid", offer)
    assert set(msgspec.json.decode(kept)) == set(TOLD[kind])
    page = await web.get(f"/offers/{offer}?lang=pl")
    assert SHOWN[kind] in page.text
    lines = await database.fetchval(
        "select count(*) from field_source where subject = $1::uuid and field = 'details'", offer
    )
    assert lines == 1


async def test_wrong_details_come_back_beside_their_fields(web: httpx.AsyncClient) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, "oferta_pracy")
    await sign_in_as(web, institution, "partner_editor")
    data = {"employer": "", "position": "x\x00y", "pay_from": "-5", "contract": "slavery", "version": "1"}
    answer = await web.post(f"/my-offers/{offer}/details?lang=pl", data=data)
    assert answer.status_code == 422
    for field in ("employer", "position", "pay_from", "contract"):
        assert f'id="{field}-problem"' in answer.text
    assert (await web.post(f"/my-offers/{offer}/details", data={"version": "x"})).status_code == 422


async def test_two_editors_and_strangers(web: httpx.AsyncClient) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, "szkolenie")
    plain = await make_offer(institution, "por_prawne")
    await sign_in_as(web, institution, "partner_editor")
    address = f"/my-offers/{offer}/details"
    assert (await web.post(address, data={"level": "start", "version": "1"})).status_code == 303
    assert (await web.post(address, data={"level": "further", "version": "1"})).status_code == 409
    assert (await web.get(f"/my-offers/{plain}/details")).status_code == 404
    await sign_in_as(web, await make_institution("Inna"), "partner_editor")
    assert (await web.get(address)).status_code == 404
    assert (await web.post(address, data={"version": "2"})).status_code == 404
