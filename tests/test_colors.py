"""Colours: hex, names, contrast, CIEDE2000 against published data, palettes."""

import dataclasses
import itertools

import numpy as np
import pytest
from PIL import Image

from tripkit import colors
from tripkit.colors import (
    COLOR_NAMES,
    ciede2000,
    contrast_ratio,
    delta_e,
    find_color,
    from_hex,
    image_palette,
    nearest_name,
    palette_distance,
    srgb_to_lab,
    text_color,
    to_hex,
)
from tripkit.core.errors import RequestError

# Sharma, Wu and Dalal 2005, Color Research and Application 30(1), table 1: two colours as L*, a*,
# b*, and their CIEDE2000. Pairs 9 to 15 lie where the formula is discontinuous.
SHARMA = """
50.0000   2.6772 -79.7751  50.0000   0.0000 -82.7485   2.0425
50.0000   3.1571 -77.2803  50.0000   0.0000 -82.7485   2.8615
50.0000   2.8361 -74.0200  50.0000   0.0000 -82.7485   3.4412
50.0000  -1.3802 -84.2814  50.0000   0.0000 -82.7485   1.0000
50.0000  -1.1848 -84.8006  50.0000   0.0000 -82.7485   1.0000
50.0000  -0.9009 -85.5211  50.0000   0.0000 -82.7485   1.0000
50.0000   0.0000   0.0000  50.0000  -1.0000   2.0000   2.3669
50.0000  -1.0000   2.0000  50.0000   0.0000   0.0000   2.3669
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0009   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0010   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0011   7.2195
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0012   7.2195
50.0000  -0.0010   2.4900  50.0000   0.0009  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0010  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0011  -2.4900   4.7461
50.0000   2.5000   0.0000  50.0000   0.0000  -2.5000   4.3065
50.0000   2.5000   0.0000  73.0000  25.0000 -18.0000  27.1492
50.0000   2.5000   0.0000  61.0000  -5.0000  29.0000  22.8977
50.0000   2.5000   0.0000  56.0000 -27.0000  -3.0000  31.9030
50.0000   2.5000   0.0000  58.0000  24.0000  15.0000  19.4535
50.0000   2.5000   0.0000  50.0000   3.1736   0.5854   1.0000
50.0000   2.5000   0.0000  50.0000   3.2972   0.0000   1.0000
50.0000   2.5000   0.0000  50.0000   1.8634   0.5757   1.0000
50.0000   2.5000   0.0000  50.0000   3.2592   0.3350   1.0000
60.2574 -34.0099  36.2677  60.4626 -34.1751  39.4387   1.2644
63.0109 -31.0961  -5.8663  62.8187 -29.7946  -4.0864   1.2630
61.2901   3.7196  -5.3901  61.4292   2.2480  -4.9620   1.8731
35.0831 -44.1164   3.7933  35.0232 -40.0716   1.5901   1.8645
22.7233  20.0904 -46.6940  23.0331  14.9730 -42.5619   2.0373
36.4612  47.8580  18.3852  36.2715  50.5065  21.2231   1.4146
90.8027  -2.0831   1.4410  91.1528  -1.6435   0.0447   1.4441
90.9257  -0.5406  -0.9208  88.6381  -0.8985  -0.7239   1.5381
 6.7747  -0.2908  -2.4247   5.8714  -0.0985  -2.2286   0.6377
 2.0776   0.0795  -1.1350   0.9033  -0.0636  -0.5514   0.9082
"""
PAIRS = np.array([line.split() for line in SHARMA.strip().splitlines()], dtype=float)


def test_ciede2000_agrees_with_all_34_published_pairs():
    assert PAIRS.shape == (34, 7)
    found = ciede2000(PAIRS[:, :3], PAIRS[:, 3:6])
    np.testing.assert_allclose(found, PAIRS[:, 6], atol=5.1e-5)  # printed to four places


