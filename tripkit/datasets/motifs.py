"""The 28 kinds of place, each drawn in one given colour and its shades.

A motif is a function of a brush, the centre ``x``, the baseline ``y``, the ``bottom`` of its
strip of ground, the asked colour and the time of day. Coordinates are those of a 64 x 64 picture.
The asked colour covers most of a motif; outlines and shadows are shades of it, so that the motif
stays readable in any colour, on any ground. Nothing is thinner than one pixel or stands in a
random place.
"""

from __future__ import annotations

from collections.abc import Callable

from tripkit.datasets.brush import (
    CREAM,
    DARK,
    LAMP,
    RGB,
    WHITE,
    WOOD,
    Brush,
    line_color,
    mix,
    shade,
)

Motif = Callable[[Brush, float, float, float, RGB, str], None]
MOTIFS: dict[str, Motif] = {}


def motif(draw: Motif) -> Motif:
    """Enter a motif under its name."""
    MOTIFS[draw.__name__] = draw
    return draw


def window(time: str) -> RGB:
    """The colour of a window: lit when it is dark outside."""
    return LAMP if time in ("sunset", "night") else (206, 232, 246)


# The far distance


@motif
def mountain(b, x, y, bottom, rgb, time):
    """Two snow-capped mountains."""
    for dx, w, h, tone in ((13, 15, 17, 0.8), (-4, 20, 27, 1.0)):
        top = y - h
        b.poly((x + dx - w, y, x + dx, top, x + dx + w, y), shade(rgb, tone))
        b.poly((x + dx, top, x + dx + w, y, x + dx + 3, y), shade(rgb, tone * 0.75))
        cap = w * 7 / h
        b.poly((x + dx - cap, top + 7, x + dx, top, x + dx + cap, top + 7, x + dx, top + 5), WHITE)


@motif
def ski_slope(b, x, y, bottom, rgb, time):
    """A slope with a white piste and a cable car."""
    b.poly((x - 26, y, x - 8, y - 19, x + 2, y - 23, x + 22, y), rgb, line_color(rgb))
    b.poly((x - 1, y - 21, x + 4, y - 21, x - 4, y - 13, x + 6, y - 7, x - 2, y, x - 13, y,
            x - 4, y - 7, x - 11, y - 13), WHITE)  # fmt: skip
    for dx, dy in ((12, -9), (17, -4), (-17, -4)):
        b.poly((x + dx - 3, y + dy + 4, x + dx, y + dy - 4, x + dx + 3, y + dy + 4), (44, 92, 74))
    b.line((x - 26, y - 18, x + 20, y - 26), DARK, 1)
    for dx, dy in ((-19, -17), (-6, -19)):
        b.rect(x + dx, y + dy, x + dx + 4, y + dy + 3, (226, 70, 60))


@motif
def balloons(b, x, y, bottom, rgb, time):
    """Three hot-air balloons over hills."""
    b.poly((x - 22, y, x - 8, y - 5, x + 6, y, x + 20, y), shade(rgb, 0.7))
    for dx, top, r in ((-3, y - 32, 10), (13, y - 22, 6), (-17, y - 20, 5)):
        cx, cy = x + dx, top + r
        b.poly(
            (cx - r * 0.8, cy + r * 0.5, cx + r * 0.8, cy + r * 0.5, cx, cy + r * 1.7),
            shade(rgb, 0.8),
        )
        b.disc(cx, cy, r, rgb, line_color(rgb))
        b.oval(cx - r * 0.4, cy - r + 1, cx + r * 0.4, cy + r, mix(rgb, WHITE, 0.55))
        b.rect(cx - 2, cy + r * 1.5, cx + 2, cy + r * 1.5 + 3, WOOD)


