"""Style, scripts and pictures: read once, served from memory under an address that changes with content.

One hash names the whole tree, so relative addresses inside vendored CSS keep working and all may be cached.
"""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.errors import NotFound

STATIC_FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
PACKED: Final = frozenset({".css", ".js", ".svg", ".json", ".txt"})


class Asset(Struct, frozen=True):
    """One file: its bytes, the same gzipped where that is smaller, its type and its own hash."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


class Assets(Struct, frozen=True):
    """The whole tree, by path below `static/`, and the hash that names it."""

    files: dict[str, Asset]
    version: str

    def url(self, path: str) -> str:
        """The address of one file; an unknown one is a mistake in a template."""
        if path not in self.files:
            raise KeyError(f"no such file under static/: {path}")
        return f"/static/{self.version}/{path}"


@cache
def assets() -> Assets:
    """Read everything under `static/` once; the sheets of `static/style/` are served as one, `hub.css`."""
    paths = sorted(path for path in STATIC_FOLDER.rglob("*") if path.is_file())
    files = {
        path.relative_to(STATIC_FOLDER).as_posix(): _asset(path.read_bytes(), path.suffix, path.name) for path in paths
    }
    sheets = [files.pop(name).body for name in list(files) if name.startswith("style/")]
    files["hub.css"] = _asset(b"".join(sheets), ".css", "hub.css")
    whole = hashlib.sha256()
    for name, asset in files.items():
        whole.update(f"{name}\0{asset.etag}\n".encode())
    return Assets(files=files, version=whole.hexdigest()[:12])


def _asset(body: bytes, suffix: str, name: str) -> Asset:
    media_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 6, mtime=0) if suffix in PACKED else None
    return Asset(
        body=body,
        packed=packed if packed and len(packed) < len(body) else None,
        media_type=media_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
    )


@get("/static/{version:str}/{path:path}", opt={"public": True}, include_in_schema=False)
async def static_file(request: Request[Any, Any, Any], version: FromPath[str], path: FromPath[Path]) -> Response[bytes]:
    """One file; under an old version's address the content is served too, but not to be kept."""
    tree = assets()
    asset = tree.files.get(str(path).lstrip("/"))
    if asset is None:
        raise NotFound
    kept = "public, max-age=31536000, immutable" if version == tree.version else "no-cache"
    headers = {"Cache-Control": kept, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(b"", status_code=304, headers=headers, media_type=asset.media_type)
    body = asset.body
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = asset.packed, {**headers, "Content-Encoding": "gzip"}
    return Response(body, headers=headers, media_type=asset.media_type)


routes = [static_file]
