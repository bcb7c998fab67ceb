"""Letters are handed out by POST, kept by no cache, named after nobody; each leaves a line, none says too much."""

import io
import re
from uuid import UUID

import httpx
import pypdf
import pytest

from referral_hub.accounts.links import COOKIES, Link, make_link, seal_cookie, token
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.transaction import SYSTEM
from referral_hub.own_page.card_pages import COOKIE as CARD
from referral_hub.own_page.own_link_pages import BY_CODE, CODE_COOKIE
from referral_hub.settings import settings
from tests.build import sign_in_as
from tests.documents.drawn import codes_on
from tests.referrals.scene import LABEL, Scene, make_scene, rows, value

pytestmark = pytest.mark.anyio


def words(answer: httpx.Response) -> str:
    """The text of a letter, once it is one."""
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    name = answer.headers["content-disposition"]
    assert name in {f'inline; filename="{kind}.pdf"' for kind in ("karta", "lista", "potwierdzenie")}
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def as_person(web: httpx.AsyncClient, scene: Scene, *, code: bool = False) -> Link:
    """This browser holds the person's own link, with the code of the card or without."""
    _, link = await make_link("p", by=SYSTEM, subject=scene.person, with_code=True)
    web.cookies.delete(COOKIE)
    web.cookies.set(COOKIES["p"], seal_cookie(link), path="/p")
    if code:
        from msgspec import structs

        web.cookies.set(CODE_COOKIE, seal_cookie(structs.replace(link, kind=BY_CODE)), path="/p")
    web.headers["X-CSRF-Token"] = token(link)
    return link


async def handed(task_or_person: UUID) -> list[tuple[str, list[str]]]:
    found = await rows(
        "select purpose, fields from disclosure where kind = 'handed' and (task = $1 or participant = $1) order by at",
        task_or_person,
    )
    return [(line["purpose"], list(line["fields"])) for line in found]