@motif
def waterfall(b, x, y, bottom, rgb, time):
    """Water falling over a cliff."""
    cliff = (116, 104, 100) if time != "night" else (76, 70, 82)
    b.poly(
        (
            x - 19,
            y + 2,
            x - 16,
            y - 20,
            x - 9,
            y - 25,
            x + 12,
            y - 25,
            x + 17,
            y - 18,
            x + 19,
            y + 2,
        ),
        cliff,
    )
    b.rect(x - 16, y - 12, x - 10, y - 10, shade(cliff, 0.75))
    b.rect(x + 9, y - 18, x + 15, y - 16, shade(cliff, 0.75))
    b.rect(x - 8, y - 25, x + 8, y + 3, rgb)
    for dx in (-5, 0, 5):
        b.rect(x + dx, y - 23, x + dx + 2, y + 1, mix(rgb, WHITE, 0.6))
    b.oval(x - 18, y, x + 18, y + 8, rgb, mix(rgb, WHITE, 0.5))
    b.rect(x - 10, y, x + 10, y + 2, WHITE)


@motif
def desert(b, x, y, bottom, rgb, time):
    """Dunes and a cactus."""
    b.poly((0, y, x - 20, y - 10, x - 2, y - 2, 64, y - 6, 64, bottom, 0, bottom), shade(rgb, 0.85))
    b.poly((x - 26, y + 3, x - 4, y - 15, x + 6, y - 6, x + 16, y - 9, 64, y + 3), rgb)
    b.poly(
        (x - 4, y - 15, x + 6, y - 6, x + 16, y - 9, 64, y + 3, x + 4, y + 3, x + 1, y - 4),
        shade(rgb, 0.7),
    )
    b.rect(0, y + 3, 64, bottom, rgb)
    b.line((4, y + 6, 26, y + 5, 44, y + 7, 62, y + 6), shade(rgb, 0.75), 1)
    green = (58, 118, 72)
    b.rect(x - 15, y - 8, x - 12, y + 5, green)
    b.rect(x - 19, y - 4, x - 12, y - 2, green)
    b.rect(x - 19, y - 7, x - 17, y - 2, green)


@motif
def skyline(b, x, y, bottom, rgb, time):
    """High-rise buildings with windows."""
    for dx, w, h, tone in (
        (-22, 9, 14, 0.8),
        (-13, 8, 22, 1.0),
        (-5, 10, 29, 0.85),
        (5, 8, 19, 1.0),
        (13, 8, 25, 0.8),
    ):
        left, top = x + dx, y - h
        b.rect(left, top, left + w, y + 1, shade(rgb, tone), line_color(rgb))
        for wy in range(int(top) + 3, int(y) - 2, 4):
            for wx in range(int(left) + 2, int(left + w) - 2, 3):
                b.rect(wx, wy, wx + 2, wy + 2, window(time))
    b.rect(x - 1, y - 33, x + 1, y - 29, line_color(rgb))


@motif
def castle(b, x, y, bottom, rgb, time):
    """A castle with three towers."""
    wall, edge = rgb, line_color(rgb)
    roof = shade(rgb, 0.6) if sum(rgb) > 300 else mix(rgb, WHITE, 0.4)
    b.rect(x - 13, y - 13, x + 13, y + 2, wall, edge)
    for left in range(-13, 12, 6):
        b.rect(x + left, y - 16, x + left + 3, y - 12, wall, edge)
    for dx, h in ((-16, 20), (9, 20), (-4, 25)):
        b.rect(x + dx, y - h, x + dx + 8, y + 2, wall, edge)
        b.poly((x + dx - 1, y - h, x + dx + 4, y - h - 8, x + dx + 8, y - h), roof, edge)
        b.rect(x + dx + 3, y - h + 4, x + dx + 5, y - h + 8, window(time))
    b.rect(x - 3, y - 7, x + 3, y + 2, DARK)
    b.rect(x, y - 36, x + 5, y - 33, (226, 70, 60))


