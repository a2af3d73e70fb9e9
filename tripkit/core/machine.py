"""What this computer has: cores, memory, disk, a device for large models."""

import contextlib
import os
import shutil
import socket
from pathlib import Path

import psutil

from tripkit.core.errors import ServiceError

HOST = "127.0.0.1"  # Voila starts a kernel per visitor with our environment, its API key included

GB = 1e9  # bytes, as downloads and disks are counted


def cores() -> int:
    """CPU cores that we may use."""
    usable = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(usable(0)) if usable else os.cpu_count() or 1


def memory_gb() -> float:
    """Memory of this computer in gigabytes, or of the container it runs in."""
    sizes = [psutil.virtual_memory().total]
    with contextlib.suppress(OSError, ValueError):  # no container, or "max": no limit
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(sizes) / GB


def device() -> str:
    """What PyTorch would run a downloaded model on: "cuda (<name>)" or "cpu"."""
    import torch

    return f"cuda ({torch.cuda.get_device_name(0)})" if torch.cuda.is_available() else "cpu"


def device_memory_gb() -> float | None:
    """Memory of the CUDA device in gigabytes; None without one."""
    import torch

    if not torch.cuda.is_available():
        return None
    return torch.cuda.get_device_properties(0).total_memory / GB


def nearest_folder(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists already."""
    folder = Path(folder).expanduser().absolute()
    return next((each for each in (folder, *folder.parents) if each.is_dir()), folder)


def file_in_the_way(folder: Path) -> Path | None:
    """What stands where the folder, or one above it, would be, and is no folder; None if nothing.

    A link that leads nowhere is in the way too.
    """
    folder = Path(folder).expanduser().absolute()
    there = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), None)
    return None if there is None or os.path.isdir(there) else there


def free_gb(folder: Path) -> float:
    """Gigabytes free where ``folder`` is or would be made."""
    return shutil.disk_usage(nearest_folder(folder)).free / GB


def models_folder() -> Path:
    """Where downloaded models are kept: huggingface_hub's cache."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def listener_on(port: int | None) -> socket.socket:
    """A socket of this machine alone; None takes a free port.

    Raises:
        ServiceError: ``port_taken``.
    """
    # asyncio turns Nagle's delay (44 ms an answer) off only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere the option would let two programs share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port or 0))
    except OSError as error:
        listener.close()
        raise ServiceError("port_taken", port=port) from error
    return listener


def free_port() -> int:
    """A port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