def test_ciede2000_is_symmetric():
    one, two = PAIRS[:, :3], PAIRS[:, 3:6]
    np.testing.assert_allclose(ciede2000(one, two), ciede2000(two, one), atol=1e-9)


def test_a_colour_is_at_distance_zero_from_itself():
    rgb = np.random.default_rng(0).integers(0, 256, (200, 3))
    np.testing.assert_allclose(delta_e(rgb, rgb), 0, atol=1e-9)


def test_black_and_white_are_at_distance_100():
    assert float(delta_e((0, 0, 0), (255, 255, 255))) == pytest.approx(100, abs=0.01)


def test_distances_broadcast():
    a = np.zeros((4, 1, 3))
    b = np.full((1, 5, 3), 255)
    assert delta_e(a, b).shape == (4, 5)
    assert delta_e((1, 2, 3), [(4, 5, 6), (7, 8, 9)]).shape == (2,)


def test_greys_have_no_chroma_and_lightness_from_0_to_100():
    lab = srgb_to_lab([[level] * 3 for level in range(256)])
    np.testing.assert_allclose(lab[:, 1:], 0, atol=1e-9)
    assert lab[0, 0] == pytest.approx(0, abs=1e-9) and lab[-1, 0] == pytest.approx(100)
    assert (np.diff(lab[:, 0]) > 0).all()


def test_primaries_have_their_known_lab_values():
    # CIE 15, sRGB with the D65 white: the values that textbooks print, to two places.
    lab = srgb_to_lab([(255, 0, 0), (0, 255, 0), (0, 0, 255)])
    printed = [(53.24, 80.09, 67.20), (87.73, -86.18, 83.18), (32.30, 79.19, -107.86)]
    np.testing.assert_allclose(lab, printed, atol=0.02)


def test_every_colour_name_can_carry_readable_text(subtests):
    for name in COLOR_NAMES:
        with subtests.test(name.key):
            # WCAG 2.2, 1.4.3, level AA
            assert contrast_ratio(text_color(name.rgb), name.rgb) >= 4.5


def test_every_colour_there_is_can_carry_readable_text():
    rng = np.random.default_rng(1)
    for rgb in rng.integers(0, 256, (500, 3)):
        assert contrast_ratio(text_color(rgb), rgb) >= 4.5


def test_contrast_runs_from_1_to_21_and_does_not_care_for_order():
    assert contrast_ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast_ratio((9, 9, 9), (9, 9, 9)) == 1
    assert contrast_ratio((1, 2, 3), (99, 9, 9)) == contrast_ratio((99, 9, 9), (1, 2, 3))
    assert contrast_ratio((118, 118, 118), colors.WHITE) == pytest.approx(4.54, abs=0.01)


def test_text_is_black_on_light_and_white_on_dark():
    assert text_color((255, 182, 193)) == colors.BLACK
    assert text_color((22, 34, 92)) == colors.WHITE


def test_hex_and_rgb_are_each_others_inverse():
    for rgb in np.random.default_rng(2).integers(0, 256, (200, 3)):
        assert from_hex(to_hex(rgb)) == tuple(rgb)
    assert to_hex((255, 182, 193)) == "#ffb6c1"


@pytest.mark.parametrize("text", ["#ffb6c1", "FFB6C1", " #FfB6c1 "])
def test_hex_is_read_with_and_without_its_sign(text):
    assert from_hex(text) == (255, 182, 193)


def test_three_digits_stand_for_six():
    assert from_hex("#fbc") == from_hex("#ffbbcc")


@pytest.mark.parametrize("text", ["", "#", "#ff", "#ffff", "#fffffff", "red", "#gggggg", "#１２３"])
def test_what_is_not_hex_is_refused(text):
    with pytest.raises(RequestError, match="is not a colour. Write hex like #ffb6c1"):
        from_hex(text)


