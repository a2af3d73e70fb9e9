"""Downloads of large models: first what it means for this computer, then, once allowed, the files.

    plan = plan_download("owner/name")   # asks the hub for sizes; fetches nothing else
    print(plan.facts("en"))              # size, licence, disk, memory, time
    download(plan, on_progress=...)      # the user's yes stands between the two

Models are kept in the folder ``models`` of `settings.data_folder`, each in diffusers' format.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tripkit.core import machine
from tripkit.core.errors import ModelUnavailableError, StorageError
from tripkit.core.messages import text
from tripkit.core.text import clean_text
from tripkit.downloads import hub
from tripkit.downloads.local import WEIGHTLESS, downloads_folder
from tripkit.services.registry import Service, known_service

SPARE_GB = 1.0  # of the disk, that must stay free
SPEEDS = (100, 20)  # megabits a second that the time is told for
_WEIGHTS = re.compile(r"(diffusion_pytorch_model|model)(-\d{5}-of-\d{5})?\.safetensors")
_SMALL = (".json", ".txt", ".model")  # configs and tokenizers
_MOST_SMALL = 32 * 2**20  # bytes

OnBytes = Callable[[int, int], object]  # (bytes there, bytes in all); returning False stops


@dataclass(frozen=True)
class DownloadPlan:
    """What a download is, and what this computer has for it.

    Attributes:
        name: the hub id.
        service: its row in the registry; None for a model that is not listed.
        listing: what the hub holds.
        files: those that are needed, small ones first.
        folder: where they go.
        there: bytes of them that are here already.
        license: the registry's, else what the model's page states, else None.
        free_gb, memory_gb, device: of this computer.
    """

    name: str
    service: Service | None
    listing: hub.Listing
    files: tuple[hub.HubFile, ...]
    folder: Path
    there: int
    license: str | None
    free_gb: float
    memory_gb: float
    device: str

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def missing(self) -> int:
        """Bytes still to come."""
        return self.size - self.there

    @property
    def wanted_memory_gb(self) -> float:
        """Gigabytes that drawing takes: the registry's figure, else the files and 2 GB more."""
        known = self.service and self.service.hardware
        return known.memory_gb if known else self.size / machine.GB + 2.0

    @property
    def fits_memory(self) -> bool:
        """Whether the memory suffices."""
        return self.memory_gb >= self.wanted_memory_gb

    @property
    def picture_seconds(self) -> float | None:
        """About what a picture takes on this CPU; None on another device or where not measured."""
        known = self.service and self.service.hardware
        if not known or known.core_seconds is None or self.device != "cpu":
            return None
        return known.core_seconds / min(4, machine.cores())

    def facts(self, language: str) -> list[tuple[str, str]]:
        """What the user decides upon: pairs of a label and a value."""
        say = lambda code, **details: text(f"download.{code}", language, **details)  # noqa: E731
        gb = lambda size: f"{size / machine.GB:.1f}"  # noqa: E731
        fast, slow = (_minutes(self.missing * 8e-6 / speed, language) for speed in SPEEDS)
        memory, wanted = f"{self.memory_gb:.0f}", f"{self.wanted_memory_gb:.0f}"
        seconds = self.picture_seconds
        picture = say("not_measured") if seconds is None else _minutes(seconds, language)
        rows = {
            "model": self.name,
            "size": say("size_value", size=gb(self.size), missing=gb(self.missing)),
            "time": say("time_value", fast=fast, slow=slow, a=SPEEDS[0], b=SPEEDS[1]),
            "disk": say("disk_value", free=f"{self.free_gb:.1f}"),
            "memory": say("memory_value", wanted=wanted, memory=memory),
            "device": self.device,
            "picture": picture,
            "license": clean_text(self.license or "") or say("no_license"),
            "page": f"{hub.HUB}/{self.name}",
            "folder": str(self.folder),
        }
        return [(say(code), value) for code, value in rows.items()]

    def warnings(self, language: str) -> list[str]:
        """What speaks against it without forbidding it."""
        warnings = []
        if not self.fits_memory:
            wanted, memory = f"{self.wanted_memory_gb:.0f}", f"{self.memory_gb:.0f}"
            warnings.append(text("download.little_memory", language, wanted=wanted, memory=memory))
        if self.license is None:
            warnings.append(text("download.unknown_license", language))
        return warnings


