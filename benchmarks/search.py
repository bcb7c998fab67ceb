"""Public search at 5,000 institutions, against the bare framework sending the same bytes; one web process each."""

import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec
import uvloop

from benchmarks.bare import ANSWERS
from benchmarks.figures import Figure
from benchmarks.load import requests_per_second
from benchmarks.running import command, free_port, seconds_until
from referral_hub.commands.opened import database, hub
from referral_hub.demo import load
from referral_hub.demo.large import load_large
from referral_hub.settings import settings

ROUNDS, SECONDS = 5, 2.0
SEARCHES: tuple[dict[str, str], ...] = (
    {"q": "odwyk"},
    {"q": "odwyk tarnow"},
    {"q": "kurs spawania"},
    {"q": "pomoc dla bezdomnych", "free": "1"},
    {"q": "psycholog dla dziecka w Bochni"},
    {"q": "długi komornik"},
    {"q": "praca dla niepełnosprawnych", "page": "2"},
    {"place": "Tarnów"},
    {"q": "nauka polskiego", "per_page": "50"},
    {"q": "opieka nad starszymi", "sort": "name"},
    {"q": "terapja uzaleznien"},
    {},
)


def run() -> list[Figure]:
    """Answers a second of both, and our share of the bare framework's."""
    # Kept from run to run: making the network takes minutes.
    data = settings().data_dir / "bench"
    _load(data)
    with _hub(data) as ours, _bare(ours, data / "answers.json") as bare:
        pairs = [(_rate(ours), _rate(bare)) for _ in range(ROUNDS)]
    ratios = [mine / other for mine, other in pairs]
    return [
        Figure("search, answers a second", statistics.median(mine for mine, _ in pairs), "1/s"),
        Figure("bare framework, same bytes", statistics.median(other for _, other in pairs), "1/s"),
        Figure("search against the bare framework", statistics.median(ratios), "ratio", at_least=0.4, goal=0.7),
    ]


def _rate(urls: list[str]) -> float:
    return requests_per_second(urls, SECONDS)


def _load(data: Path) -> None:
    """The large directory; its referrals are of no interest here."""
    os.environ["REFERRAL_HUB_DATA_DIR"] = str(data)
    settings.cache_clear()

    async def fill() -> None:
        async with hub(urls):
            await load.directory("never used here")
            await load.history()
            await load_large(referrals=load.REFERRALS + 1000)

    with database() as urls:
        uvloop.run(fill())


@contextmanager
def _hub(data: Path) -> Iterator[list[str]]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/api/v1/offers"
    with command("serve", "--port", str(port), "--workers", "1", REFERRAL_HUB_DATA_DIR=str(data)) as process:
        seconds_until(process, base)
        yield [f"{base}?{urlencode(search, quote_via=quote)}" for search in SEARCHES]


@contextmanager
def _bare(ours: list[str], answers: Path) -> Iterator[list[str]]:
    said = {}
    for url in ours:
        with urllib.request.urlopen(url, timeout=30) as answer:
            said[url.partition("?")[2]] = answer.read()
    answers.write_bytes(msgspec.json.encode(said))
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare", str(port)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, ANSWERS: str(answers)},
    )
    try:
        urls = [url.replace(url.split("/")[2], f"127.0.0.1:{port}") for url in ours]
        seconds_until(process, urls[0])
        yield urls
    finally:
        process.terminate()
        process.wait(30)
