"""`demo`: the whole hub in one process with a made-up network, its own mailbox and the accounts to try."""

import argparse
import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from referral_hub.commands.opened import database, hub
from referral_hub.commands.progress import bar
from referral_hub.commands.serve import check_free, port_number
from referral_hub.database.binaries import CannotRun
from referral_hub.database.cluster import Urls, write_private
from referral_hub.database.embedded import running_urls
from referral_hub.errors import HubError
from referral_hub.settings import PREFIX, settings

_ABOUT = (
    "Starts everything on this machine with a demonstration network and prints the accounts to try: "
    "email, password, roles. Nothing leaves the machine: mail goes to /demo/mail."
)


def add_to(commands: Any) -> None:
    """The command and its options."""
    command = commands.add_parser("demo", help="try it out with a demonstration network", description=_ABOUT)
    command.add_argument("--port", type=port_number, default=8000, help="default %(default)s")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    command.add_argument("--data-dir", type=Path, metavar="D", help="in place of REFERRAL_HUB_DATA_DIR; uses its demo/")
    command.add_argument("--size", choices=("small", "large"), default="small", help="default %(default)s")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="another made-up history")
    command.set_defaults(run=_demo)


def _demo(chosen: argparse.Namespace) -> None:
    check_free(chosen.host, chosen.port)
    base = chosen.data_dir.expanduser().absolute() if chosen.data_dir else settings().data_dir
    with _own_settings(base / "demo", f"http://{chosen.host}:{chosen.port}"):
        shared = running_urls(settings().data_dir) is not None
        with database() as urls:
            _run(_serve(chosen, urls, first=not shared))


@contextmanager
def _own_settings(data_dir: Path, public_url: str) -> Iterator[None]:
    """The demo never touches a real database or mail server, whatever the environment names."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "KEY_FILE", "SMTP_URL"):
        os.environ.pop(PREFIX + name, None)
    os.environ[f"{PREFIX}DATA_DIR"] = str(data_dir)
    os.environ.setdefault(f"{PREFIX}PUBLIC_URL", public_url)
    settings.cache_clear()
    yield


def _run(work: Any) -> None:
    try:
        import uvloop
    except ImportError:  # Windows
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _serve(chosen: argparse.Namespace, urls: Urls, *, first: bool) -> None:
    """Load the directory, answer, then load the history behind the banner; until a signal comes.

    `first` is False when another `demo` on this machine looks after the same data.
    """
    # Imported on use: every command reads this file for its options, and most need none of it.
    from referral_hub.demo import load
    from referral_hub.demo.mailbox import mailbox

    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with hub(urls, largest=8), mailbox():
        password = demo_password(settings().data_dir)
        accounts = await load.directory(password, seed=chosen.seed, large=chosen.size == "large")
        async with _web(chosen):
            for email, roles in accounts:
                print(f"{email}\t{password}\t{','.join(roles)}")
            print(f"http://{chosen.host}:{chosen.port}", flush=True)
            await _keep_going(chosen, stop, first=first)


async def _keep_going(chosen: argparse.Namespace, stop: asyncio.Event, *, first: bool) -> None:
    from referral_hub import worker
    from referral_hub.web.running import end

    history = asyncio.create_task(_history(chosen)) if first else None
    try:
        await worker.work(stop)
    finally:
        if history:
            await end(history)


async def _history(chosen: argparse.Namespace) -> None:
    """The made-up referrals; without them the demo goes on, and /health/ready keeps saying so."""
    from referral_hub.demo import load
    from referral_hub.demo.large import load_large

    try:
        with bar("history", "referrals") as progress:
            await load.history(progress)
        if chosen.size == "large":
            with bar("network", "referrals") as progress:
                await load_large(progress)
    except Exception as error:
        # A refusal names its fields and rules, never what stood in them.
        fields = [f"{one.field} {one.code}" for one in error.problems] if isinstance(error, HubError) else []
        told = ": ".join([type(error).__name__, str(error), *fields])
        print(f"referral-hub: the history could not be loaded: {told}", file=sys.stderr)
        raise


def demo_password(data_dir: Path) -> str:
    """The one password of all demo accounts: set by the environment, else made once and kept in a 0600 file."""
    if settings().demo_password:
        return settings().demo_password
    path = data_dir / "demo.password"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(12).encode())
    return path.read_text(encoding="utf-8").strip()


@asynccontextmanager
async def _web(chosen: argparse.Namespace) -> AsyncIterator[None]:
    """The web server in this process and loop; stopped gently."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from referral_hub.app import make_app
    from referral_hub.demo.pages import routes as mailbox_pages

    server = Server(
        make_app(more=mailbox_pages),
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    try:
        await _until_it_answers(serving, chosen.host, chosen.port)
        yield
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _until_it_answers(serving: asyncio.Task[None], host: str, port: int) -> None:
    for _ in range(3000):
        if serving.done():
            break
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return
    raise CannotRun(f"The web server does not answer on {host}:{port}.")
