"""The disks of the host: how full the fullest is.

A file system on a device of this host is a disk, and so is whatever holds the record. File systems
of the network are left out, and so are those that nobody can write to. Any file system can hang, so
this is asked in a thread.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reli.sampling.cgroup_paths import unescaped
from reli.sampling.proc.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_WITHOUT_DEVICE = frozenset({"zfs", "btrfs", "bcachefs", "virtiofs"})
"""Disks that the kernel counts among the file systems without a device of their own."""

_MOST_DISKS = 200


def disks(mountinfo: str, without_device: frozenset[str]) -> Iterator[str]:
    """A mount point of each disk, each disk once; ``without_device`` are kinds that are none.

    The root counts whatever it is: in a container it is a layer upon a disk.
    """
    seen = set()
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, kinds = before.split(), after.split()
        if len(fields) < 6 or not kinds:
            continue
        device, place, options = fields[2], unescaped(fields[4]), fields[5].split(",")
        real = kinds[0] in _WITHOUT_DEVICE or kinds[0] not in without_device or place == "/"
        if real and "rw" in options and device not in seen:
            seen.add(device)
            yield place


def kinds_without_device(filesystems: str) -> frozenset[str]:
    """From ``/proc/filesystems``: those of the kernel itself, of the network and of users."""
    words = (line.split() for line in filesystems.splitlines())
    return frozenset(word[1] for word in words if len(word) == 2 and word[0] == "nodev")


def this_hosts_disks() -> list[str]:
    """Raises ``OSError`` when the mounts cannot be read."""
    mounts = read_whole("/proc/self/mountinfo", 1 << 22).decode("utf-8", "surrogateescape")
    nodev = kinds_without_device(read_whole("/proc/filesystems").decode("ascii", "replace"))
    return list(disks(mounts, nodev))[:_MOST_DISKS]


def free(places: Iterable[str | Path]) -> Mapping[str, float]:
    """Columns of the fullest disk, by what an ordinary user may still write; may hang.

    The inodes are those of the disk that has fewest; some file systems have no limit of them.
    """
    space: list[tuple[float, int]] = []
    inodes = []
    for place in places:
        try:
            found = os.statvfs(place)
        except OSError:
            continue  # unmounted since, or not for us to see
        usable = found.f_blocks - found.f_bfree + found.f_bavail
        if usable > 0:
            space.append((found.f_bavail / usable, found.f_bavail * found.f_frsize))
        if found.f_files > 0:
            inodes.append(found.f_favail)
    values: dict[str, float] = {}
    if space:
        ratio, free_bytes = min(space)
        values |= {"disk_free_bytes": free_bytes, "disk_free_ratio": ratio}
    return {**values, "disk_free_inodes": min(inodes)} if inodes else values
