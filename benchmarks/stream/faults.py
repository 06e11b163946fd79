"""Twenty faults, injected into real processes: which alerts name them, by the metrics they give.

Each installation is scraped while it is well, and again once it has the fault. Counters are taken
to go on at the rates they have, and times to stand or move as they do; `promtool` evaluates
deploy/prometheus/alerts.yaml over 80 minutes of the one and 75 of the other.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import RedisError

from benchmarks.stream.injected import FAULTS, Fault, Fields, Installation
from benchmarks.table import Column, Table
from harness.own_server import Server, free_port
from harness.receiver import SECRET, Receiver
from harness.service_process import Place, Running, start

ALERTS = Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yaml"
USED = {*re.findall(r"\btocsin_[a-z_]+\b", ALERTS.read_text())}
WELL, FAULTY = 80, 75
"""Minutes."""
PAUSE = 0.25
"""Seconds between two articles."""
Scrape = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """Two scrapes of one process, and when they were."""

    first: Scrape
    second: Scrape
    at: float
    apart: float

    def rate(self, series: str) -> float:
        """By how much it grew in a minute."""
        return 60 * (self.second[series] - self.first.get(series, 0.0)) / self.apart


def rules(receivers: Sequence[Receiver]) -> str:
    """A watchlist that two subscribers have."""
    subscribers = "".join(
        f"  - {{id: s{number}, webhook: {{url: '{one.url}', secret: {SECRET}}}}}\n"
        for number, one in enumerate(receivers)
    )
    match = "watchlists:\n  - {id: jets, match: fighter jet, repeat: article, notify: [s0, s1]}\n"
    return f"{match}subscribers:\n{subscribers}"


def articles(number: int) -> list[Fields]:
    """One that alerts, as `number` says which."""
    body = (
        f"Report {number}: a fighter jet landed at base {number * 7919} beside {number * 104729}."
    )
    return [
        {"id": f"a-{number}", "title": f"Landing {number}", "body": body, "source": "a.example"}
    ]


@asynccontextmanager
async def installed(folder: Path, fault: Fault) -> AsyncIterator[tuple[Installation, list[int]]]:
    """An installation that is well, and the ports of its processes."""
    ports = [free_port(), free_port()]
    async with Server(folder / "redis") as server, Receiver() as one, Receiver() as other:
        processes: list[Running] = []
        for number, port in enumerate(ports):
            more = {"TOCSIN_PORT": str(port), "TOCSIN_DELIVERY_TIMEOUT": "10"}
            more |= {"TOCSIN_DELIVERY_LEASE": "20", "TOCSIN_RECLAIM_AFTER": "5"}
            place = Place(folder, server.url, "news", one, rules((one, other)), more)
            roles = ("--role", ("match", "deliver")[number]) if fault.split else ()
            processes.append(await start(place, *roles))
        async with server.client() as redis:
            found = Installation(
                redis, server, folder / "rules", "news", processes, (one, other), articles
            )
            found.tasks.append(asyncio.create_task(feed(found)))
            try:
                yield found, ports
            finally:
                for task in found.tasks:
                    task.cancel()
                    await asyncio.wait({task}, timeout=5)
                for process in processes:
                    if process.alive:
                        await process.kill()


async def feed(place: Installation) -> None:
    """Add articles until it is cancelled, whatever Redis says."""
    number = 0
    while True:
        for fields in place.sends(number):
            with suppress(RedisError, OSError):
                await place.redis.xadd(place.stream, fields)
        number += 1
        await asyncio.sleep(PAUSE)


async def scraped(client: httpx.AsyncClient, port: int) -> Scrape:
    """The series that the alerts use; none where the process does not answer."""
    try:
        text = (await client.get(f"http://127.0.0.1:{port}/metrics", timeout=10)).text
    except httpx.HTTPError:
        return {}
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in USED:
                labels = ",".join(f'{key}="{value}"' for key, value in sample.labels.items())
                found[f"{sample.name}{{{labels}"] = sample.value
    return found


async def shown(ports: Sequence[int], apart: float = 4.0) -> list[Shown]:
    """Two scrapes of each process."""
    async with httpx.AsyncClient() as client:
        first = await asyncio.gather(*(scraped(client, port) for port in ports))
        begun = time.time()
        await asyncio.sleep(apart)
        second = await asyncio.gather(*(scraped(client, port) for port in ports))
    at = time.time()
    return [Shown(*pair, at, at - begun) for pair in zip(first, second, strict=True)]


def values(series: str, well: Shown, faulty: Shown) -> str:
    """What the series had, minute by minute, as promtool writes it."""
    now = faulty.second.get(series)
    before = well.second.get(series, 0.0)
    if "_timestamp_" in series:
        return f"{_times(series, well, 0, WELL)} " + (
            f"_x{FAULTY}" if now is None else _times(series, faulty, WELL, FAULTY)
        )
    if re.match(r"\w+_(total|sum|count|bucket)\{", series):
        rate = well.rate(series) if series in well.second else 0.0
        had = f"0+{rate:.6f}x{WELL - 1}"
        if now is None:
            return f"{had} _x{FAULTY}"
        jump = rate * (WELL - 1) + max(0.0, now - before)
        return f"{had} {jump:.6f}+{max(0.0, faulty.rate(series)):.6f}x{FAULTY - 1}"
    if now is None:
        return f"{before}x{WELL - 1} _x{FAULTY}"
    grows = faulty.rate(series) if "lag_seconds" in series and faulty.rate(series) > 30 else 0.0
    return f"{before}x{WELL - 1} {now}+{grows}x{FAULTY - 1}"


def _times(series: str, scrapes: Shown, begin: int, minutes: int) -> str:
    """A time stands, or moves with the clock."""
    now = scrapes.second.get(series, 0.0)
    if not now:
        return f"0x{minutes - 1}"
    moves = 60 if scrapes.rate(series) > 10 else 0
    return f"{60 * begin + now - scrapes.at:.3f}+{moves}x{minutes - 1}"


def fired(folder: Path, well: Sequence[Shown], faulty: Sequence[Shown]) -> set[str]:
    """The alerts that fire in the time of the fault."""
    series = []
    for name, one, other in zip("ab", well, faulty, strict=True):
        up = f"1x{WELL - 1} {int(bool(other.second))}x{FAULTY - 1}"
        series.append({"series": f'up{{job="tocsin",instance="{name}"}}', "values": up})
        for each in {**one.second, **other.second}:
            comma = "" if each.endswith("{") else ","
            labelled = f'{each}{comma}job="tocsin",instance="{name}"}}'
            series.append({"series": labelled, "values": values(each, one, other)})
    firing = f'max by (alertname) (max_over_time(ALERTS{{alertstate="firing"}}[{FAULTY - 1}m]))'
    asked = {"expr": firing, "eval_time": f"{WELL + FAULTY - 1}m", "exp_samples": []}
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [asked]}
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "tests": [test]}))
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    if done.returncode and "got:" not in said:
        raise SystemExit(said)
    return {*re.findall(r'alertname="Tocsin(\w+)"', said.partition("got:")[2])}


async def named(fault: Fault) -> set[str]:
    """The alerts that fire where an installation gets this fault."""
    with tempfile.TemporaryDirectory() as text:
        async with installed(Path(text), fault) as (place, ports):
            await ready(ports)
            await asyncio.sleep(6)
            well = await shown(ports)
            await fault.inject(place)
            await asyncio.sleep(fault.seconds)
            faulty = await shown(ports, fault.apart)
        return fired(Path(text), well, faulty)


async def ready(ports: Sequence[int]) -> None:
    """Return once all processes are; TimeoutError after a minute."""
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        for port in ports:
            while True:
                with suppress(httpx.HTTPError):
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success:
                        break
                await asyncio.sleep(0.2)


def main(arguments: Sequence[str] = ()) -> int:
    """Inject all of them; 1 where other alerts fire than are to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    parser.add_argument("--only", default="", metavar="WORDS", help="in the names of faults")
    only = parser.parse_args(arguments).only
    table = Table((Column("fault", 34, left=True), Column("alerts that fire", 44, left=True)))
    table.head()
    wrong = 0
    for fault in FAULTS:
        if only not in fault.name:
            continue
        found = asyncio.run(named(fault))
        if right := found == {*fault.alerts.split()}:
            table.row(fault.name, ", ".join(sorted(found)) or "–")
        else:
            table.row(fault.name, f"{', '.join(sorted(found)) or '–'}; not {fault.alerts or '–'}")
        wrong += not right
    return int(wrong > 0)
