"""HEAD answers as GET without a body; who guesses too often waits, each address for itself."""

import httpx
import pytest

from referral_hub.accounts import sign_in_pages
from referral_hub.settings import settings
from referral_hub.web.throttle import address_of

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def forgetful() -> None:
    sign_in_pages.guesses.forget()


async def test_head_has_the_headers_and_no_body(web: httpx.AsyncClient) -> None:
    got, asked = await web.get("/help"), await web.head("/help")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == got.headers["content-length"]
    assert asked.headers["content-security-policy"] == got.headers["content-security-policy"]
    assert (await web.head("/no-such-page")).status_code == 404
    assert (await web.head("/sign-out")).status_code in (404, 405)


async def test_guessing_passwords_of_many_accounts_is_slowed_down(web: httpx.AsyncClient) -> None:
    answers = [
        (await web.post("/sign-in", data={"email": f"a{number}@x.example", "password": "zgadywanka"})).status_code
        for number in range(61)
    ]
    assert answers == [422] * 60 + [429]


class Asked:
    def __init__(self, host: str, forwarded: str) -> None:
        self.client = type("Client", (), {"host": host})
        self.headers = {"x-forwarded-for": forwarded}


@pytest.mark.parametrize(
    ("host", "forwarded", "expected"),
    [
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_only_trusted_proxies_are_believed(
    host: str, forwarded: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERRAL_HUB_TRUSTED_PROXIES", "10.0.0.0/8")
    settings.cache_clear()
    try:
        assert address_of(Asked(host, forwarded)) == expected  # type: ignore[arg-type]
    finally:
        monkeypatch.undo()
        settings.cache_clear()