@motif
def tower(b, x, y, bottom, rgb, time):
    """An observation tower on a hill."""
    edge = line_color(rgb)
    b.poly((x - 18, y + 1, x - 6, y - 6, x + 6, y - 6, x + 18, y + 1), shade(rgb, 0.65))
    b.poly((x - 4, y - 4, x - 2, y - 24, x + 2, y - 24, x + 4, y - 4), rgb, edge)
    b.oval(x - 9, y - 28, x + 9, y - 18, rgb, edge)
    b.rect(x - 7, y - 24, x + 7, y - 22, window(time))
    b.rect(x - 4, y - 31, x + 4, y - 27, rgb, edge)
    b.rect(x - 1, y - 37, x + 1, y - 31, edge)
    b.rect(x - 1, y - 37, x + 1, y - 35, (226, 70, 60))


@motif
def ferris_wheel(b, x, y, bottom, rgb, time):
    """A Ferris wheel."""
    cy = y - 16
    b.line((x - 9, y + 2, x, cy, x + 9, y + 2), line_color(rgb), 2)
    b.disc(x, cy, 14, None, rgb, 3)
    b.line((x - 12, cy, x + 12, cy), rgb, 1)
    b.line((x, cy - 12, x, cy + 12), rgb, 1)
    b.line((x - 9, cy - 9, x + 9, cy + 9), rgb, 1)
    b.line((x - 9, cy + 9, x + 9, cy - 9), rgb, 1)
    b.disc(x, cy, 3, WHITE)
    for dx, dy in (
        (0, -14),
        (10, -10),
        (14, 0),
        (10, 10),
        (0, 14),
        (-10, 10),
        (-14, 0),
        (-10, -10),
    ):
        b.rect(x + dx - 2, cy + dy - 2, x + dx + 3, cy + dy + 3, shade(rgb, 0.75), WHITE)


# The middle distance


@motif
def forest(b, x, y, bottom, rgb, time):
    """A row of firs."""
    for dx, h, tone in ((-15, 17, 0.8), (15, 16, 0.8), (23, 12, 0.9), (-7, 21, 1.0), (7, 20, 1.0)):
        cx = x + dx
        b.rect(cx - 1, y - 3, cx + 2, y + 3, WOOD)
        for step in range(3):
            top, half = y - h + step * h * 0.27, 3.5 + step * 1.8
            b.poly(
                (cx - half, top + h * 0.38, cx, top, cx + half, top + h * 0.38),
                shade(rgb, tone - 0.15 * (step == 2)),
            )


@motif
def maple(b, x, y, bottom, rgb, time):
    """Round trees along a path."""
    b.poly((x - 6, y, x + 6, y, x + 16, bottom, x - 12, bottom), CREAM)
    for dx, dy, r, tone in ((-13, -11, 7, 0.85), (12, -12, 8, 1.0), (22, -9, 6, 0.85)):
        b.rect(x + dx - 1, y + dy + 4, x + dx + 2, y + 3, WOOD)
        b.disc(x + dx, y + dy, r, shade(rgb, tone), shade(rgb, 0.6))
        b.disc(x + dx - 2, y + dy - 2, r * 0.4, mix(rgb, WHITE, 0.35))
    for dx, dy in ((-16, 5), (-9, 7), (12, 5), (20, 7), (27, 5), (34, 6)):
        b.rect(x + dx, y + dy, x + dx + 3, y + dy + 2, rgb)


@motif
def lighthouse(b, x, y, bottom, rgb, time):
    """A striped lighthouse and its beam."""
    b.poly((x - 16, y + 4, x - 9, y - 2, x + 9, y - 2, x + 16, y + 4), (124, 116, 120))
    b.poly((x - 7, y, x - 5, y - 20, x + 4, y - 20, x + 6, y), rgb, line_color(rgb))
    b.rect(x - 6, y - 15, x + 5, y - 11, WHITE)
    b.rect(x - 6, y - 7, x + 6, y - 3, WHITE)
    b.rect(x - 4, y - 26, x + 3, y - 20, LAMP, DARK)
    b.poly((x - 6, y - 25, x, y - 30, x + 5, y - 25), rgb, line_color(rgb))
    b.poly((x + 4, y - 24, x + 22, y - 29, x + 22, y - 19, x + 4, y - 22), mix(LAMP, WHITE, 0.4))