@pytest.mark.parametrize(
    "rgb", [(1, 2), (1, 2, 3, 4), (300, 0, 0), (-1, 0, 0), (1.5, 0, 0), ("a",)]
)
def test_what_is_not_rgb_has_no_hex(rgb):
    with pytest.raises(RequestError, match="is not a colour.*from 0 to 255"):
        to_hex(rgb)


def test_every_colour_is_the_nearest_to_itself(subtests):
    for name in COLOR_NAMES:
        with subtests.test(name.key):
            assert nearest_name(name.rgb, "en") == name.en
            assert nearest_name(name.rgb, "ko") == name.ko


def test_every_colour_is_found_by_each_of_its_names(subtests):
    for name in COLOR_NAMES:
        with subtests.test(name.key):
            for word in (name.en, name.ko, *name.also):
                assert find_color(word) == name.rgb, word


def test_no_word_names_two_colours():
    words = [w for name in COLOR_NAMES for w in (name.en, name.ko, *name.also)]
    assert len(words) == len({word.replace(" ", "") for word in words})


def test_every_two_named_colours_can_be_told_apart():
    for one, two in itertools.combinations(COLOR_NAMES, 2):
        assert delta_e(one.rgb, two.rgb) >= 4, (one.key, two.key)


def test_no_colour_is_far_from_every_name():
    rgb = np.random.default_rng(3).integers(0, 256, (1000, 1, 3))
    distances = delta_e(rgb, np.array([name.rgb for name in COLOR_NAMES])).min(axis=1)
    assert distances.max() < 21 and distances.mean() < 9


@pytest.mark.parametrize(
    ("english", "korean", "rgb"),
    [
        ("light pink", "연분홍", (255, 182, 193)),
        ("steel blue", "청색", (70, 130, 180)),
        ("white", "흰색", (255, 255, 255)),
    ],
)
def test_the_lectures_colours_have_the_lectures_names(english, korean, rgb):
    assert find_color(english) == find_color(korean) == rgb
    assert nearest_name(rgb, "en") == english and nearest_name(rgb, "ko") == korean


def test_a_colour_near_a_name_gets_that_name():
    assert nearest_name((72, 128, 182), "en") == "steel blue"
    assert nearest_name((250, 250, 252), "ko") == "흰색"


def test_a_name_in_an_unknown_language_is_refused():
    with pytest.raises(RequestError, match="The language is fr; tripkit speaks en, ko"):
        nearest_name((0, 0, 0), "fr")


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("Light Pink", "light pink"),
        ("light-pink", "light pink"),
        ("Light Grey", "light gray"),
        ("분홍", "분홍색"),
        ("연 분홍", "연분홍"),
        ("하늘", "하늘색"),
        ("#4682b4", "steel blue"),
        ("4682B4", "steel blue"),
        ("\u1112\u1174\u11ab색", "흰색"),  # decomposed, as macOS writes it
    ],
)
def test_names_are_found_whatever_their_spelling(text, same_as):
    assert find_color(text) == find_color(same_as) is not None


@pytest.mark.parametrize(
    "text", ["", " ", "facade", "bed", "park", "공원", "색", "#12", "rgb(1,2,3)"]
)
def test_what_names_no_colour_is_none(text):
    assert find_color(text) is None


def striped(*rows):
    """An image of (colour, rows) stripes, 40 pixels wide."""
    return np.concatenate([np.full((n, 40, 3), rgb, dtype=np.uint8) for rgb, n in rows])


def test_the_palette_of_flat_stripes_is_the_stripes_with_their_shares():
    image = Image.fromarray(striped(((255, 0, 0), 20), ((0, 0, 255), 15), ((255, 255, 255), 5)))
    assert image_palette(image) == [
        ((255, 0, 0), 0.5),
        ((0, 0, 255), 0.375),
        ((255, 255, 255), 0.125),
    ]


