"""The suite with known answers, as a table; ends with 1 where an aim is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .aims import unmet
from .pairs import PAIRS
from .programs import Pair
from .running import run
from .scaling import growths
from .table import GROWTH_HEADER, HEADER, growth_lines, line, misses


def main() -> int:
    options = _options()
    chosen = [pair for pair in PAIRS if pair.name.startswith(tuple(options.pairs) or "")]
    if not chosen:
        print(f"no pair begins with {' or '.join(options.pairs)}", file=sys.stderr)
        return 2
    met = _pairs(chosen, options.misses) if options.pairs or not options.scaling else True
    if options.scaling or not options.pairs:
        met &= _growth()
    return 0 if met else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("pairs", nargs="*", help="names of pairs, or beginnings of them")
    parser.add_argument("--scaling", action="store_true", help="how it grows with the program")
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


def _growth() -> bool:
    met = True
    print(f"\n{GROWTH_HEADER}")
    for growth in growths():
        met &= growth.met
        print("\n".join(growth_lines(growth)), flush=True)
    return met


if __name__ == "__main__":
    sys.exit(main())