@motif
def bridge(b, x, y, bottom, rgb, time):
    """A suspension bridge over water."""
    water = (84, 142, 190) if time != "night" else (40, 56, 104)
    b.rect(0, y, 64, bottom, water)
    b.rect(6, y + 6, 18, y + 7, mix(water, WHITE, 0.5))
    b.rect(40, y + 6, 52, y + 7, mix(water, WHITE, 0.5))
    left, right, top = x - 8, x + 22, y - 21
    for tower_x in (left, right):
        b.rect(tower_x - 2, top, tower_x + 2, y + 5, rgb, line_color(rgb))
    for sag in range(2):
        b.line((0, y - 5 - sag, left, top + 2 + sag, (left + right) / 2, y - 5 - sag,
                right, top + 2 + sag, 64, y - 7 - sag), rgb, 1)  # fmt: skip
    for dx in (-4, 2, 7, 12, 18):
        b.rect(x + dx, y - 8, x + dx + 1, y - 2, rgb)
    b.rect(0, y - 3, 64, y + 1, rgb)
    b.rect(0, y + 1, 64, y + 2, line_color(rgb))


@motif
def pagoda(b, x, y, bottom, rgb, time):
    """A pagoda of three storeys."""
    edge = line_color(rgb)
    for half, top in ((13, -9), (11, -17), (8, -24)):
        b.rect(x - half + 4, y + top + 3, x + half - 3, y + top + 9, CREAM, WOOD)
        b.rect(x - 1, y + top + 5, x + 2, y + top + 8, window(time))
        b.poly((x - half - 2, y + top + 2, x - half + 3, y + top - 2, x + half - 3, y + top - 2,
                x + half + 2, y + top + 2, x + half - 1, y + top + 4,
                x - half + 1, y + top + 4), rgb, edge)  # fmt: skip
    b.rect(x - 1, y - 32, x + 1, y - 25, edge)


@motif
def windmill(b, x, y, bottom, rgb, time):
    """A windmill."""
    b.poly((x - 8, y + 2, x - 5, y - 15, x + 5, y - 15, x + 8, y + 2), rgb, line_color(rgb))
    b.pie(x - 6, y - 22, x + 6, y - 9, 180, 360, shade(rgb, 0.7), line_color(rgb))
    b.rect(x - 2, y - 5, x + 3, y + 2, DARK)
    b.rect(x - 2, y - 11, x + 2, y - 8, window(time))
    cy = y - 17
    for dx, dy in ((13, -9), (9, 11), (-13, 9), (-9, -11)):
        b.line((x, cy, x + dx, cy + dy), WHITE, 3)
        b.line((x, cy, x + dx, cy + dy), WOOD, 1)
    b.disc(x, cy, 2, WOOD)


@motif
def hanok(b, x, y, bottom, rgb, time):
    """Two houses with tiled roofs."""
    edge = line_color(rgb)
    for dx, half, lift in ((17, 11, 1), (-2, 15, 0)):
        cx, top = x + dx, y - 17 + 4 * lift
        b.rect(cx - half + 3, top + 8, cx + half - 3, y + 3, WHITE, WOOD)
        for px in range(int(cx - half + 6), int(cx + half - 4), 5):
            b.rect(px, top + 9, px + 1, y + 3, WOOD)
        b.rect(cx - 2, top + 10, cx + 3, y + 3, window(time), WOOD)
        b.poly((cx - half - 3, top + 6, cx - half, top + 6, cx - half + 6, top, cx + half - 6, top,
                cx + half, top + 6, cx + half + 3, top + 6, cx + half, top + 10,
                cx - half, top + 10), rgb, edge)  # fmt: skip
        b.rect(cx - half + 5, top - 1, cx + half - 5, top + 1, edge)


