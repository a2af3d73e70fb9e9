"""Small stand-ins that keep the contracts, for tests of what is built upon them. Never shipped."""

from __future__ import annotations

import errno
import os
import threading
import time
from contextlib import contextmanager

import pytest
from PIL import Image, ImageDraw

from tripkit.core.errors import CancelledError, RequestError
from tripkit.images.base import check_prompt
from tripkit.images.postcard import Postcard
from tripkit.trips import Stop, Trip, TripPlan


def each(number, values):
    """The values as parameters: each so-many-th is for the quick tests, the others are slow."""
    return [
        pytest.param(value, marks=[pytest.mark.slow] if index % number else [])
        for index, value in enumerate(values)
    ]


STOPS = {
    "ko": (
        ("벚꽃 공원", "연분홍", (255, 182, 193)),
        ("강변 산책로", "청색", (70, 130, 180)),
        ("피크닉 존", "흰색", (255, 255, 255)),
    ),
    "en": (
        ("cherry blossom park", "light pink", (255, 182, 193)),
        ("riverside walk", "steel blue", (70, 130, 180)),
        ("picnic zone", "white", (255, 255, 255)),
    ),
}
WORDS = {
    "ko": (("자연", "도시", "역사"), "봄나들이", "봄 소풍"),
    "en": (("nature", "city", "history"), "A day out", "spring picnic"),
}

SERVICE_STATES = {
    "en": ("ready, runs here", "needs a key", "needs a download", "no public API", "retired on"),
    "ko": ("준비됨", "키 필요", "내려받기 필요", "공개 API 없음", "종료됨"),
}


def a_plan(request: str, language: str = "ko", **changes) -> TripPlan:
    """A valid plan whose first trip is the lecture's; ``changes`` replace its fields."""
    styles, title, theme = WORDS[language]
    trips = tuple(
        Trip(
            style=style,
            title=f"{title} {number + 1}",
            summary="",
            theme=theme,
            stops=tuple(
                Stop(place=f"{place} {number + 1}" if number else place, color_name=name, rgb=rgb)
                for place, name, rgb in STOPS[language]
            ),
        )
        for number, style in enumerate(styles)
    )
    fields = {"request": request, "language": language, "trips": trips}
    return TripPlan(**{**fields, "source": "double", "model": "fixed", **changes})


class FixedPlanner:
    """Gives the same plan to everyone, records who asked, and can raise, lie or wait."""

    name, model = "fixed", "fixed"

    def __init__(self, *, error: Exception | None = None, answer=None, gate=None):
        self.requests: list[tuple[str, str]] = []
        self.error, self.answer, self.gate = error, answer, gate

    def plan(self, request: str, *, language: str) -> TripPlan:
        self.requests.append((request, language))
        if self.gate is not None:
            self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return a_plan(request, language) if self.answer is None else self.answer


class PaintingBackend:
    """Paints the stops' colours as stripes, one row of blocks per step, and shows each step."""

    name, model, cost_per_picture = "painting", "painting", 0.0

    def __init__(
        self, *, steps: int = 4, error=None, pause: float = 0.0, gate=None, warm_error=None
    ):
        self.steps, self.error, self.pause, self.gate = steps, error, pause, gate
        self.warm_error = warm_error
        self.warmed = 0
        self.drawn: list[tuple[str, int | None]] = []
        self._lock = threading.Lock()

    def text_for(self, prompt) -> str:
        check_prompt(prompt)
        return prompt.scene

    def warm_up(self) -> None:
        self.warmed += 1
        time.sleep(self.pause)
        if self.warm_error is not None:
            raise self.warm_error

    def generate(self, prompt, *, seed=None, on_progress=None) -> Postcard:
        if not prompt.scene.strip():
            raise RequestError("empty_prompt")
        with self._lock:
            start = time.perf_counter()
            if self.error is not None:
                raise self.error
            # No noise: as a PNG for the screen, it would take longer than all the rest.
            image = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
            for step in range(1, self.steps + 1):
                time.sleep(self.pause)
                if self.gate is not None:
                    self.gate.wait(10)
                self._paint(image, prompt.stops, step)
                shown = on_progress is None or on_progress(step, self.steps, image.copy())
                if shown is False:
                    raise CancelledError()
            self.drawn.append((prompt.scene, seed))
            seconds = time.perf_counter() - start
            return Postcard(image, prompt, self.text_for(prompt), self.model, seed, seconds, 0.0)

    def _paint(self, image: Image.Image, stops, step: int) -> None:
        colours = [stop.rgb for stop in stops] or [(128, 128, 128)]
        height = 64 * step // self.steps
        for index, rgb in enumerate(colours):
            left, right = 64 * index // len(colours), 64 * (index + 1) // len(colours)
            ImageDraw.Draw(image).rectangle((left, 0, right - 1, height - 1), fill=rgb)


@contextmanager
def a_full_disk():
    """Whatever is written to the end of the block finds the disk full, as late as it can."""

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        yield
