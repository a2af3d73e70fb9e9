"""Digits: the two sources and their names on screen, balanced subsets, the IDX format."""

import functools
import gzip
import hashlib
import math
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

from tripkit.core import settings
from tripkit.core.errors import RequestError, ServiceError, StorageError
from tripkit.datasets import mnist
from tripkit.datasets.mnist import Digits, load_digits, read_idx
from tripkit.downloads.files import KnownFile

MIRRORS = mnist.MIRRORS
NOWHERE = "http://127.0.0.1:1/"  # nobody listens there


def idx(array):
    """The array as an IDX file, written as its definition says."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def digits(count, seed=0, labels=None):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, count) if labels is None else np.asarray(labels)
    return Digits(images, labels, "offline")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "TRIPKIT_DIGITS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRIPKIT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(mnist, "MIRRORS", (NOWHERE,))


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """An offline set of 50 digits; writes its file anew from any arrays."""
    path = tmp_path / "digits.npz"
    monkeypatch.setattr(mnist, "OFFLINE", path)
    made = digits(50)

    def write(**arrays):
        np.savez_compressed(path, **arrays)
        return path

    write(images=made.images, labels=made.labels.astype(np.uint8))
    write.made = made
    return write


@pytest.fixture
def four_files(monkeypatch):
    """Four little IDX files in place of MNIST's, by name; their checksums are the known ones."""
    sets = {"train": digits(30, 1), "test": digits(20, 2)}
    made, files = {}, {}
    for split, (images, labels) in mnist.FILES.items():
        made[images.name] = idx(sets[split].images)
        made[labels.name] = idx(sets[split].labels)
        files[split] = tuple(
            KnownFile(file.name, len(made[file.name]), hashlib.md5(made[file.name]).hexdigest())
            for file in (images, labels)
        )
    monkeypatch.setattr(mnist, "FILES", files)
    return made, sets


def put(folder, files, packed):
    folder.mkdir(parents=True)
    for name, data in files.items():
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(data) if packed else data)


def same(one, other):
    return np.array_equal(one.images, other.images) and np.array_equal(one.labels, other.labels)


# ---------------------------------------------------------------- the offline set


def test_the_offline_set_is_taken_unless_something_else_is_asked_for(offline):
    assert load_digits().source == load_digits("test").source == "offline"


def test_the_first_four_fifths_are_for_training_the_rest_for_tests(offline):
    train, test = load_digits("train", "offline"), load_digits("test", "offline")
    assert (len(train), len(test)) == (40, 10)
    assert np.array_equal(np.concatenate([train.images, test.images]), offline.made.images)
    assert np.array_equal(np.concatenate([train.labels, test.labels]), offline.made.labels)


def test_digits_have_the_types_of_the_contract(offline):
    train = load_digits("train", "offline")
    assert train.images.dtype == np.uint8 and train.images.shape == (40, 28, 28)
    assert train.labels.dtype == np.int64 and train.labels.shape == (40,)


@pytest.mark.skipif(not mnist.OFFLINE.exists(), reason="not made yet from the shipped DDPM")
def test_the_shipped_offline_set_is_what_its_label_says():
    train, test = load_digits("train", "offline"), load_digits("test", "offline")
    assert (len(train), len(test)) == (8000, 2000)
    assert mnist.OFFLINE.stat().st_size <= 3_000_000
    for each in (train, test):
        shares = np.bincount(each.labels, minlength=10) / len(each)
        assert len(shares) == 10 and shares.min() > 0.05
    assert train.label() == (
        "8,000 digits sampled from the course's own DDPM (offline set, not MNIST)"
    )


def test_without_its_file_the_offline_set_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(mnist, "OFFLINE", tmp_path / "digits.npz")
    with pytest.raises(StorageError, match=r"digits.npz \(it is not there\). Install") as caught:
        load_digits("train", "offline")
    assert 'source="mnist"' in str(caught.value) and "그 자리에 없어요" in caught.value.message(
        "ko"
    )


@pytest.mark.parametrize("data", [b"", b"no", b"PK\x03\x04" + bytes(50), bytes(100)], ids=len)
def test_an_offline_file_of_other_bytes_is_damaged(offline, data):
    mnist.OFFLINE.write_bytes(data)
    with pytest.raises(StorageError, match="it is damaged"):
        load_digits()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_an_offline_file_that_is_cut_off_is_damaged(offline, share):
    data = mnist.OFFLINE.read_bytes()
    mnist.OFFLINE.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(StorageError, match="it is damaged"):
        load_digits()


