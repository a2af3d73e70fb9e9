"""Prints the seconds that matter to a user, medians of five: ``python -m benchmarks.speed``.

A postcard after warm-up on two threads, its first preview, peak memory, ``import tripkit``. The
seconds until the app's widgets are on screen are measured in Chromium by ``tests/browser``.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TRIPKIT_THREADS", "2")

REPEATS = 5
PROMPT = (
    "연분홍 r248 g184 b192 벚꽃 공원, 청색 r72 g128 b184 강변 산책로, 흰색 r248 g248 b248 피크닉 존"
)


def import_seconds() -> float:
    """Seconds that ``import tripkit`` takes in a fresh interpreter."""
    code = "import time; t = time.perf_counter(); import tripkit; print(time.perf_counter() - t)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return float(done.stdout)


def postcard_seconds(backend, seed: int) -> tuple[float, float]:
    """Seconds of one postcard, and until its first preview."""
    from tripkit.prompts import ImagePrompt

    started, seen = time.perf_counter(), []
    backend.generate(
        ImagePrompt("", PROMPT, language="ko"),
        seed=seed,
        on_progress=lambda *_: seen.append(time.perf_counter() - started),
    )
    return time.perf_counter() - started, seen[0]


def peak_memory_gb() -> float | None:
    """The most memory that this process has held, in GB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def measure() -> dict[str, float | None]:
    """All the figures of this page."""
    from tripkit.images.pipeline import PipelineBackend

    backend = PipelineBackend()
    started = time.perf_counter()
    backend.warm_up()
    warm = time.perf_counter() - started
    drawn = [postcard_seconds(backend, seed) for seed in range(REPEATS)]
    return {
        "import tripkit, s": statistics.median(import_seconds() for _ in range(REPEATS)),
        "warm-up, s (once)": warm,
        "postcard, s": statistics.median(total for total, _ in drawn),
        "first preview, s": statistics.median(first for _, first in drawn),
        "peak memory, GB": peak_memory_gb(),
    }


def main() -> None:
    figures = measure()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}"
    )
    for name, value in figures.items():
        print(f"{name:20}", "not known" if value is None else f"{value:.3f}")


if __name__ == "__main__":
    main()
