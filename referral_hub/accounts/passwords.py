"""Passwords: argon2id with the library's current defaults, checked off the event loop."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 12
LONGEST = 200

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Compared with when there is no such account, so that the answer takes the same time."""
    return _hasher.hash("no such account")


async def hash_password(password: str) -> str:
    """An argon2id hash of `password`."""
    return await asyncio.to_thread(_hasher.hash, password)


async def password_fits(stored: str, password: str) -> bool:
    """True when `password` made `stored`; an empty `stored` never fits and takes as long."""
    return await asyncio.to_thread(_fits, stored, password)


def _fits(stored: str, password: str) -> bool:
    if len(password) > LONGEST:
        return False
    try:
        _hasher.verify(stored or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(stored)
