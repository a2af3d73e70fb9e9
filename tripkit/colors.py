"""Colours: hex, names in two languages, contrast on a swatch, distance to the eye, palettes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tripkit.core.errors import RequestError
from tripkit.core.settings import check_language, read_data
from tripkit.core.text import clean_text, clipped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from PIL import Image

RGB = tuple[int, int, int]  # sRGB, 0 to 255
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
MAX_PIXELS = 4096  # of an image that its palette is found in
STARTS = 4  # of the search for a palette


@dataclass(frozen=True)
class ColorName:
    """A named colour; ``also`` are further words for it in either language."""

    key: str
    en: str
    ko: str
    rgb: RGB
    also: tuple[str, ...] = ()


def _load_names() -> tuple[ColorName, ...]:
    colors = read_data("colors.toml")["colors"]
    return tuple(
        ColorName(key, row["en"], row["ko"], tuple(row["rgb"]), tuple(row.get("also", ())))
        for key, row in colors.items()
    )


COLOR_NAMES = _load_names()


def to_hex(rgb: RGB) -> str:
    """``(255, 182, 193)`` as ``"#ffb6c1"``.

    Raises:
        RequestError: ``bad_color``, not three whole numbers from 0 to 255.
    """
    channels = tuple(rgb)
    whole = all(isinstance(c, int | np.integer) and 0 <= c <= 255 for c in channels)
    if len(channels) != 3 or not whole:
        raise RequestError("bad_color", color=clipped(repr(channels), 60))
    return "#{:02x}{:02x}{:02x}".format(*channels)


def from_hex(text: str) -> RGB:
    """``"#ffb6c1"``, ``"FFB6C1"`` or ``"#fbc"`` as RGB.

    Raises:
        RequestError: ``bad_color``, anything else.
    """
    match = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text.strip())
    if match is None:
        raise RequestError("bad_color", color=clipped(repr(text), 60))
    digits = match[1]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def nearest_name(rgb: RGB, language: str = "en") -> str:
    """The name in ``language`` of the `COLOR_NAMES` entry that looks most like ``rgb``.

    Raises:
        RequestError: ``unknown_language``.
    """
    check_language(language)
    return getattr(_nearest(tuple(int(channel) for channel in rgb)), language)


@lru_cache(maxsize=4096)
def _nearest(rgb: RGB) -> ColorName:
    distances = delta_e(rgb, [name.rgb for name in COLOR_NAMES])
    return COLOR_NAMES[int(np.argmin(distances))]


def find_color(text: str) -> RGB | None:
    """The colour that ``text`` names, in English, Korean or hex; None where it names none.

    Case, blanks and hyphens do not matter, nor ``grey`` for ``gray``, nor a missing 색 (분홍). Hex
    needs its ``#`` where it holds no digit, so that the word "facade" is not a colour.
    """
    word = _bare(text)
    if re.fullmatch(r"#?[0-9a-f]{3}|#?[0-9a-f]{6}", word) and re.search(r"[#0-9]", word):
        return from_hex(word)
    names = _names_by_word()
    return names.get(word) or names.get(word + "색")


def _bare(text: str) -> str:
    word = re.sub(r"[\s_-]+", "", clean_text(text).casefold())
    return word.replace("grey", "gray")


@cache
def _names_by_word() -> dict[str, RGB]:
    # First come, first kept: an alias never hides a colour's own name.
    words = [(word, name.rgb) for name in COLOR_NAMES for word in (name.en, name.ko)]
    words += [(word, name.rgb) for name in COLOR_NAMES for word in name.also]
    return {_bare(word): rgb for word, rgb in reversed(words)}


def contrast_ratio(a: RGB, b: RGB) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_color(rgb: RGB) -> RGB:
    """Black or white, whichever reads better on ``rgb``; one of them always reaches 4.5."""
    return max(BLACK, WHITE, key=lambda ink: contrast_ratio(ink, rgb))


def _luminance(rgb: RGB) -> float:
    return float(_linear(np.asarray(rgb, dtype=float)) @ (0.2126, 0.7152, 0.0722))


def _linear(srgb: np.ndarray) -> np.ndarray:
    """Light per channel, 0 to 1, from sRGB of 0 to 255 (IEC 61966-2-1)."""
    c = srgb / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


# Rows give X, Y, Z; divided by their sums (the D65 white) so that white is (1, 1, 1).
_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_XYZ = _XYZ / _XYZ.sum(axis=1, keepdims=True)


def srgb_to_lab(array: ArrayLike) -> np.ndarray:
    """CIE L*a*b* (D65) of sRGB: (..., 3) of 0 to 255 gives (..., 3), L* from 0 to 100."""
    xyz = _linear(np.asarray(array, dtype=float)) @ _XYZ.T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """CIEDE2000 between sRGB colours: (..., 3) of 0 to 255, broadcast; about 1 is just visible."""
    return ciede2000(srgb_to_lab(a), srgb_to_lab(b))


def ciede2000(lab1: ArrayLike, lab2: ArrayLike) -> np.ndarray:
    """The colour difference CIEDE2000 of L*a*b* colours, (..., 3), broadcast; kL = kC = kH = 1.

    Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula: implementation notes,
    supplementary test data, and mathematical observations", eqs. 2 to 22. Hues are in degrees.
    """
    l1, a1, b1 = np.moveaxis(np.asarray(lab1, dtype=float), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(lab2, dtype=float), -1, 0)
    # eqs. 2-7: a* is stretched for greyish colours, then chroma and hue.
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1 = np.degrees(np.arctan2(b1, stretch * a1)) % 360
    h2 = np.degrees(np.arctan2(b2, stretch * a2)) % 360
    # eqs. 8-14: differences and means, the hue's the short way round the circle.
    no_hue = c1 * c2 == 0
    dh = np.where(no_hue, 0, (h2 - h1 + 180) % 360 - 180)
    dh = np.where(h2 - h1 == 180, 180, dh)
    delta_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    around = np.where(h1 + h2 < 360, 360, -360) * (np.abs(h1 - h2) > 180)
    mean_h = np.where(no_hue, h1 + h2, (h1 + h2 + around) / 2)
    # eqs. 15-21: weights.
    t = (
        1
        - 0.17 * _cos(mean_h - 30)
        + 0.24 * _cos(2 * mean_h)
        + 0.32 * _cos(3 * mean_h + 6)
        - 0.20 * _cos(4 * mean_h - 63)
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    turn = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r_t = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(2 * turn))
    # eq. 22
    dl, dc, dhue = (l2 - l1) / s_l, (c2 - c1) / s_c, delta_h / s_h
    return np.sqrt(dl**2 + dc**2 + dhue**2 + r_t * dc * dhue)


def _cos(degrees: np.ndarray) -> np.ndarray:
    return np.cos(np.radians(degrees))


def image_palette(
    image: Image.Image | ArrayLike, k: int = 6, seed: int = 0
) -> list[tuple[RGB, float]]:
    """The at most ``k`` dominant colours of an image, each with its share of it, largest first.

    k-means in L*a*b* over at most `MAX_PIXELS` pixels. The same image and seed give the same list.

    Args:
        image: a PIL image, or an array (height, width, 3) of 0 to 255.
        k: how many colours to look for; fewer come back where the image has fewer.
        seed: for the choice of pixels and of the first centres.
    """
    if hasattr(image, "convert"):
        image = image.convert("RGB")
    pixels = np.asarray(image, dtype=float).reshape(-1, 3)
    rng = np.random.default_rng(seed)
    if len(pixels) > MAX_PIXELS:
        pixels = pixels[rng.choice(len(pixels), MAX_PIXELS, replace=False)]
    points = srgb_to_lab(pixels)
    # The best of several starts: one alone often spends two centres on one sky.
    nearest = min(
        (_k_means(points, k, rng) for _ in range(STARTS)), key=lambda n: _spread(points, n)
    )
    groups = [pixels[nearest == cluster] for cluster in np.unique(nearest)]
    groups.sort(key=len, reverse=True)
    return [(_mean(group), len(group) / len(pixels)) for group in groups]


def _mean(pixels: np.ndarray) -> RGB:
    red, green, blue = (int(channel) for channel in pixels.mean(axis=0).round())
    return red, green, blue


def _k_means(points: np.ndarray, k: int, rng: np.random.Generator, steps: int = 30) -> np.ndarray:
    """The cluster, 0 to k - 1, of each of the points (n, 3); k-means++ start (Arthur 2007)."""
    centres = points[rng.integers(len(points), size=1)]
    while len(centres) < k:
        squared = _squared_distances(points, centres).min(axis=1)
        if squared.sum() < 1e-6:  # no further colours
            break
        chosen = rng.choice(len(points), p=squared / squared.sum())
        centres = np.vstack([centres, points[chosen]])
    nearest = _squared_distances(points, centres).argmin(axis=1)
    for _ in range(steps - 1):
        for cluster in np.unique(nearest):
            centres[cluster] = points[nearest == cluster].mean(axis=0)
        before, nearest = nearest, _squared_distances(points, centres).argmin(axis=1)
        if (before == nearest).all():
            break
    return nearest


def _spread(points: np.ndarray, nearest: np.ndarray) -> float:
    """The sum of squared distances of the points to the centres of their clusters."""
    groups = (points[nearest == cluster] for cluster in np.unique(nearest))
    return float(sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups))


def _squared_distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return ((points[:, None] - centres[None]) ** 2).sum(axis=-1)  # (n, k)


def palette_distance(extracted: Sequence[tuple[RGB, float]], target: Sequence[RGB]) -> list[float]:
    """For each target RGB the least CIEDE2000 to a colour of a picture (see `image_palette`)."""
    rgbs = np.array([rgb for rgb, _share in extracted])
    return [float(delta_e(rgb, rgbs).min()) for rgb in target]