async def test_the_card_is_printed_with_a_code_and_only_on_wish_with_who_comes(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await sign_in_as(web, scene.club, "caseworker")
    plain = words(await web.post(f"/referrals/{task}/card/letter", data={"also": "uk"}))
    assert "Fundacja Próbna" in plain
    assert "Jeśli coś jest niejasne" in plain
    assert "Якщо щось незрозуміло" in plain
    assert LABEL not in plain
    assert await value("select count(*) from disclosure where kind = 'opened'") == 0
    web.cookies.set(CARD, f"{'s' * 32}:BCDFGHJK", path=f"/referrals/{task}/card")
    full = words(await web.post(f"/referrals/{task}/card/letter", data={"with_data": "1"}))
    assert LABEL in full
    assert "600 700 800" in full
    assert "BCDF GHJK" in full
    assert await handed(task) == [("letter.card", []), ("letter.card", ["case_code", "contact", "label", "need"])]
    opened = await value("select array_agg(fields) from disclosure where kind = 'opened'")
    assert opened == [["contact", "label"]], "once, and no more than is printed"
    assert await value("select count(*) from audit_event where event = 'letter:hand'") == 2


async def test_making_a_card_reads_no_words_and_says_of_none_that_they_were_read(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "ask", {"question": "Czy w środę?"}, by=scene.intake)
    await sign_in_as(web, scene.club, "caseworker")
    for read in (web.post(f"/referrals/{task}/card"), web.get(f"/referrals/{task}/card")):
        assert (await read).status_code in (200, 303)
    words(await web.post(f"/referrals/{task}/card/letter"))
    opened = "select count(*) from disclosure where kind = 'opened'"
    assert await value(opened) == 0
    assert (await web.get(f"/referrals/{task}")).text.count("Czy w środę?")
    assert await value(opened) == 1, "the page with the question on it is a reading"


async def test_what_the_code_of_a_card_leads_to_opens_with_what_is_typed_beside_it(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await sign_in_as(web, scene.club, "caseworker")
    assert (await web.post(f"/referrals/{task}/card")).status_code == 303
    letter = await web.post(f"/referrals/{task}/card/letter", data={"also": "en"})
    number, typed = words(letter), re.findall(r"Kod: (\w{4}) (\w{4})", words(letter))
    assert len(typed) == 1
    scanned = codes_on(letter.content)
    assert scanned[0] == scanned[1], "both languages lead to the same page"
    (address,) = scanned[0]
    assert address.startswith(f"{settings().public_url}/p/")
    web.cookies.clear()
    arrived = await web.get(address.removeprefix(settings().public_url))
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/p?lang=pl")
    assert "Fundacja Próbna" not in (await web.get("/p")).text
    web.cookies.clear()
    told = await value("select number from referral_task where id = $1", task)
    assert str(told) in number
    opened = await web.post("/p/code", data={"number": str(told), "code": "".join(typed[0])})
    assert opened.status_code == 303
    assert "Fundacja Próbna" in (await web.get("/p")).text


async def test_a_card_for_a_sensitive_place_says_neither_its_name_nor_the_need(web: httpx.AsyncClient) -> None:
    scene = await make_scene(kind="lecznictwo_odwykowe", form="terapia_uzaleznien", title="Terapia uzależnień")
    task = await scene.sent(need="uzaleznienie")
    await sign_in_as(web, scene.club, "caseworker")
    full = words(await web.post(f"/referrals/{task}/card/letter", data={"with_data": "1"}))
    assert LABEL in full
    for hidden in ("Fundacja Próbna", "Terapia", "uzależni"):
        assert hidden not in full
    assert await handed(task) == [("letter.card", ["case_code", "contact", "label"])]


async def test_the_list_of_disclosures_names_who_saw_what_on_which_basis(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.seen(task, scene.intake)
    await sign_in_as(web, scene.club, "caseworker")
    listed = words(await web.post(f"/people/{scene.person}/disclosures/letter", data={"also": "en"}))
    for told in ("Fundacja Próbna", "przekazano dane", "zgoda na przekazanie informacji", "kontakt", scene.case_code):
        assert told in listed
    assert LABEL not in listed
    assert await handed(scene.person) == [("letter.disclosures", ["case_code"])]


async def test_the_person_prints_the_list_and_names_stand_on_it_only_after_the_code(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    await scene.accepted()
    await as_person(web, scene)
    neutral = words(await web.post("/p/disclosures/letter"))
    assert "przekazano dane" in neutral
    for name in ("Fundacja Próbna", "Klub Próbny", scene.case_code):
        assert name not in neutral
    await as_person(web, scene, code=True)
    assert "Fundacja Próbna" in words(await web.post("/p/disclosures/letter"))
    assert await handed(scene.person) == []
    assert await value("select count(*) from audit_event where event = 'letter:hand'") == 2


async def test_the_end_of_sharing_is_confirmed_to_the_person_and_by_the_sender(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await sign_in_as(web, scene.club, "caseworker")
    assert (await web.post(f"/referrals/{task}/withdrawal/letter")).status_code == 404
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    told = words(await web.post(f"/referrals/{task}/withdrawal/letter", data={"also": "uk"}))
    for said in ("Fundacja Próbna", "Sama pomoc trwa dalej", "imię i nazwisko", "Підтвердження"):
        assert said in told
    assert await handed(task) == [("letter.withdrawal", ["case_code"])]
    await as_person(web, scene)
    page = (await web.get("/p")).text
    assert f"/p/withdrawal/{task}/letter" in page
    assert "Fundacja Próbna" not in words(await web.post(f"/p/withdrawal/{task}/letter"))


async def test_letters_of_others_are_not_there(web: httpx.AsyncClient) -> None:
    scene, other = await make_scene(), await make_scene()
    task = await other.accepted()
    await sign_in_as(web, scene.club, "caseworker")
    for address in (
        f"/referrals/{task}/card/letter",
        f"/referrals/{task}/withdrawal/letter",
        f"/people/{other.person}/disclosures/letter",
    ):
        assert (await web.post(address)).status_code == 404, address
    await sign_in_as(web, other.partner, "partner_intake")
    assert (await web.post(f"/referrals/{task}/card/letter")).status_code in (403, 404)
    await as_person(web, scene)
    assert (await web.post(f"/p/withdrawal/{task}/letter")).status_code == 404


@pytest.mark.parametrize("also", ["xx", "\x00", "pl" * 500])
async def test_a_wrong_language_is_a_plain_answer(web: httpx.AsyncClient, also: str) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await sign_in_as(web, scene.club, "caseworker")
    assert (await web.post(f"/referrals/{task}/card/letter", data={"also": also})).status_code == 422