@motif
def cafe(b, x, y, bottom, rgb, time):
    """A cafe with an awning."""
    b.rect(x - 13, y - 19, x + 13, y + 3, CREAM, WOOD)
    b.rect(x - 15, y - 22, x + 15, y - 18, shade(rgb, 0.75), line_color(rgb))
    for stripe in range(6):
        b.rect(
            x - 15 + stripe * 5,
            y - 15,
            x - 10 + stripe * 5,
            y - 9,
            rgb if stripe % 2 == 0 else WHITE,
        )
    b.rect(x - 15, y - 9, x + 15, y - 8, line_color(rgb))
    b.rect(x - 10, y - 7, x + 2, y - 1, window(time), WOOD)
    b.rect(x + 4, y - 7, x + 10, y + 3, rgb, line_color(rgb))
    b.rect(x - 4, y - 28, x + 3, y - 22, WHITE, WOOD)
    b.rect(x + 3, y - 27, x + 5, y - 24, WOOD)


@motif
def market(b, x, y, bottom, rgb, time):
    """Three market stalls under lamps."""
    for dx in (-15, 2, 19):
        left = x + dx - 7
        b.rect(left + 1, y - 9, left + 3, y + 4, WOOD)
        b.rect(left + 12, y - 9, left + 14, y + 4, WOOD)
        b.rect(left, y - 3, left + 15, y + 4, mix(WOOD, CREAM, 0.3), WOOD)
        for i, fruit in enumerate(((226, 70, 60), (246, 178, 60), (110, 170, 70))):
            b.rect(left + 2 + 4 * i, y - 6, left + 5 + 4 * i, y - 3, fruit)
        b.poly(
            (left - 1, y - 9, left + 2, y - 17, left + 13, y - 17, left + 16, y - 9),
            rgb,
            line_color(rgb),
        )
        b.rect(left + 5, y - 16, left + 7, y - 9, WHITE)
        b.rect(left + 10, y - 16, left + 12, y - 9, WHITE)
    b.line((0, y - 22, 16, y - 20, 32, y - 22, 48, y - 20, 64, y - 22), DARK, 1)
    for lx in (6, 18, 30, 42, 54):
        b.disc(lx, y - 19.5, 2, LAMP)


@motif
def harbor(b, x, y, bottom, rgb, time):
    """Two sailing boats."""
    water = (74, 132, 178) if time != "night" else (36, 52, 100)
    b.rect(0, y - 2, 64, bottom, water)
    b.rect(30, y + 5, 46, y + 6, mix(water, WHITE, 0.5))
    b.rect(4, y + 7, 14, y + 8, mix(water, WHITE, 0.5))
    for dx, s in ((-4, 1.0), (18, 0.75)):
        cx = x + dx
        b.rect(cx - 1, y - 25 * s, cx + 1, y + 1, WOOD)
        b.poly((cx + 1, y - 25 * s, cx + 12 * s, y - 4, cx + 1, y - 4), rgb, line_color(rgb))
        b.poly(
            (cx - 2, y - 21 * s, cx - 11 * s, y - 4, cx - 2, y - 4),
            mix(rgb, WHITE, 0.35),
            line_color(rgb),
        )
        b.poly(
            (cx - 13 * s, y - 2, cx + 13 * s, y - 2, cx + 9 * s, y + 4, cx - 9 * s, y + 4),
            rgb,
            line_color(rgb),
        )
        b.rect(cx - 11 * s, y - 2, cx + 11 * s, y - 1, WHITE)


@motif
def lake(b, x, y, bottom, rgb, time):
    """A lake with a swan."""
    for dx in (-20, -15, 30, 36):
        b.poly((x + dx - 3, y - 1, x + dx, y - 11, x + dx + 3, y - 1), (50, 104, 76))
    b.oval(x - 20, y - 4, x + 38, max(bottom, y + 11) + 2, rgb, mix(rgb, WHITE, 0.6))
    for dx, dy, w in ((-8, 6, 9), (14, 1, 12), (22, 7, 8)):
        b.rect(x + dx, y + dy, x + dx + w, y + dy + 1, mix(rgb, WHITE, 0.6))
    b.oval(x - 5, y - 3, x + 8, y + 4, WHITE, DARK)
    b.rect(x + 6, y - 8, x + 8, y - 1, WHITE)
    b.rect(x + 6, y - 9, x + 11, y - 7, WHITE)
    b.rect(x + 10, y - 8, x + 12, y - 7, (240, 150, 50))


