"""`serve` and `worker`: the production server with its job worker, or the jobs alone."""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from referral_hub.commands.opened import database, hub
from referral_hub.database.binaries import CannotRun
from referral_hub.database.cluster import Urls
from referral_hub.log import set_up_logging

_SERVE = (
    "Brings the database up to date, then serves the pages and does the jobs (mail, clocks, reminders) until stopped. "
    "Put a proxy with https before it and set REFERRAL_HUB_PUBLIC_URL."
)


def add_to(commands: Any) -> None:
    """The two commands and their options."""
    serve = commands.add_parser("serve", help="run the server and its worker", description=_SERVE)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    serve.add_argument("--port", type=port_number, default=8000, help="default %(default)s")
    serve.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, help="web processes (default: one a core, %(default)s)"
    )
    serve.set_defaults(run=_serve)
    worker = commands.add_parser("worker", help="do the jobs only", description="Does jobs until stopped.")
    worker.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    worker.set_defaults(run=_worker)


def port_number(text: str) -> int:
    """A TCP port from the command line."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _workers(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise argparse.ArgumentTypeError("from 1 to 256")
    return number


def check_free(host: str, port: int) -> None:
    """Raises CannotRun when somebody listens on this address already, or it is none of this machine's."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotRun(
            f"Cannot listen on {host}:{port} ({error.strerror}): choose another --port or --host."
        ) from None


def _serve(chosen: argparse.Namespace) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    check_free(chosen.host, chosen.port)
    with database(small=False) as urls:
        asyncio.run(_prepare(urls))
        server = Server(
            "referral_hub.commands.serve:web_process",
            address=chosen.host,
            port=chosen.port,
            interface=Interfaces.ASGI,
            workers=chosen.workers,
            factory=True,
            websockets=False,
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
        )
        with _Worker():
            print(f"http://{chosen.host}:{chosen.port}", flush=True)
            server.serve()


def web_process() -> Any:
    """The application of one web process, which ends when the server that started it is killed."""
    from referral_hub.app import make_app

    set_up_logging()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return make_app()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)  # its database is gone as well: there is nothing left to finish


async def _prepare(urls: Urls) -> None:
    async with hub(urls):
        pass


class _Worker:
    """The job worker as a process beside the web processes, started again when it falls."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> None:
        self.keeper.start()

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        if self.process:
            self.process.terminate()
        self.keeper.join(15)

    def _keep(self) -> None:
        command = [sys.executable, "-m", "referral_hub", "worker", "--with-parent"]
        while not self.stopping.is_set():
            # Its input is a pipe from us: when we are gone it ends, so that no orphan goes on working.
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 -- ourselves
            self.process.wait()
            self.stopping.wait(3)


def _worker(chosen: argparse.Namespace) -> None:
    with database(small=False) as urls:
        asyncio.run(work(urls, with_parent=chosen.with_parent))


async def work(urls: Urls, *, with_parent: bool = False) -> None:
    """Do jobs until a signal comes (or, with `with_parent`, until standard input ends)."""
    from referral_hub import worker

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    if with_parent:
        # Nobody writes into that pipe: that it can be read means that its other end is gone.
        loop.add_reader(sys.stdin.fileno(), stop.set)
    async with hub(urls):
        await worker.work(stop)
