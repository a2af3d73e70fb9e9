"""Midjourney: no backend, for it has no public API; but the command, ready to be pasted.

What a request, a place or a planner's answer says is text to Midjourney and nothing else: whatever
would be a parameter, a weight, a list of variants or an address is taken out of it.
"""

import re
from dataclasses import dataclass

from tripkit.core.messages import Phrase
from tripkit.core.text import clean_text
from tripkit.images.base import check_option, check_prompt
from tripkit.prompts import ImagePrompt
from tripkit.services.registry import Service, find_service

MAX_RATIO = 3  # one side to the other
MAX_STYLIZE = 1000
MAX_PROMPT = 1000  # characters of the scene: longer prompts lose their end
STYLES = ("raw",)
_ADDRESS = re.compile(r"\b\w+://\S*|\bwww\.\S+", re.IGNORECASE)
_SPECIAL = re.compile(r"[{}|<>*`~\\]")  # variants, links, and what Discord reads as its own marks


@dataclass(frozen=True)
class ImagineCommand:
    """A command for Midjourney.

    Attributes:
        text: the whole of it, from ``/imagine`` on.
        prompt: what it draws, with its parameters: what is pasted on midjourney.com.
        notes: what is to be said about it.
    """

    text: str
    prompt: str
    notes: tuple[Phrase, ...] = ()


def imagine_command(
    prompt: ImagePrompt | str,
    *,
    aspect_ratio: str = "3:2",
    version: str | None = None,
    no: str = "",
    style: str | None = None,
    stylize: int | None = None,
) -> ImagineCommand:
    """The command that draws a trip's scene with Midjourney.

    Args:
        prompt: a composed prompt, of which the scene is taken, or a sentence.
        aspect_ratio: width to height, ``"3:2"``; ``--ar``.
        version: one of the registry's; None takes its default; ``--v``.
        no: what should not be there, divided by commas; ``--no``.
        style: None or ``"raw"``; ``--raw``, in older versions ``--style raw``.
        stylize: 0 to 1000; None leaves Midjourney's default; ``--stylize``.

    Raises:
        RequestError: ``empty_prompt``, ``bad_option``.
    """
    scene = plain(prompt if isinstance(prompt, str) else prompt.scene)[:MAX_PROMPT].strip(" ,")
    check_prompt(scene)
    known = {name: str(value) for name, value in midjourney().parameters.items()}
    version = str(version or known["version"]).strip()
    check_option("--v", version, version in _list(known["versions"]), known["versions"])
    check_option("--style", style, style in (None, *STYLES), ", ".join(STYLES))
    parts = [scene, f"--ar {_ratio(aspect_ratio)}", f"--v {version}"]
    if unwanted := _unwanted(no):
        parts.append(f"--no {unwanted}")
    if style == "raw":
        parts.append("--style raw" if version in _list(known["style_raw"]) else "--raw")
    if stylize is not None:
        fits = type(stylize) is int and 0 <= stylize <= MAX_STYLIZE
        check_option("--stylize", stylize, fits, f"0-{MAX_STYLIZE}")
        parts.append(f"--stylize {stylize}")
    undocumented = unwanted and version not in _list(known["with_no"])
    notes = (Phrase("midjourney.no_negative", version=version),) if undocumented else ()
    text = " ".join(parts)
    return ImagineCommand(f"/imagine prompt: {text}", text, notes)


def midjourney() -> Service:
    """Midjourney's row in the registry: what was found about an API, where and when."""
    return find_service("midjourney")


def plain(words: str) -> str:
    """The words without what Midjourney would read as anything but words.

    Dashes that begin a parameter (also the long dash that phones make of two), ``::`` weights,
    ``{a, b}`` variants (each is billed), addresses of pictures, a leading slash, Discord's marks.
    """
    words = _ADDRESS.sub(" ", clean_text(words))
    words = _SPECIAL.sub(" ", words)
    words = re.sub(r"(?:-{2,}|[‐-―−﹘﹣－])", " ", words)  # noqa: RUF001
    words = re.sub(r"(?<!\S)-+(?=\S)", " ", words)
    words = re.sub(r":{2,}[-\d.]*|(?<=\w):(?=\s|$)", " ", words)
    words = re.sub(r"(?<!\S)[/@#]+", " ", words)
    return re.sub(r"\s+([,.])", r"\1", " ".join(words.split()))


def _ratio(value: str) -> str:
    match = re.fullmatch(r"\s*([1-9]\d?)\s*:\s*([1-9]\d?)\s*", str(value), re.ASCII)
    sides = [int(side) for side in match.groups()] if match else [1, 99]
    fits = match and max(sides) <= MAX_RATIO * min(sides)
    check_option("--ar", value, fits, Phrase("midjourney.ar_allowed", most=MAX_RATIO))
    return f"{sides[0]}:{sides[1]}"


def _unwanted(no: str) -> str:
    words = (plain(part).strip(" .") for part in str(no).split(","))
    return ", ".join(word for word in words if word)[:200]


def _list(value: str) -> list[str]:
    return [part.strip() for part in str(value).split(",")]
