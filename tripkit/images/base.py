"""What every image backend promises, and the checks that all of them share."""

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from PIL import Image

from tripkit.core.errors import CancelledError, RequestError
from tripkit.core.messages import Phrase
from tripkit.core.text import clean_text, clipped, language_of
from tripkit.images.partial_saves import Keeper
from tripkit.images.postcard import Postcard
from tripkit.prompts import ImagePrompt
from tripkit.services.spending import Estimate, Ledger

MAX_SEED = 2**31 - 1
MAX_BATCH = 4  # pictures at once: as many as one compares at a glance, and a laptop has memory for

Shown = TypeVar("Shown")
# (step, total, preview), called from the thread that draws; returning False cancels.
OnProgress = Callable[[int, int, Image.Image | None], bool | None]
# The same of pictures that are drawn at once, with the previews of all of them.
OnBatchProgress = Callable[[int, int, list[Image.Image] | None], bool | None]


class ImageBackend(Protocol):
    """Draws one postcard at a time.

    Attributes:
        name: how `make_backend` finds it: ``"postcard"``, a hub id, ``"openai:<model>"``.
        model: the model that draws.
    """

    name: str
    model: str

    @property
    def cost_per_picture(self) -> float | None:
        """In US dollars, about; 0.0 for a model that runs here, None if not known."""

    def text_for(self, prompt: ImagePrompt) -> str:
        """The string as it will be sent to the model."""

    def warm_up(self) -> None:
        """Loads the model. Safe to call twice."""

    def generate(
        self, prompt: ImagePrompt, *, seed: int | None = None, on_progress: OnProgress | None = None
    ) -> Postcard:
        """Draws the prompt.

        Raises:
            RequestError: ``empty_prompt``, ``bad_seed``.
            CancelledError: ``on_progress`` returned False.
            ServiceError: the model cannot be had, or failed.
        """


@runtime_checkable
class PaidImageBackend(ImageBackend, Protocol):
    """A backend whose calls may be billed: it tells their price before, and books them."""

    def estimate(self, prompt: ImagePrompt | str) -> Estimate | None:
        """About what a picture of this prompt costs; None where nothing is billed."""

    def generate(
        self,
        prompt: ImagePrompt,
        *,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        ledger: Ledger | None = None,
        keeper: Keeper | None = None,
    ) -> Postcard:
        """As `ImageBackend.generate`; the call goes through ``ledger``.

        What comes goes to ``keeper`` before it is told, so that it stays where the call breaks.

        Raises:
            SpendingError: ``cap_reached``; nothing is sent.
        """


@runtime_checkable
class BatchImageBackend(ImageBackend, Protocol):
    """A backend that draws several pictures of one prompt at once, faster than one by one."""

    def generate_batch(
        self,
        prompt: ImagePrompt,
        *,
        seeds: Sequence[int],
        on_progress: OnBatchProgress | None = None,
    ) -> list[Postcard]:
        """Draws the prompt once for each seed: the pictures that `generate` draws with them.

        Raises:
            RequestError: as `ImageBackend.generate`, and ``bad_batch_seeds``, see `check_seeds`.
            CancelledError, ServiceError: as `ImageBackend.generate`; there is no picture then.
        """


def as_prompt(prompt: ImagePrompt | str) -> ImagePrompt:
    """The prompt; a plain sentence becomes its own scene, in Korean where it has Hangul."""
    if isinstance(prompt, ImagePrompt):
        return prompt
    prompt = str(prompt)
    return ImagePrompt(full=prompt, scene=prompt, language=language_of(prompt))


def check_prompt(prompt: ImagePrompt | str) -> None:
    """Refuses a prompt with nothing to read in it.

    Raises:
        RequestError: ``empty_prompt``.
    """
    texts = (prompt,) if isinstance(prompt, str) else (prompt.full, prompt.scene)
    if not any(clean_text(text) for text in texts):
        raise RequestError("empty_prompt")


def check_option(option: str, value: object, fits: object, known: str | Phrase) -> None:
    """Refuses a value that is none of the ``known`` ones.

    Raises:
        RequestError: ``bad_option``.
    """
    if not fits:
        raise RequestError("bad_option", option=option, value=clipped(value), known=known)


def check_seed(seed: int) -> None:
    """Refuses what is no seed.

    Raises:
        RequestError: ``bad_seed``, anything but a whole number from 0 to ``MAX_SEED``.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise RequestError("bad_seed", seed=clipped(seed), limit=MAX_SEED)


def check_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds of pictures that are drawn at once.

    The same seed twice would be the same picture twice, which is nothing to choose from.

    Raises:
        RequestError: ``bad_batch_seeds``, not 1 to ``MAX_BATCH`` different ones; ``bad_seed``.
    """
    several = tuple(seeds) if isinstance(seeds, Sequence) and len(seeds) <= MAX_BATCH else ()
    for seed in several:
        check_seed(seed)
    if not several or len(set(several)) < len(several):
        raise RequestError("bad_batch_seeds", seeds=clipped(seeds, 60), limit=MAX_BATCH)
    return several


def check_batch_backend(backend: ImageBackend) -> BatchImageBackend:
    """The backend, where it draws several pictures at once.

    Raises:
        RequestError: ``one_at_a_time``.
    """
    if not isinstance(backend, BatchImageBackend):
        raise RequestError("one_at_a_time", model=backend.model)
    return backend


def new_seed() -> int:
    """Return a fresh random seed of at most six digits, short enough to call across a classroom."""
    return random.SystemRandom().randint(0, 999_999)


def seeds_from(seed: int | None, count: int) -> tuple[int, ...]:
    """As many seeds in a row, from this one or from a new one; after ``MAX_SEED`` comes 0.

    Raises:
        RequestError: ``bad_seed``.
    """
    first = new_seed() if seed is None else seed
    check_seed(first)
    return tuple((first + more) % (MAX_SEED + 1) for more in range(count))


def report(
    on_progress: Callable[[int, int, Shown | None], bool | None] | None,
    step: int,
    total: int,
    preview: Shown | None = None,
) -> None:
    """Tells how far the drawing is.

    Raises:
        CancelledError: the listener returned False. None, as a function without return, goes on.
    """
    if on_progress is not None and on_progress(step, total, preview) is False:
        raise CancelledError("cancelled")
