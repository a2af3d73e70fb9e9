"""Prints the seconds of each notebook under nbval: ``python -m benchmarks.notebooks [names]``.

One after the other, on two threads, as a student's laptop runs them; offline unless
``TRIPKIT_DIGITS=mnist`` is set. Results are compared with the committed outputs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tools.notebooks import pairs

LIMIT, LIMIT_OF_FIVE = 120, 360  # seconds


def seconds_of(path) -> tuple[float, bool]:
    """Seconds that nbval takes, start of the kernel included, and whether it passed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "nbval",
        "--nbval",
        "--nbval-current-env",
        str(path),
    ]
    settings = {"OMP_NUM_THREADS": "2", "TRIPKIT_THREADS": "2", "HF_HUB_OFFLINE": "1"}
    started = time.perf_counter()
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, check=False)
    return time.perf_counter() - started, done.returncode == 0


def main() -> int:
    total, slow = 0.0, False
    for path, _korean in pairs(sys.argv[1:]):
        seconds, passed = seconds_of(path)
        print(f"{path.stem:32} {seconds:6.1f} s  {'passed' if passed else 'FAILED'}", flush=True)
        slow = slow or not passed or seconds > LIMIT
        if path.stem[:2] <= "05":
            total += seconds
    print(f"{'01 to 05':32} {total:6.1f} s  limit {LIMIT_OF_FIVE}")
    return int(slow or total > LIMIT_OF_FIVE)


if __name__ == "__main__":
    sys.exit(main())
