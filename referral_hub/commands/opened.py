"""What nearly every command needs first: a database that runs, is up to date and holds what every hub holds."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from referral_hub.database.cluster import Urls
from referral_hub.database.embedded import running_cluster
from referral_hub.settings import PREFIX, settings

T = TypeVar("T")


@contextmanager
def database(*, small: bool = True) -> Iterator[Urls]:
    """The DSNs of the configured database, or of the embedded one, running for the time of the block."""
    current = settings()
    if not current.embedded:
        owner = current.database_owner_url or current.database_url
        yield Urls(owner=owner, app=current.database_url, superuser=owner)
        return
    with running_cluster(current.data_dir, small=small) as urls, _told(urls):
        yield urls


@contextmanager
def _told(urls: Urls) -> Iterator[None]:
    """Processes that we start find the embedded server as they would any other."""
    names = {f"{PREFIX}DATABASE_URL": urls.app, f"{PREFIX}DATABASE_OWNER_URL": urls.owner}
    os.environ.update(names)
    settings.cache_clear()
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
        settings.cache_clear()


@asynccontextmanager
async def hub(urls: Urls, *, largest: int = 4) -> AsyncIterator[None]:
    """The hub of this database, initialised, with its pool open."""
    from referral_hub.database.columns import make_keys
    from referral_hub.database.migrate import migrate
    from referral_hub.database.pool import close_pool, open_pool
    from referral_hub.init import fill

    make_keys(settings().key_file)
    await migrate(urls.owner, urls.app)
    await open_pool(urls.app, largest=largest)
    try:
        await fill()
        yield
    finally:
        await close_pool()


def run_in_hub(work: Coroutine[Any, Any, T]) -> T:
    """Run one piece of work in the initialised hub; its result."""

    async def inside(urls: Urls) -> T:
        async with hub(urls):
            return await work

    try:
        with database() as urls:
            return asyncio.run(inside(urls))
    finally:
        work.close()
