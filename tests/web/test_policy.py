"""The content policy names no other host, but for the map tiles that a deployment has set."""

import pytest

from referral_hub.web.security import fixed_headers


def policy(tiles: str) -> str:
    return dict(fixed_headers(False, tiles))[b"content-security-policy"].decode()


def test_without_tiles_no_other_host_is_named() -> None:
    assert "http" not in policy("")
    assert "unsafe" not in policy("")


@pytest.mark.parametrize(
    ("tiles", "host"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("https://{s}.tiles.example:8443/{z}/{x}/{y}.png", "https://*.tiles.example:8443"),
    ],
)
def test_tiles_open_pictures_from_their_host_only(tiles: str, host: str) -> None:
    assert f"img-src 'self' {host};" in policy(tiles)
    assert policy(tiles).count("tiles.example") == 1


def test_https_is_remembered_only_where_it_is_used() -> None:
    assert b"strict-transport-security" in dict(fixed_headers(True, ""))
    assert b"strict-transport-security" not in dict(fixed_headers(False, ""))