@motif
def beach(b, x, y, bottom, rgb, time):
    """Sea, sand and a parasol."""
    b.rect(0, y - 6, 64, y + 5, rgb)
    for dx, dy, w in ((20, -3, 12), (34, 1, 10), (-14, -3, 8)):
        b.rect(x + dx, y + dy, x + dx + w, y + dy + 1, mix(rgb, WHITE, 0.6))
    sand = (240, 216, 160) if time != "night" else (150, 134, 112)
    b.rect(0, y + 3, 64, bottom, sand)
    b.rect(0, y + 2, 64, y + 4, WHITE)
    b.rect(x - 1, y - 10, x + 1, y + 8, WOOD)
    b.pie(x - 12, y - 18, x + 12, y + 4, 180, 360, rgb, line_color(rgb))
    b.pie(x - 4, y - 18, x + 4, y + 4, 180, 360, WHITE)
    b.rect(x + 5, y + 5, x + 15, y + 8, mix(rgb, WHITE, 0.3), line_color(rgb))


@motif
def river(b, x, y, bottom, rgb, time):
    """A river with a lamp-lit walk."""
    b.rect(0, y - 1, 64, bottom, rgb)
    for dx, dy, w in ((4, 2, 14), (26, 4, 16), (48, 1, 12), (10, 7, 12), (40, 8, 14)):
        b.rect(dx, y + dy, dx + w, y + dy + 1, mix(rgb, WHITE, 0.55))
    b.rect(0, y - 4, 64, y - 1, CREAM)
    b.rect(0, y - 1, 64, y, shade(rgb, 0.6))
    for tx in (x - 9, x + 9):
        b.rect(tx, y - 17, tx + 1, y - 3, DARK)
        b.disc(tx + 0.5, y - 18, 2.5, LAMP, DARK)
    b.rect(x - 4, y - 8, x + 5, y - 6, WOOD)
    b.rect(x - 4, y - 6, x - 3, y - 3, WOOD)
    b.rect(x + 4, y - 6, x + 5, y - 3, WOOD)


# Near


@motif
def cherry(b, x, y, bottom, rgb, time):
    """A blossoming tree."""
    b.poly((x - 2, y + 3, x - 1, y - 10, x + 3, y - 10, x + 5, y + 3), WOOD)
    b.line((x, y - 6, x - 9, y - 14), WOOD, 2)
    b.line((x + 2, y - 6, x + 11, y - 14), WOOD, 2)
    blobs = ((-11, -15, 7), (11, -15, 7), (0, -20, 9), (-5, -13, 6), (7, -12, 6))
    for dx, dy, r in blobs:
        b.disc(x + dx, y + dy, r + 1, shade(rgb, 0.7))
    for dx, dy, r in blobs:
        b.disc(x + dx, y + dy, r, rgb)
    for dx, dy in ((-12, -18), (-3, -25), (8, -19), (-4, -14), (13, -14), (3, -19)):
        b.rect(x + dx, y + dy, x + dx + 2, y + dy + 2, mix(rgb, WHITE, 0.6))
    for dx, dy in ((-30, -6), (-22, 1), (-16, -1), (14, 1), (-8, 3), (18, -3)):
        b.rect(x + dx, y + dy, x + dx + 2, y + dy + 2, rgb)


@motif
def tea_field(b, x, y, bottom, rgb, time):
    """Terraced rows of tea."""
    top = y - 9
    b.poly((0, top + 4, 20, top, 44, top, 64, top + 5, 64, bottom, 0, bottom), rgb)
    for row in range(int(top) + 4, int(bottom), 4):
        b.line((0, row + 4, 20, row, 44, row, 64, row + 5), shade(rgb, 0.55), 1)
        b.line((0, row + 5, 20, row + 1, 44, row + 1, 64, row + 6), mix(rgb, WHITE, 0.3), 1)
    b.poly((x - 6, y - 4, x, y - 10, x + 6, y - 4), CREAM, WOOD)
    b.rect(x - 3, y - 4, x + 4, y + 1, (226, 110, 70), WOOD)


