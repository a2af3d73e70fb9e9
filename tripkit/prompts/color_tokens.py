"""How a prompt is worded for the postcard model, which was trained to read colours as three tokens.

``연분홍 벚꽃 공원`` becomes ``연분홍 r248 g184 b192 벚꽃 공원``: the RGB of the stop, each
channel in steps of 8. Hex in free text becomes the same tokens. The app shows the string as it is
sent.
"""

import re

from tripkit.prompts import ImagePrompt

RGB = tuple[int, int, int]
STEP = 8  # between two levels of a channel, which go from 0 to 248
MAX_STOPS = 3  # of a trip that fit on one postcard


def levels(rgb: RGB) -> RGB:
    """Each channel at the nearest multiple of 8 up to 248."""
    red, green, blue = (min(248, STEP * ((channel + STEP // 2) // STEP)) for channel in rgb)
    return red, green, blue


def color_code(rgb: RGB) -> str:
    """``(255, 182, 193)`` as ``"r248 g184 b192"``."""
    return "r{} g{} b{}".format(*levels(rgb))


def with_codes(prompt: ImagePrompt) -> str:
    """The scene with the colour of each stop, and of each hex code, in the model's tokens.

    A stop whose words the user has edited away gets no code. Of a trip with more than three stops
    the first three are named: a postcard holds no more.
    """
    scene = prompt.scene
    for number, stop in enumerate(prompt.stops):
        named = f"{stop.color_name} {stop.place}"
        if number >= MAX_STOPS:
            scene = scene.replace(f", {named}", "", 1)
            continue
        code = color_code(stop.rgb)
        if named in scene:
            scene = scene.replace(named, f"{stop.color_name} {code} {stop.place}", 1)
        elif stop.place in scene:  # the place holds the colour's name: "white picnic zone"
            scene = scene.replace(stop.place, f"{code} {stop.place}", 1)
    return re.sub(r"#([0-9a-fA-F]{6})(?![0-9a-fA-F])", _hex_code, scene)


def _hex_code(match: re.Match[str]) -> str:
    red, green, blue = bytes.fromhex(match[1])
    return color_code((red, green, blue))