def test_an_offline_file_with_one_changed_byte_is_damaged(offline):
    data = bytearray(mnist.OFFLINE.read_bytes())
    data[len(data) // 2] ^= 1
    mnist.OFFLINE.write_bytes(data)
    with pytest.raises(StorageError, match="it is damaged"):
        load_digits()


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((5, 28, 28), np.uint8)},
        {"images": np.zeros((5, 28, 28), np.uint8), "labels": np.zeros(4, np.uint8)},
        {"images": np.zeros((5, 28, 28), np.float32), "labels": np.zeros(5, np.uint8)},
        {"images": np.zeros((5, 784), np.uint8), "labels": np.zeros(5, np.uint8)},
        {"images": np.zeros((5, 28, 28), object), "labels": np.zeros(5, np.uint8)},
    ],
    ids=["no_labels", "too_few_labels", "floats", "flat", "pickled"],
)
def test_an_offline_file_of_another_form_is_damaged(offline, arrays):
    offline(**arrays)
    with pytest.raises(StorageError, match="it is damaged"):
        load_digits()


# ---------------------------------------------------------------- MNIST


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_four_files_that_are_there_are_used_without_a_network(four_files, packed):
    made, sets = four_files
    put(settings.data_folder() / "mnist", made, packed)
    for split in ("train", "test"):
        loaded = load_digits(split, "mnist")
        assert same(loaded, sets[split]) and loaded.source == "mnist"
        assert loaded.images.dtype == np.uint8 and loaded.labels.dtype == np.int64


def test_missing_files_are_downloaded_into_the_data_folder(four_files, monkeypatch, tmp_path):
    made, sets = four_files
    put(tmp_path / "site", made, packed=True)

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=tmp_path / "site")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        good = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setattr(mnist, "MIRRORS", (NOWHERE, good))
        assert same(load_digits("test", "mnist"), sets["test"])
        server.shutdown()
    names = sorted(path.name for path in (tmp_path / "data" / "mnist").iterdir())
    assert names == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]  # only what it needs
    assert same(load_digits("test", "mnist"), sets["test"])
    assert mnist.MIRRORS[0] == NOWHERE  # the order of one call is not kept for the next


def test_mnist_without_a_network_is_an_error_never_the_offline_set(four_files, offline):
    with pytest.raises(ServiceError, match="train-images-idx3-ubyte could not be downloaded"):
        load_digits("train", "mnist")


def test_a_damaged_file_without_a_network_is_an_error(four_files):
    made, _ = four_files
    made["train-images-idx3-ubyte"] = made["train-images-idx3-ubyte"][:-1] + b"?"
    put(settings.data_folder() / "mnist", made, packed=True)
    with pytest.raises(ServiceError, match="train-images-idx3-ubyte.gz: its checksum is wrong"):
        load_digits("train", "mnist")


def test_the_known_files_are_those_of_mnist():
    for split, count in (("train", 60_000), ("test", 10_000)):
        images, labels = mnist.FILES[split]
        assert images.size == 16 + count * 28 * 28 and labels.size == 8 + count
    names = {file.name for files in mnist.FILES.values() for file in files}
    assert len(names) == 4 and len({f.md5 for fs in mnist.FILES.values() for f in fs}) == 4


def test_the_mirrors_are_three_hosts_that_speak_https():
    assert len({mirror.split("/")[2] for mirror in MIRRORS}) >= 3
    assert all(each.startswith("https://") and each.endswith("/") for each in MIRRORS)


# ---------------------------------------------------------------- which source, which split


def test_the_variable_chooses_the_source_and_the_argument_overrules_it(
    four_files, offline, monkeypatch
):
    put(settings.data_folder() / "mnist", four_files[0], packed=True)
    monkeypatch.setenv("TRIPKIT_DIGITS", " mnist\n")
    assert load_digits().source == "mnist"
    assert load_digits(source="offline").source == "offline"
    monkeypatch.setenv("TRIPKIT_DIGITS", "  ")
    assert load_digits().source == "offline"


@pytest.mark.parametrize("source", ["MNIST", "", "fashion", "offline "])
def test_an_unknown_source_is_refused(source):
    with pytest.raises(RequestError, match="The option source is .*; allowed: offline, mnist"):
        load_digits("train", source)


def test_an_unknown_source_in_the_variable_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("TRIPKIT_DIGITS", "cifar")
    with pytest.raises(RequestError, match="The option TRIPKIT_DIGITS is cifar; allowed: offline"):
        load_digits()


@pytest.mark.parametrize("split", ["valid", "", "Train", None])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(RequestError, match="The option split is .*; allowed: train, test"):
        load_digits(split)


# ---------------------------------------------------------------- digits


def test_digits_say_on_screen_what_they_are():
    of_mnist = Digits(np.zeros((60_000, 1, 1), np.uint8), np.zeros(60_000, np.int64), "mnist")
    assert of_mnist.label() == "60,000 MNIST digits"
    assert of_mnist.label("ko") == "MNIST 숫자 60,000개"
    own = digits(1234)
    assert own.label() == "1,234 digits sampled from the course's own DDPM (offline set, not MNIST)"
    assert "DDPM" in own.label("ko") and "1,234개" in own.label("ko")
    assert "MNIST가 아니에요" in own.label("ko")
    assert own.take(7).label().startswith("7 digits sampled")


def test_tensors_are_what_models_take():
    made = digits(20)
    made.images[0, 0, :3] = (0, 51, 255)
    images, labels = made.tensors()
    assert images.shape == (20, 1, 28, 28) and images.dtype == torch.float32
    assert labels.shape == (20,) and labels.dtype == torch.int64
    torch.testing.assert_close(images[0, 0, 0, :3], torch.tensor([-1.0, -0.6, 1.0]))
    assert labels.tolist() == made.labels.tolist()


