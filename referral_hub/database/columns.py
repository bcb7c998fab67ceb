"""Keys and sealed columns: UUIDv7 identifiers made here, personal text encrypted before it reaches the database."""

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from referral_hub.settings import settings

_NONCE = 12


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by the real time of making, so fresh rows stand together on disk."""
    milliseconds = time.time_ns() // 1_000_000
    chance = int.from_bytes(secrets.token_bytes(10))  # 12 bits and 62 of these 80: two draws cost twice as much
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (chance >> 68) << 64 | 0b10 << 62
    return UUID(int=value | chance & (2**62 - 1))


def to_json(value: object) -> str:
    """Text for a jsonb column."""
    return msgspec.json.encode(value).decode()


class Keys(msgspec.Struct, frozen=True):
    """The key ring: `current` names the key that seals, every key unseals; `index` makes blind indexes."""

    current: str
    keys: dict[str, bytes]
    index: bytes


_ring: dict[Path, Keys] = {}


def make_keys(path: Path) -> bool:
    """Write a new key file (0600) at `path` unless one is there; True when it was made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ring = Keys(current="1", keys={"1": secrets.token_bytes(32)}, index=secrets.token_bytes(32))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(ring))
    return True


def keys() -> Keys:
    """The deployment's key ring, read once from `settings().key_file`."""
    path = settings().key_file
    if path not in _ring:
        make_keys(path)
        _ring[path] = msgspec.json.decode(path.read_bytes(), type=Keys)
    return _ring[path]


def seal(text: str) -> bytes:
    """Encrypt with AES-256-GCM: one byte of key-id length, the key id, a 12-byte nonce, the sealed text."""
    ring = keys()
    name = ring.current.encode()
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, text.encode(), name)
    return bytes([len(name)]) + name + nonce + sealed


def unseal(sealed: bytes) -> str:
    """The text that `seal` was given. Raises ValueError when the key is missing or the bytes were changed."""
    length = sealed[0]
    name, rest = sealed[1 : 1 + length], sealed[1 + length :]
    key = keys().keys.get(name.decode())
    if key is None:
        raise ValueError("the key that sealed this is not in the key file")
    try:
        return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], name).decode()
    except InvalidTag as error:
        raise ValueError("the sealed bytes were changed") from error


def blind_index(text: str) -> bytes:
    """16 bytes that are equal for equal texts (case and spacing folded) and say nothing without the key."""
    folded = " ".join(text.casefold().split())
    return hmac.new(keys().index, folded.encode(), hashlib.sha256).digest()[:16]


def digest(secret: str) -> bytes:
    """What the database keeps of a random secret (session, link, key): its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()
