"""Compares programs of two ranks on two GPUs: how long each rank waits, and what that costs.

``python benchmarks/gpu/ranks.py [PAIR...]``; results go to ``$OUT`` where it is set.
"""

import sys

from commands import FOLDER, magneton

PAIRS = ("uneven", "join")


def main() -> None:
    for pair in sys.argv[1:] or PAIRS:
        arguments = ["compare", f"rank_pairs.py:{pair}_a", f"rank_pairs.py:{pair}_b"]
        arguments += ["--nproc", "2", "--time-budget", "40"]
        arguments += ["--json", str(FOLDER / f"ranks-{pair}.json")]
        printed, wall_s = magneton(pair, arguments)
        if printed is not None:
            print(f"{pair}: {wall_s:.0f} s\n{printed}", flush=True)


if __name__ == "__main__":
    main()
