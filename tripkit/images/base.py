"""What every image backend promises, and the checks that all of them share."""

import random
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PIL import Image

from tripkit.core.errors import CancelledError, RequestError
from tripkit.core.messages import Phrase
from tripkit.core.text import clean_text, clipped, language_of
from tripkit.images.partial_saves import Keeper
from tripkit.images.postcard import Postcard
from tripkit.prompts import ImagePrompt
from tripkit.services.spending import Estimate, Ledger

MAX_SEED = 2**31 - 1

# (step, total, preview), called from the thread that draws; returning False cancels.
OnProgress = Callable[[int, int, Image.Image | None], bool | None]


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


def new_seed() -> int:
    """Return a fresh random seed of at most six digits, short enough to call across a classroom."""
    return random.SystemRandom().randint(0, 999_999)


def report(
    on_progress: OnProgress | None, step: int, total: int, preview: Image.Image | None = None
) -> None:
    """Tells how far the drawing is.

    Raises:
        CancelledError: the listener returned False. None, as a function without return, goes on.
    """
    if on_progress is not None and on_progress(step, total, preview) is False:
        raise CancelledError("cancelled")
