"""Files are served under an address that changes with their content; vendored ones are exactly what was pinned."""

import gzip
import hashlib
import json
import re

import httpx
import pytest

from referral_hub.web.assets import STATIC_FOLDER, assets

pytestmark = pytest.mark.anyio


def test_vendored_files_are_what_the_manifest_pins() -> None:
    folder = STATIC_FOLDER / "vendor"
    pinned = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert there == {name: digest for package in pinned.values() for name, digest in package["files"].items()}
    assert all(package["version"] and package["licence"] for package in pinned.values())


async def test_a_file_is_kept_for_ever_under_its_version(web: httpx.AsyncClient) -> None:
    answer = await web.get(assets().url("hub.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    again = await web.get(assets().url("hub.css"), headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_file_travels_packed(web: httpx.AsyncClient) -> None:
    url = assets().url("vendor/htmx/htmx.min.js")
    async with web.stream("GET", url, headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    plain = await web.get(url, headers={"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain.content
    assert len(packed) < len(plain.content) / 2


async def test_an_old_address_still_answers_but_is_not_kept(web: httpx.AsyncClient) -> None:
    answer = await web.get("/static/0123456789ab/hub.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("path", ["none.css", "../page.py", "style/10-tokens.css", "%2e%2e/page.py", ""])
async def test_nothing_else_is_served(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(f"/static/{assets().version}/{path}")).status_code == 404


def test_the_style_asks_for_nothing_from_elsewhere() -> None:
    for name, asset in assets().files.items():
        if name.endswith(".css"):
            addresses = re.findall(r"url\(([^)]*)\)|@import", asset.body.decode())
            assert all(re.match(r"['\"]?(images/|#)", address) for address in addresses), name


def test_our_own_style_needs_no_important_and_no_fixed_colours_outside_the_tokens() -> None:
    for path in sorted((STATIC_FOLDER / "style").glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        if not path.name.startswith(("10-", "90-")):
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", text), path.name
