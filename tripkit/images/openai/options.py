"""What can be asked of OpenAI's image models beside the prompt: checked, and worded for a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tripkit.images.base import check_option
from tripkit.images.openai.masks import Edit

MAX_PARTIALS = 3
QUALITIES = ("low", "medium", "high", "xhigh", "max", "auto")
MODERATIONS = ("auto", "low")
SIZES = "auto, 1024x1024, 1024x1536, 1536x1024"
GRID, NARROWEST, LONGEST, MOST_PIXELS = 16, 3, 3840, 3840 * 2160  # of OpenAI's pictures


@dataclass(frozen=True)
class ImageOptions:
    """The options of a backend; see `OpenAIImageBackend`, whose arguments they are.

    Raises:
        RequestError: ``bad_option``.
    """

    quality: str
    size: str
    moderation: str
    partial_images: int

    def __post_init__(self) -> None:
        qualities, moderations = ", ".join(QUALITIES), ", ".join(MODERATIONS)
        check_option("quality", self.quality, self.quality in QUALITIES, qualities)
        check_option("moderation", self.moderation, self.moderation in MODERATIONS, moderations)
        sides = re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", str(self.size), re.ASCII)
        check_option("size", self.size, self.size == "auto" or sides, SIZES)
        count = self.partial_images
        few = type(count) is int and 0 <= count <= MAX_PARTIALS
        check_option("partial_images", repr(count), few, f"0-{MAX_PARTIALS}")

    def canvas(self) -> tuple[int, int] | None:
        """The width and height that OpenAI draws; None where it decides.

        Raises:
            RequestError: ``bad_option``, its models cannot draw that (the SDK's documentation).
        """
        if self.size == "auto":
            return None
        width, height = (int(side) for side in self.size.split("x"))
        short, long = sorted((width, height))
        fits = not (short % GRID or long % GRID) and long <= NARROWEST * short
        fits = fits and long <= LONGEST and short * long <= MOST_PIXELS
        check_option("size", self.size, fits, SIZES)
        return width, height

    def arguments(self, *, openai: bool, edit: Edit | None) -> dict[str, Any]:
        """The arguments of the SDK's call: for OpenAI or another server, to draw or to edit."""
        arguments: dict[str, Any] = {} if edit is None else edit.files()
        if self.partial_images:
            arguments |= {"stream": True, "partial_images": self.partial_images}
        if openai or edit is None:
            arguments["size"] = self.size
        if openai:
            arguments["quality"] = self.quality
            if self.moderation != "auto" and edit is None:
                arguments["moderation"] = self.moderation
        else:  # GPT image models refuse response_format; others may send a link without it
            arguments["response_format"] = "b64_json"
        return arguments
