"""Postcards: what a saved one says, how it reaches the disk, and what happens when it cannot."""

import builtins
import dataclasses
import errno
import os
import re
import threading
import time
import zlib

import numpy as np
import pytest
from doubles import a_plan
from PIL import Image

from tripkit.core.errors import StorageError
from tripkit.images.postcard import Postcard, enlarged, png_bytes, read_postcard
from tripkit.images.untrusted import png_chunks
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.trips import TripPlan

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘. 🌸"


@pytest.fixture
def plan():
    return a_plan(REQUEST)


@pytest.fixture
def postcard(plan):
    image = Image.effect_noise((64, 32), 60).convert("RGB")
    prompt = compose_prompt(REQUEST, plan, 0)
    return Postcard(image, prompt, prompt.scene, "model", 7, 1.25, 0.0)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_postcard_cannot_be_changed(postcard):
    with pytest.raises(dataclasses.FrozenInstanceError, match="seed"):
        postcard.seed = 8


def test_saving_returns_a_copy_with_its_path_and_leaves_the_first_alone(postcard, tmp_path):
    saved = postcard.save(tmp_path)
    assert postcard.path is None and saved.path.parent == tmp_path
    assert saved.image is postcard.image and saved.seed == 7


def test_the_file_name_is_ascii_with_date_seed_and_number(postcard, tmp_path):
    name = postcard.save(tmp_path).path.name
    assert re.fullmatch(r"postcard-\d{8}-\d{6}-7-1\.png", name, re.ASCII)


def test_a_saved_postcard_says_how_it_was_made(postcard, plan, tmp_path):
    texts = read_postcard(postcard.save(tmp_path, plan=plan).path)
    assert texts["tripkit:prompt"] == postcard.prompt.full and REQUEST in texts["tripkit:prompt"]
    assert texts["tripkit:scene"] == texts["tripkit:sent"] == postcard.prompt.scene
    assert TripPlan.model_validate_json(texts["tripkit:plan"]) == plan
    assert texts["tripkit:model"] == "model" and texts["tripkit:seed"] == "7"
    assert float(texts["tripkit:seconds"]) == 1.25 and float(texts["tripkit:cost"]) == 0
    assert texts["Software"].startswith("tripkit ") and texts["Title"] == postcard.prompt.scene


def test_every_text_is_an_itxt_chunk_in_utf8(postcard, plan, tmp_path):
    data = postcard.save(tmp_path, plan=plan).path.read_bytes()
    assert data.count(b"iTXt") == 10 and b"tEXt" not in data and b"zTXt" not in data
    assert postcard.prompt.scene.encode("utf-8") in data


def test_unknown_seed_cost_and_plan_are_empty(postcard, tmp_path):
    unknown = Postcard(postcard.image, postcard.prompt, "sent", "model", None, 1.0, None)
    saved = unknown.save(tmp_path)
    texts = read_postcard(saved.path)
    assert texts["tripkit:seed"] == texts["tripkit:cost"] == texts["tripkit:plan"] == ""
    assert "-noseed-" in saved.path.name


def test_texts_that_png_and_utf8_cannot_hold_do_no_harm(postcard, tmp_path):
    odd = Postcard(postcard.image, postcard.prompt, "a\0b\ud800c", "model", 1, 1.0, 0.0)
    assert read_postcard(odd.save(tmp_path).path)["tripkit:sent"] == "ab?c"


def test_small_pictures_are_enlarged_by_a_whole_factor_without_smoothing(postcard, tmp_path):
    with Image.open(postcard.save(tmp_path).path) as saved:
        assert saved.size == (1024, 512)  # 64x32, sixteen times
        blocks = np.asarray(postcard.image).repeat(16, axis=0).repeat(16, axis=1)
        assert np.array_equal(np.asarray(saved), blocks)


@pytest.mark.parametrize("size", [(512, 512), (1024, 1536), (600, 513)])
def test_large_pictures_are_saved_as_they_are(size):
    image = Image.new("RGB", size)
    assert enlarged(image, 512) is image


def test_enlarging_a_long_strip_stays_within_bounds():
    assert max(enlarged(Image.new("RGB", (1, 1000)), 512).size) <= 4096
    assert enlarged(Image.new("RGB", (1, 5000)), 512).size == (1, 5000)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "F", "HSV"])
def test_png_bytes_are_a_png_whatever_the_mode(mode):
    assert png_bytes(Image.new(mode, (8, 8))).startswith(b"\x89PNG\r\n\x1a\n")


