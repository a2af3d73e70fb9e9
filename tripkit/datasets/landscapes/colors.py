"""The colours of nature, and how a colour gets its shades."""

from __future__ import annotations

RGB = tuple[int, int, int]
WHITE: RGB = (252, 250, 244)
CREAM: RGB = (246, 232, 204)
WOOD: RGB = (126, 86, 58)
BARK: RGB = (92, 64, 56)
DARK: RGB = (54, 46, 62)
STONE: RGB = (142, 136, 140)
LAMP: RGB = (255, 222, 122)
RED: RGB = (222, 78, 66)
GOLD: RGB = (246, 184, 72)
LEAF: RGB = (74, 136, 84)
PINE: RGB = (46, 100, 84)
SAND: RGB = (242, 216, 164)
WATER: RGB = (88, 158, 200)
GLASS: RGB = (204, 230, 244)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """The colour that lies ``share`` of the way from ``a`` to ``b``."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def luminance(rgb: RGB) -> float:
    """How light a colour looks, 0 to 255."""
    return 0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2]


def tone(rgb: RGB, amount: float) -> RGB:
    """A lighter (``amount`` > 0) or darker shade.

    What cannot get darker gets lighter, and the other way round, so that a shade is always seen.
    """
    light = luminance(rgb)
    if amount < 0 and light < 46:
        return mix(rgb, WHITE, -0.6 * amount)
    if amount > 0 and light > 222:
        return mix(rgb, (70, 70, 96), 0.35 * amount)
    return mix(rgb, (255, 255, 255), amount) if amount > 0 else mix(rgb, (24, 16, 40), -amount)


LIGHT: dict[str, tuple[RGB, float]] = {  # what falls on the land, and how much of it
    "day": ((255, 255, 255), 0.0),
    "morning": ((255, 226, 206), 0.28),
    "sunset": ((206, 104, 92), 0.34),
    "night": ((26, 34, 84), 0.62),
}


def lit(rgb: RGB, time: str) -> RGB:
    """A colour of the land as it looks at a time of day."""
    light, share = LIGHT[time]
    return mix(rgb, light, share)