def plan_download(name: str) -> DownloadPlan:
    """What a download of that hub model would be. Only the list of its files is fetched.

    Raises:
        RequestError: ``bad_hub_id``.
        ServiceError: ``hub_offline``, ``hub_unreachable``.
        ModelUnavailableError: ``hub_not_found``, ``not_a_pipeline``: its parts or their weights
            in safetensors are not there.
    """
    listing = hub.list_files(name)
    parts = hub.read_index(listing)
    files = needed_files(listing, parts)
    if not parts or not files:
        raise ModelUnavailableError("not_a_pipeline", model=listing.name)
    folder = downloads_folder(listing.name)
    service = known_service(listing.name)
    if service and service.service != "diffusers":
        service = None
    gpu = machine.device_memory_gb()
    return DownloadPlan(
        name=listing.name,
        service=service,
        listing=listing,
        files=files,
        folder=folder,
        there=sum(_there(file, folder / file.path) for file in files),
        license=service.license if service else listing.license,
        free_gb=machine.free_gb(folder),
        memory_gb=machine.memory_gb() if gpu is None else gpu,
        device=machine.device(),
    )


def needed_files(listing: hub.Listing, parts: dict[str, str]) -> tuple[hub.HubFile, ...]:
    """The files that the parts need: configs, tokenizers, fp32 safetensors; small ones first.

    Other precisions, other formats, pictures and single-file copies stay where they are. Empty
    where a part with weights has none in safetensors.
    """
    chosen = []
    for file in listing.files:
        part, _, name = file.path.rpartition("/")
        small = name.endswith(_SMALL) and file.size <= _MOST_SMALL and ".fp16." not in name
        if file.path == "model_index.json" or (
            part in parts and (small or _WEIGHTS.fullmatch(name))
        ):
            chosen.append(file)
    weighted = {part for part, kind in parts.items() if not kind.endswith(WEIGHTLESS)}
    weighted -= {part for part, kind in parts.items() if kind == "StableDiffusionSafetyChecker"}
    have = {f.path.split("/")[0] for f in chosen if f.path.endswith(".safetensors")}
    return tuple(sorted(chosen, key=lambda file: file.size)) if weighted <= have else ()


def check_room(plan: DownloadPlan) -> None:
    """Refuses a download that the disk has no room for.

    Raises:
        StorageError: ``no_room``.
    """
    needed = plan.missing / machine.GB + SPARE_GB
    if plan.missing and plan.free_gb < needed:
        place = {"folder": str(plan.folder), "variable": "TRIPKIT_DATA"}
        room = {"needed": f"{needed:.1f}", "free": f"{plan.free_gb:.1f}"}
        raise StorageError("no_room", model=plan.name, **room, **place)


def download(plan: DownloadPlan, on_progress: OnBytes | None = None) -> Path:
    """Fetches what is missing; returns the folder. A download that broke off goes on here.

    Args:
        plan: what the user said yes to.
        on_progress: called as ``(bytes there, bytes in all)``; returning False stops, and what has
            come is kept.

    Raises:
        StorageError: ``no_room``, ``download_not_saved``.
        CancelledError: ``download_stopped``.
        ServiceError: ``download_broken``.
    """
    check_room(plan)
    tell = on_progress or (lambda there, total: True)
    done = 0
    for file in plan.files:
        path = plan.folder / file.path
        if not _complete(file, path):
            on_bytes = lambda there, before=done: tell(before + there, plan.size)  # noqa: E731
            hub.fetch(plan.listing, file, path, on_bytes)
        done += file.size
        tell(done, plan.size)
    for part in plan.folder.rglob(".*.part"):  # of other versions
        part.unlink(missing_ok=True)
    return plan.folder


def _there(file: hub.HubFile, path: Path) -> int:
    """Bytes of a file that are here, whole or begun."""
    if _complete(file, path):
        return file.size
    return min(hub.size_of(hub.part_of(path, file)), file.size)


def _complete(file: hub.HubFile, path: Path) -> bool:
    """Whether the file is here. Large ones were checked when they came; small ones are now."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    if file.large:
        return True
    hasher = file.hasher()
    hasher.update(path.read_bytes())
    return hasher.hexdigest() == file.checksum


def _minutes(seconds: float, language: str) -> str:
    if seconds < 90:
        return text("download.seconds", language, seconds=max(1, round(seconds)))
    return text("download.minutes", language, minutes=round(seconds / 60))