@motif
def flower_field(b, x, y, bottom, rgb, time):
    """Rows of flowers."""
    green = (66, 128, 70) if time != "night" else (40, 80, 60)
    b.rect(0, y - 8, 64, bottom, green)
    for row, top in enumerate(range(int(y) - 8, int(bottom), 5)):
        for left in range(-2 + 3 * (row % 2), 64, 6):
            b.rect(left, top, left + 4, top + 3, rgb)
            b.rect(left + 1, top - 1, left + 3, top + 4, rgb)
            b.rect(left + 1, top + 1, left + 3, top + 2, LAMP)


@motif
def hot_spring(b, x, y, bottom, rgb, time):
    """A steaming pool between rocks."""
    for dx, dy, r in ((-19, -1, 4), (-13, -5, 4), (0, -7, 4), (12, -5, 4), (19, -1, 4)):
        b.disc(x + dx, y + dy, r, (132, 122, 124), (92, 84, 90))
    b.oval(x - 19, y - 7, x + 19, y + 5, rgb, mix(rgb, WHITE, 0.7))
    b.oval(x - 12, y - 4, x + 6, y, mix(rgb, WHITE, 0.4))
    for dx in (-9, 0, 9):
        b.line(
            (x + dx, y - 8, x + dx + 2, y - 11, x + dx - 1, y - 14, x + dx + 1, y - 17), WHITE, 2
        )
    for dx, r in ((-17, 4), (17, 4)):
        b.disc(x + dx, y + 3, r, (132, 122, 124), (92, 84, 90))


@motif
def camp(b, x, y, bottom, rgb, time):
    """Two tents and a fire."""
    for dx, s, tone in ((13, 0.8, 0.8), (-5, 1.0, 1.0)):
        cx, h, w = x + dx, 17 * s, 13 * s
        b.poly((cx - w, y + 2, cx, y + 2 - h, cx + w, y + 2), shade(rgb, tone), line_color(rgb))
        b.poly(
            (cx - w * 0.35, y + 2, cx, y + 2 - h * 0.75, cx + w * 0.35, y + 2),
            window(time),
            line_color(rgb),
        )
    fx = x - 24
    b.line((fx - 4, y + 3, fx + 4, y), WOOD, 2)
    b.line((fx - 4, y, fx + 4, y + 3), WOOD, 2)
    b.poly((fx - 3, y, fx, y - 8, fx + 3, y), (244, 140, 50))
    b.poly((fx - 1.5, y, fx, y - 4, fx + 1.5, y), LAMP)


@motif
def picnic(b, x, y, bottom, rgb, time):
    """A picnic blanket with basket and parasol."""
    b.poly((x - 14, y - 5, x + 16, y - 5, x + 22, y + 4, x - 22, y + 4), rgb, line_color(rgb))
    check = mix(rgb, (200, 70, 70), 0.5) if sum(rgb) > 600 else mix(rgb, WHITE, 0.6)
    for i in range(4):
        left = x - 13 + i * 8
        b.poly(
            (
                left,
                y - 4,
                left + 3,
                y - 4,
                left + 3 + (i - 1.5),
                y + 4,
                left + (i - 1.5) * 2,
                y + 4,
            ),
            check,
        )
    b.rect(x - 14, y - 1, x + 18, y, check)
    b.rect(x + 1, y - 9, x + 12, y - 1, (188, 134, 74), WOOD)
    b.pie(x + 2, y - 15, x + 11, y - 4, 180, 360, None, WOOD)
    b.disc(x - 7, y - 4, 2.5, (226, 70, 60))
    b.rect(x - 14, y - 17, x - 13, y - 2, WOOD)
    b.pie(x - 25, y - 23, x - 2, y - 7, 180, 360, rgb, line_color(rgb))
