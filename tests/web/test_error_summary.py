"""The list of what to put right stands before the form and names each field as the page does."""

import re

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def test_the_list_names_the_fields_it_leads_to(web: httpx.AsyncClient) -> None:
    page = (await web.post("/sign-in", data={"email": "", "password": ""})).text
    lines = re.findall(r'<a href="#(\w+)">([^<]+)</a>', page[page.index('id="error-summary"') :])
    assert lines == [("email", "E-mail: Wypełnij to pole."), ("password", "Hasło: Wypełnij to pole.")]
    assert page.index('id="error-summary"') < page.index('id="email"')
