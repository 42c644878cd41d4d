"""Compares programs of two ranks on two GPUs: how long each rank waits, and what that costs.

``python benchmarks/gpu/ranks.py [PAIR...]``; results go to ``$OUT`` where it is set.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PAIRS = ("uneven", "join")


def main() -> None:
    folder = Path(os.environ.get("OUT", ".")).absolute()
    for pair in sys.argv[1:] or PAIRS:
        command = [sys.executable, "-m", "magneton.cli.main", "compare", "--nproc", "2"]
        command += [f"rank_pairs.py:{pair}_a", f"rank_pairs.py:{pair}_b"]
        command += ["--json", str(folder / f"ranks-{pair}.json"), "--time-budget", "40"]
        start = time.monotonic()
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        print(f"{pair}: exit {done.returncode} after {time.monotonic() - start:.0f} s")
        print(done.stdout, done.stderr, sep="\n", flush=True)


if __name__ == "__main__":
    main()
