"""`make mutants`: puts small faults into the code, one at a time, and tells which no test sees."""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from pathlib import Path

from mutants.choice import changed_lines, equivalent, files, mutants_of, on_lines, sample
from mutants.mutant import Mutant
from mutants.report import described, table
from mutants.tables import equivalents, scope
from mutants.trials import BrokenTests, Verdict, try_all, workshops

ROOT = Path(__file__).parents[2]
SURVIVORS = ROOT / ".mutants.json"
"""Those of the last run, for `--again`."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", help="files or folders of service/; none: all in scope")
    parser.add_argument("--sample", type=int, help="try so many, of each kind in turn")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--changed", metavar="REV", help="only lines changed since a revision")
    parser.add_argument("--again", action="store_true", help="only what survived the last run")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin none after these")
    parser.add_argument("--near", action="store_true", help="ask the nearest tests only")
    parser.add_argument("--jobs", type=int, default=2, help="copies of the tree used at once")
    parser.add_argument("--list", action="store_true", help="show the mutants, and try none")
    parser.add_argument("--verbose", action="store_true", help="tell which test saw which mutant")
    return parser.parse_args()


def _candidates(asked: argparse.Namespace) -> list[Mutant]:
    lines = changed_lines(asked.changed, ROOT) if asked.changed else {}
    found: list[Mutant] = []
    for path in files(asked.paths, scope(), ROOT):
        if asked.changed and path not in lines:
            continue
        mutants = mutants_of(path, ROOT)
        if asked.changed:
            mutants = on_lines(mutants, lines[path], (ROOT / path).read_bytes())
        found += mutants
    if asked.again:
        kept = json.loads(SURVIVORS.read_text(encoding="utf-8"))
        found = [each for each in found if [each.path, each.place, *_change(each)] in kept]
    return sample(found, asked.sample, asked.seed)


def _change(mutant: Mutant) -> tuple[str, str]:
    return mutant.change((ROOT / mutant.path).read_bytes())


def _tried(asked: argparse.Namespace, left: list[Mutant]) -> list[Verdict]:
    """Tries mutants until the time is up, and tells of each survivor at once."""
    until, verdicts = time.monotonic() + asked.seconds, []

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        if verdict.outcome == "survived" or asked.verbose:
            said = described(verdict.mutant, (ROOT / verdict.mutant.path).read_bytes())
            print(f"{verdict.outcome} {verdict.by} ({verdict.seconds:.1f} s)\n{said}", flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        workshops(ROOT, Path(folder) / "trees", min(asked.jobs, len(left)), scope()) as made,
    ):
        try_all(left, made, tell, until=until, most_steps=1 if asked.near else None)
    return verdicts


def main() -> int:
    """The exit code: 1 if any survived, 2 if the tests fail without a mutant."""
    asked = _arguments()
    rooms, known, chosen = scope(), equivalents(), _candidates(asked)
    hidden = [each for each in chosen if equivalent(each, (ROOT / each.path).read_bytes(), known)]
    left = [each for each in chosen if each not in set(hidden)]
    if asked.list:
        for mutant in left:
            print(described(mutant, (ROOT / mutant.path).read_bytes()))
        return 0
    try:
        verdicts = _tried(asked, left) if left else []
    except BrokenTests as fault:
        print(fault)
        return 2
    survivors = [verdict.mutant for verdict in verdicts if verdict.outcome == "survived"]
    kept = [[each.path, each.place, *_change(each)] for each in survivors]
    SURVIVORS.write_text(json.dumps(kept), encoding="utf-8")
    outcomes = [(str(rooms.room_of(each.path)), "equivalent") for each in hidden]
    outcomes += [(str(rooms.room_of(each.mutant.path)), each.outcome) for each in verdicts]
    print(table(outcomes))
    if len(verdicts) < len(left):
        print(f"{len(left) - len(verdicts)} of {len(left)} not tried: the time was up")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
