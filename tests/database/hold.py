"""A process of its own that holds the embedded server of argv[1] and says its pids, until its input ends."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import msgspec

from referral_hub.database.embedded import running_cluster


async def role_of(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("select current_user::text"))
    finally:
        await connection.close()


if __name__ == "__main__":
    data = Path(sys.argv[1])
    with running_cluster(data) as urls:
        running = msgspec.json.decode((data / "postgres.running.json").read_bytes())
        print(asyncio.run(role_of(urls.app)), running["pid"], flush=True)
        sys.stdin.read()