def test_postcards_of_one_second_never_replace_each_other(postcard, tmp_path):
    threads = [threading.Thread(target=postcard.save, args=(tmp_path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(tmp_path)) == 8
    for path in tmp_path.iterdir():
        read_postcard(path)


def test_without_a_folder_the_one_of_the_settings_is_used(postcard, tmp_path, monkeypatch):
    monkeypatch.setenv("TRIPKIT_POSTCARDS", str(tmp_path / "a" / "b"))
    assert postcard.save().path.parent == tmp_path / "a" / "b"


def test_a_disk_that_is_full_at_the_end_leaves_nothing_behind(postcard, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full") as caught:
        postcard.save(tmp_path)
    assert caught.value.code == "cannot_save" and "디스크가 가득" in caught.value.message("ko")
    assert files(tmp_path) == []
    monkeypatch.undo()
    assert postcard.save(tmp_path).path.exists()  # usable again


def test_a_disk_that_is_full_at_the_rename_leaves_nothing_behind(postcard, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="disk is full"):
        postcard.save(tmp_path)
    assert files(tmp_path) == []


def test_a_folder_that_may_not_be_written_is_told(postcard, tmp_path, monkeypatch):
    real = builtins.open

    def locked(path, mode="r", *args, **kwargs):
        if "x" in mode:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, mode, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", locked)
    with pytest.raises(StorageError, match="writing is not allowed"):
        postcard.save(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_told(postcard, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="it is not a folder"):
        postcard.save(tmp_path / "file")
    with pytest.raises(StorageError, match="it is not a folder"):
        postcard.save(tmp_path / "file" / "under")


@pytest.mark.parametrize("data", [b"", b"no picture", png_bytes(Image.new("RGB", (8, 8)))])
def test_reading_what_is_no_postcard_is_told(data, tmp_path):
    path = tmp_path / "other.png"
    path.write_bytes(data)
    with pytest.raises(StorageError, match="not a postcard of tripkit"):
        read_postcard(path)


def test_reading_a_broken_or_missing_postcard_is_told(postcard, tmp_path):
    path = postcard.save(tmp_path).path
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StorageError, match="not a postcard of tripkit"):
        read_postcard(path)
    with pytest.raises(StorageError, match="it is not there"):
        read_postcard(tmp_path / "none.png")


@pytest.mark.parametrize(
    "size", [(1, 1), (64, 32), (300, 200), (511, 511), (100, 3000), (1, 64), (5, 241)]
)
@pytest.mark.parametrize("minimum", [0, 1, 200, 512])
def test_the_factor_is_the_least_that_is_enough_and_the_greatest_that_fits(size, minimum):
    factors = [f for f in range(1, 4097) if max(size) * f <= 4096]
    wanted = next((f for f in factors if min(size) * f >= minimum), factors[-1])
    assert enlarged(Image.new("L", size), minimum).size == tuple(side * wanted for side in size)


def test_names_are_numbered_from_one_without_gaps(postcard, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda _form: "20260101-120000")
    names = [postcard.save(tmp_path).path.name for _ in range(3)]
    assert names == [f"postcard-20260101-120000-7-{number}.png" for number in (1, 2, 3)]


def with_chunk(path, body, kind=b"iTXt"):
    """The file with one more chunk before its end."""
    data = path.read_bytes()
    crc = zlib.crc32(kind + body).to_bytes(4, "big")
    chunk = len(body).to_bytes(4, "big") + kind + body + crc
    path.write_bytes(data[:-12] + chunk + data[-12:])


def test_packed_texts_are_left_alone(postcard, tmp_path):
    path = postcard.save(tmp_path).path
    before = read_postcard(path)
    with_chunk(path, b"packed\0\1\0\0\0" + zlib.compress(b"x" * 100))
    assert read_postcard(path) == before


def test_texts_are_read_beside_their_language_and_its_name(postcard, tmp_path):
    path = postcard.save(tmp_path).path
    with_chunk(path, b"caf\xe9\0\0\0fr\0nom\0" + "a\0é".encode())
    assert read_postcard(path)["café"] == "a\0é"


def test_a_mebibyte_of_texts_is_read_and_not_a_byte_more(postcard, tmp_path):
    path = postcard.save(tmp_path).path
    held = sum(len(body) for kind, body in png_chunks(path.read_bytes()) if kind == b"iTXt")
    whole = path.read_bytes()
    name = b"more\0\0\0\0\0"
    with_chunk(path, name + b"x" * (2**20 - held - len(name)))
    assert read_postcard(path)["tripkit:model"] == "model"
    path.write_bytes(whole)
    with_chunk(path, name + b"x" * (2**20 - held - len(name) + 1))
    with pytest.raises(StorageError, match="not a postcard of tripkit"):
        read_postcard(path)


def test_a_title_has_at_most_120_characters_of_the_scene_or_else_the_prompt(postcard, tmp_path):
    prompt = ImagePrompt("f" * 200, "")
    saved = dataclasses.replace(postcard, prompt=prompt, seconds=0.12345, cost_usd=0.01)
    texts = read_postcard(saved.save(tmp_path).path)
    assert texts["Title"] == "f" * 120
    assert (texts["tripkit:seconds"], texts["tripkit:cost"]) == ("0.123", "0.010000")


@pytest.mark.parametrize("partial", [True, False])
def test_only_a_partial_picture_is_marked_as_one(postcard, tmp_path, partial):
    saved = dataclasses.replace(postcard, partial=partial).save(tmp_path)
    texts = read_postcard(saved.path)
    assert ("-partial-" in saved.path.name) == partial
    assert ("tripkit:state" in texts) == ("tripkit:billed" in texts) == partial
