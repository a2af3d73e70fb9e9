"""Which large models are on this computer, and whether they are whole."""

from __future__ import annotations

import json
from pathlib import Path

from tripkit.core.settings import data_folder

INDEX = "model_index.json"
# What a file of JSON raises that is broken, of another form, or nested without end.
UNREADABLE = (OSError, ValueError, AttributeError, RecursionError)
WEIGHTLESS = ("Scheduler", "Tokenizer", "TokenizerFast", "Processor", "FeatureExtractor")


def downloads_folder(name: str) -> Path:
    """Where a hub model goes that tripkit downloads; not made here."""
    return data_folder() / "models" / name.replace("/", "--")


def cached_folder(name: str) -> Path | None:
    """The folder of a hub model that was downloaded, whole or not; None where none was begun.

    That is tripkit's own, else the cache of ``huggingface_hub``, where other programs keep theirs.
    """
    ours = downloads_folder(name)
    if (ours / INDEX).is_file():
        return ours
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        index = try_to_load_from_cache(name, "model_index.json")
    except HFValidationError:
        return None
    return Path(index).parent if isinstance(index, str) else None


def missing_parts(folder: Path) -> list[str]:
    """The parts named in ``model_index.json`` that are not there, or that a download cut short.

    A folder without ``model_index.json`` names no parts: the list is empty. A file that names none
    is damaged, and is what is missing.
    """
    index = Path(folder) / INDEX
    if not index.is_file():
        return []
    try:
        parts = parts_of(index.read_bytes())
    except UNREADABLE:
        return [INDEX]
    if not parts or not all(part.isidentifier() for part in parts):
        return [INDEX]
    return [part for part, kind in parts.items() if not _whole(Path(folder) / part, kind)]


def parts_of(index: bytes) -> dict[str, str]:
    """The parts that ``model_index.json`` names, each with its class.

    Raises:
        ValueError, AttributeError, RecursionError: it is broken, or of another form.
    """
    named = json.loads(index)
    parts = {name: value for name, value in named.items() if isinstance(value, list)}
    return {name: str(value[1]) for name, value in parts.items() if len(value) == 2 and value[1]}


def _whole(folder: Path, kind: str) -> bool:
    try:
        return _has_its_files(folder, kind)
    except OSError:  # a name of 5,000 letters, say
        return False


def _has_its_files(folder: Path, kind: str) -> bool:
    if not folder.is_dir() or not any(folder.glob("*.json")):
        return False
    if kind.endswith(WEIGHTLESS):
        return "Tokenizer" not in kind or any(
            (folder / name).is_file() for name in ("tokenizer.json", "vocab.json", "spiece.model")
        )
    if kind == "StableDiffusionSafetyChecker":  # some hubs hold it in another format only
        return True
    files = list(folder.glob("*.safetensors"))
    for listing in folder.glob("*.safetensors.index.json"):
        try:
            shards = set(json.loads(listing.read_text(encoding="utf-8"))["weight_map"].values())
            files += [folder / name for name in shards]
        except (*UNREADABLE, KeyError, TypeError):
            return False
    return bool(files) and all(whole_file(path) for path in files)


def whole_file(path: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            return True
    except (OSError, SafetensorError):
        return False
