"""The suite with known answers, as a table; ends with 1 where an aim is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import torch

from .aims import unmet
from .pairs import PAIRS
from .programs import Pair
from .running import run
from .scaling import growths
from .table import (
    BASELINE_HEADER,
    GROWTH_HEADER,
    HEADER,
    baseline_lines,
    growth_lines,
    line,
    misses,
    speed_line,
)
from .versus import AIMED_AT, Versus, versus
from .versus import PAIRS as COMPARED


def main() -> int:
    torch.set_num_threads(1)  # of tiny operators, several only wait for one another
    options = _options()
    chosen = [pair for pair in PAIRS if pair.name.startswith(tuple(options.pairs) or "")]
    if not chosen:
        print(f"no pair begins with {' or '.join(options.pairs)}", file=sys.stderr)
        return 2
    everything = not (options.pairs or options.scaling or options.baseline)
    parts = [
        not (options.pairs or everything) or _pairs(chosen, options.misses),
        not (options.baseline or everything) or _baseline(),
        not (options.scaling or everything) or _growth(),
    ]
    return 0 if all(parts) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("pairs", nargs="*", help="names of pairs, or beginnings of them")
    parser.add_argument("--scaling", action="store_true", help="how it grows with the program")
    parser.add_argument("--baseline", action="store_true", help="beside the published method")
    parser.add_argument("--misses", action="store_true", help="list what keeps figures from 1")
    return parser.parse_args()


def _pairs(chosen: Sequence[Pair], with_misses: bool) -> bool:
    met = True
    print(HEADER)
    for pair in chosen:
        result = run(pair)
        met &= not unmet(pair, result.score)
        print(line(result), flush=True)
        if with_misses:
            print("\n".join(misses(result)), flush=True)
    return met


def _baseline() -> bool:
    print(f"\n{BASELINE_HEADER}")
    aimed_at: list[Versus] = []
    for pair in PAIRS:
        if pair.name in COMPARED:
            result = versus(pair)
            print("\n".join(baseline_lines(result)), flush=True)
            aimed_at += [result] if pair.name == AIMED_AT else []
    print("", *map(speed_line, aimed_at), sep="\n")
    return all(result.met for result in aimed_at)


def _growth() -> bool:
    met = True
    print(f"\n{GROWTH_HEADER}")
    for growth in growths():
        met &= growth.met
        print("\n".join(growth_lines(growth)), flush=True)
    return met


if __name__ == "__main__":
    sys.exit(main())