def test_shares_add_up_to_one_and_fall():
    noise = np.random.default_rng(4).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    palette = image_palette(noise)
    shares = [share for _, share in palette]
    assert len(palette) == 6 and sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert all(
        isinstance(channel, int) and 0 <= channel <= 255 for rgb, _ in palette for channel in rgb
    )


def test_a_palette_is_decided_by_image_and_seed():
    noise = np.random.default_rng(5).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    palettes = [image_palette(noise, seed=seed) for seed in range(4)]
    assert palettes == [image_palette(noise, seed=seed) for seed in range(4)]
    assert len({str(palette) for palette in palettes}) == 4  # noise has no palette of its own


def test_an_image_of_one_colour_has_a_palette_of_one():
    assert image_palette(np.full((8, 8, 3), 77, dtype=np.uint8)) == [((77, 77, 77), 1.0)]
    assert image_palette(Image.new("RGB", (1, 1), (1, 2, 3))) == [((1, 2, 3), 1.0)]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1"])
def test_images_of_every_mode_have_a_palette(mode):
    assert image_palette(Image.new("RGB", (9, 9), (255, 255, 255)).convert(mode)) == [
        ((255, 255, 255), 1.0)
    ]


def test_k_bounds_the_palette():
    noise = np.random.default_rng(6).integers(0, 256, (50, 50, 3), dtype=np.uint8)
    assert [len(image_palette(noise, k=k)) for k in (1, 2, 8)] == [1, 2, 8]


def test_a_palette_finds_the_colours_that_were_painted_within_noise():
    asked = [(255, 182, 193), (70, 130, 180), (34, 139, 34)]
    image = striped(*((rgb, 30) for rgb in asked)).astype(int)
    image += np.random.default_rng(7).integers(-6, 7, image.shape)
    distances = palette_distance(image_palette(image.clip(0, 255).astype(np.uint8)), asked)
    assert max(distances) < 4


def test_the_distance_to_a_palette_is_that_to_its_nearest_colour():
    palette = [((255, 0, 0), 0.9), ((0, 0, 255), 0.1)]
    near_red, blue = palette_distance(palette, [(250, 5, 5), (0, 0, 255)])
    assert near_red == pytest.approx(float(delta_e((250, 5, 5), (255, 0, 0)))) and blue == 0
    assert palette_distance(palette, []) == []


def test_the_palette_hardly_depends_on_its_seed():
    # Smooth noise in many colours: what a single start would divide differently each time.
    coarse = np.random.default_rng(8).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((64, 64), Image.Resampling.BILINEAR)
    asked = [rgb for rgb, _ in image_palette(image, seed=0)]
    found = [palette_distance(image_palette(image, seed=seed), asked) for seed in range(1, 6)]
    assert np.median(np.mean(found, axis=1)) < 2


def test_the_name_of_a_colour_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        COLOR_NAMES[0].en = "another"


def test_the_luminance_of_the_primaries_is_that_of_wcag():
    # The contrast with black is (L + 0.05) / 0.05, and WCAG 2.2 gives L of each primary.
    for rgb, luminance in (((255, 0, 0), 0.2126), ((0, 255, 0), 0.7152), ((0, 0, 255), 0.0722)):
        assert contrast_ratio(rgb, colors.BLACK) == pytest.approx(1 + 20 * luminance)


def test_dark_levels_are_linear_and_bright_ones_follow_the_power_law():
    # IEC 61966-2-1; the luminance of a grey is its light.
    for level in range(256):
        share = level / 255
        light = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        assert contrast_ratio([level] * 3, colors.BLACK) == pytest.approx(1 + 20 * light)


def test_of_a_large_image_a_sample_of_its_pixels_is_looked_at():
    pixels = np.zeros((200, 200, 3), dtype=np.uint8)
    shares = [share for _, share in image_palette(pixels + np.arange(200)[:, None, None])]
    assert all((share * 4096) == pytest.approx(round(share * 4096)) for share in shares)
