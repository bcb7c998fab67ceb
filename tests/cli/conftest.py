"""The command line as people meet it: a process of its own, on a database of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from msgspec import Struct

from referral_hub.database.columns import new_id
from tests.conftest import make_database, on_database

Run = Callable[..., subprocess.CompletedProcess[str]]


class Scratch(Struct):
    """A database of its own: `environment` names it to a command; `institution` is one in it."""

    app: str
    owner: str
    environment: dict[str, str]
    institution: UUID | None = None


def environment_for(app: str, owner: str, folder: Path) -> dict[str, str]:
    """A bare environment that names this database and this data directory."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "REFERRAL_HUB_DATA_DIR": str(folder / "data"),
        "REFERRAL_HUB_DATABASE_URL": app,
        "REFERRAL_HUB_DATABASE_OWNER_URL": owner,
    }


async def scratch_database(name: str, folder: Path, *, template: str = "hub_template") -> Scratch:
    """A database made from `template`; from 'template0' it is empty."""
    app = await make_database(name, template)
    owner = on_database(os.environ["HUB_TEST_OWNER_URL"], name)
    return Scratch(app, owner, environment_for(app, owner, folder))


async def add_institution(scratch: Scratch) -> None:
    connection = await asyncpg.connect(scratch.owner)
    scratch.institution = new_id()
    try:
        await connection.execute(
            """insert into institution (id, kind, name, sort_key, made_at, updated_at)
            values ($1, 'ngo', 'Fundacja Próbna', 'fundacja probna', now(), now())""",
            scratch.institution,
        )
    finally:
        await connection.close()


async def drop_database(name: str) -> None:
    admin = await asyncpg.connect(os.environ["HUB_TEST_ADMIN_URL"])
    try:
        await admin.execute(f"drop database if exists {name} with (force)")
    finally:
        await admin.close()


@pytest.fixture
async def scratch(anyio_backend: str, worker_id: str, tmp_path: Path) -> AsyncIterator[Scratch]:
    """A filled database with one institution."""
    made = await scratch_database(f"cli_{worker_id}", tmp_path)
    await add_institution(made)
    yield made
    await drop_database(f"cli_{worker_id}")


@pytest.fixture
async def empty(anyio_backend: str, worker_id: str, tmp_path: Path) -> AsyncIterator[Scratch]:
    """A database nothing was done to yet."""
    yield await scratch_database(f"empty_{worker_id}", tmp_path, template="template0")
    await drop_database(f"empty_{worker_id}")


def referral_hub(*arguments: str, environment: dict[str, str], given: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "referral_hub", *arguments],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def ask(url: str, sql: str) -> object:
    async def once() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(once())