def test_tensors_give_the_same_pixels_back():
    made = digits(20)
    images, _ = made.tensors()
    back = ((images[:, 0] + 1) * 127.5).round().numpy().astype(np.uint8)
    assert np.array_equal(back, made.images)


def test_changing_tensors_changes_no_digits(four_files):
    put(settings.data_folder() / "mnist", four_files[0], packed=True)
    loaded = load_digits("test", "mnist")  # their bytes are not writable
    before = loaded.labels.copy()
    images, labels = loaded.tensors()
    images.zero_()
    labels.zero_()
    assert loaded.images.any() and np.array_equal(loaded.labels, before)


# ---------------------------------------------------------------- balanced subsets


@pytest.mark.parametrize("count", [1, 7, 10, 25, 100, 333])
def test_a_subset_holds_every_class_equally_often(count):
    taken = digits(2000).take(count)
    counts = np.bincount(taken.labels, minlength=10)
    assert len(taken) == count and counts.max() - counts.min() <= 1


def test_a_subset_holds_pictures_with_their_own_labels_none_twice():
    made = digits(300)
    made.images[:, 0, 0], made.images[:, 0, 1] = np.arange(300) % 256, np.arange(300) // 256
    taken = made.take(120)
    which = taken.images[:, 0, 0].astype(int) + 256 * taken.images[:, 0, 1].astype(int)
    assert len(set(which)) == 120
    assert same(taken, Digits(made.images[which], made.labels[which], "offline"))


def test_the_same_seed_takes_the_same_digits_and_another_seed_others():
    made = digits(500)
    assert same(made.take(50, seed=3), made.take(50, seed=3))
    assert not same(made.take(50, seed=3), made.take(50, seed=4))


def test_a_smaller_subset_is_the_beginning_of_a_larger_one():
    made = digits(500)
    larger = made.take(90, seed=5)
    first = Digits(larger.images[:31], larger.labels[:31], larger.source)
    assert same(made.take(31, seed=5), first)


def test_classes_of_a_subset_come_in_mixed_order():
    labels = digits(1000).take(100).labels
    assert (np.diff(labels) < 0).any() and len(set(labels[:10])) == 10
    assert labels[:10].tolist() != labels[10:20].tolist()


def test_where_a_class_runs_out_the_others_fill_up():
    made = digits(100, labels=[3] * 5 + [7] * 95)
    counts = np.bincount(made.take(60).labels)
    assert (counts[3], counts[7]) == (5, 55)
    assert len(made.take(100)) == 100


@pytest.mark.parametrize("count", [0, -1, 101])
def test_a_subset_of_none_or_too_many_is_refused(count):
    with pytest.raises(RequestError, match=f"The option count is {count}; allowed: 1–100"):
        digits(100).take(count)


# ---------------------------------------------------------------- IDX


@pytest.mark.parametrize("shape", [(1,), (0,), (300,), (3, 28, 28), (2, 1), (0, 28, 28), (1,) * 6])
def test_what_was_written_as_idx_is_read_back(shape):
    array = np.arange(math.prod(shape), dtype=np.uint8).reshape(shape)
    assert np.array_equal(read_idx(idx(array)), array) and read_idx(idx(array)).shape == shape


def test_mnists_own_magic_numbers_are_read():
    # 2051 and 2049, as the site of MNIST gave them
    images = (2051).to_bytes(4, "big") + idx(np.zeros((2, 28, 28)))[4:]
    labels = (2049).to_bytes(4, "big") + idx(np.zeros(2))[4:]
    assert read_idx(images).shape == (2, 28, 28) and read_idx(labels).shape == (2,)


@pytest.mark.parametrize(
    "start",
    [b"", b"\0\0\x08", b"\0\0\x09\x01", b"\x1f\x8b\x08\x00", b"\0\x01\x08\x01", b"\0\0\x08\0"],
)
def test_what_does_not_begin_as_idx_is_refused(start):
    with pytest.raises(StorageError, match="not an IDX file of unsigned bytes: it begins with"):
        read_idx(start + bytes(20) if len(start) == 4 else start)


@pytest.mark.parametrize("change", [-1, 1, -12, 100])
def test_a_file_shorter_or_longer_than_it_says_is_refused(change):
    data = idx(np.zeros((3, 4)))
    data = data[:change] if change < 0 else data + bytes(change)
    with pytest.raises(StorageError, match=f"it has {len(data)} bytes where its head promises 24"):
        read_idx(data)


def test_a_head_that_is_cut_off_or_promises_the_world_is_refused():
    with pytest.raises(StorageError, match="it has 7 bytes where its head promises"):
        read_idx(idx(np.zeros((3, 4)))[:7])
    with pytest.raises(StorageError, match="it has 16 bytes"):
        read_idx(b"\0\0\x08\x03" + b"\xff" * 12)
