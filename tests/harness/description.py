# SPDX-License-Identifier: Apache-2.0
"""Reads descriptions of guests, ./run's --config FILE (docs/bundle.md), and finds what is wrong with them."""

import configparser
import re

from . import bundle, disk
from .bundle import DEFAULT_BOOTARGS, Guest, size
from .files import readable
from .kernel_file import address
from .steps import Problem

KEYS = set("kernel load ramdisk bios memory bootargs vcpus shadow-pool-kib rng".split())
LISTS = {"disk", "shared-memory", "channel"}  # a line for each
KEYS |= LISTS


def parse(path):
    """The file's sections."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise Problem(
            f"{path} cannot be read: {error}", "docs/bundle.md describes the format", status=2
        ) from error
    return parser


def lines(values, key):
    return [line for line in map(str.strip, values.get(key, "").splitlines()) if line]


def disks(values, where, folder):
    """Of lines 'FILE' and 'FILE copy'."""
    found = []
    for line in lines(values, "disk"):
        name, _, how = line.rpartition(" ") if line.endswith((" copy", " ro")) else (line, "", "ro")
        found.append(bundle.Disk(disk.check(folder / name.strip(), f"{where}: the disk"), how == "copy"))
    most = bundle.MOST_DISKS - randomness(values, where)
    if len(found) > most:
        raise Problem(f"{where} has {len(found)} disks", f"leave at most {most}", status=2)
    return found


def label_of(text, where):
    if not re.fullmatch(r"[\w.-]{1,31}", text, re.ASCII):
        raise Problem(
            f"{where}: '{text}' is no name for what guests share",
            "use letters, digits, '.', '-' and '_', at most 31",
            status=2,
        )
    return text


def regions(values, where):
    """Of lines 'NAME SIZE ro' and 'NAME SIZE rw'."""
    found = []
    for line in lines(values, "shared-memory"):
        words = line.split()
        if len(words) != 3 or words[2] not in ("ro", "rw"):
            raise Problem(f"{where}: shared-memory = {line} cannot be read", "write NAME SIZE rw", status=2)
        size_of = size(words[1])
        if not 0 < size_of <= bundle.LARGEST_REGION or size_of % bundle.PAGE:
            raise Problem(
                f"{where}: shared-memory = {line} has an impossible size",
                "give a multiple of 4K, at most 16M",
                status=2,
            )
        found.append(bundle.Region(label_of(words[0], where), size_of, words[2] == "rw"))
    if len(found) > bundle.MOST_REGIONS or len({region.label for region in found}) != len(found):
        raise Problem(
            f"{where} has too many regions, or one twice",
            f"leave at most {bundle.MOST_REGIONS}, each with its own name",
            status=2,
        )
    return found


def channels(values, where):
    found = [label_of(line, where) for line in lines(values, "channel")]
    if len(found) > bundle.MOST_CHANNELS or len(set(found)) != len(found):
        raise Problem(
            f"{where} has too many channels, or both ends of one",
            f"leave at most {bundle.MOST_CHANNELS}; the other end is another guest's",
            status=2,
        )
    return found


def check_shared(path, guests):
    """What guests share has the same size for each, and each channel has two ends."""
    sizes = {}
    for guest in guests:
        for region in guest.regions:
            if sizes.setdefault(region.label, region.size) != region.size:
                raise Problem(
                    f"{path}: guests say different sizes of the shared memory {region.label}",
                    "give it the same size in each section",
                    status=2,
                )
    ends = [label for guest in guests for label in guest.channels]
    for label in sorted(set(ends)):
        if ends.count(label) != 2:
            raise Problem(
                f"{path}: the channel {label} has {ends.count(label)} ends",
                f"write channel = {label} into the sections of exactly two guests",
                status=2,
            )


def pool(values, where):
    """KiB for shadow tables; None: what is usual."""
    text = values.get("shadow-pool-kib")
    if text is None:
        return None
    kib = size(text, "a number of KiB")
    if not bundle.LEAST_POOL_KIB <= kib <= bundle.MOST_POOL_KIB or kib % bundle.POOL_UNIT_KIB:
        raise Problem(
            f"{where}: shadow-pool-kib = {text} cannot be",
            "give a multiple of 16 from 64 to 4096, or leave it out: a 64th of the guest's memory",
            status=2,
        )
    return kib


def randomness(values, where):
    text = values.get("rng", "no")
    if text not in ("yes", "no"):
        raise Problem(f"{where}: rng = {text} cannot be", "write rng = yes, or leave it out", status=2)
    return text == "yes"


def one_guest(path, label, values):
    """A guest; its kernel is None for the one that ./run builds."""
    where = f"{path}: [guest {label}]"
    if unknown := set(values) - KEYS:
        raise Problem(
            f"{where} has unknown keys: {', '.join(sorted(unknown))}",
            "known keys: " + ", ".join(sorted(KEYS)),
            status=2,
        )
    if len(label) > bundle.LONGEST_LABEL:
        raise Problem(f"{where}: the label is too long", "give one of at most 31 characters", status=2)
    bootargs = values.get("bootargs", DEFAULT_BOOTARGS)
    if len(bootargs.encode()) > bundle.LONGEST_BOOTARGS:
        raise Problem(f"{where}: bootargs is too long", "shorten it to 1023 characters", status=2)
    vcpus = size(values.get("vcpus", "1"), "a number of processors")
    if vcpus != 1:
        raise Problem(f"{where} wants {vcpus} processors, and can have one", "leave out vcpus", status=2)
    files = {key: path.parent / values[key] for key in ("kernel", "ramdisk", "bios") if values.get(key)}
    if "load" in values and "kernel" not in files:
        raise Problem(f"{where} has load and no kernel", "name the raw image: kernel = FILE", status=2)
    return Guest(
        label,
        files.get("kernel"),
        files.get("ramdisk"),
        size(values.get("memory", "0"), "a memory size"),
        bootargs,
        pool(values, where),
        firmware=files.get("bios"),
        raw_at=address(values["load"]) if "load" in values else None,
        disks=disks(values, where, path.parent),
        regions=regions(values, where),
        channels=channels(values, where),
        rng=randomness(values, where),
    )


def read(path):
    """The guests of a file: one section [guest LABEL] each."""
    path = readable(path, "guest description")
    parser = parse(path)
    if parser.defaults():
        raise Problem(f"{path}: there is a section [DEFAULT]", "sections are called [guest LABEL]", status=2)
    guests = []
    for section in parser.sections():
        match = re.fullmatch(r"guest\s+([\w.-]+)", section, re.ASCII)
        if not match:
            raise Problem(
                f"{path}: there is a section [{section}]", "sections are called [guest LABEL]", status=2
            )
        guests.append(one_guest(path, match[1], parser[section]))
    if not guests:
        raise Problem(f"{path} describes no guest", "add a section [guest LABEL]", status=2)
    if len(guests) > bundle.MOST_GUESTS:
        raise Problem(f"{path} describes {len(guests)} guests", "describe at most 8", status=2)
    if len({guest.label for guest in guests}) != len(guests):
        raise Problem(f"{path} uses a label twice", "give every guest its own label", status=2)
    check_shared(path, guests)
    if bundle.pools_kib(guests) > bundle.ALL_POOLS_KIB:
        raise Problem(
            f"{path}: the guests want {bundle.pools_kib(guests)} KB for shadow tables",
            "make all shadow-pool-kib together at most 20480; a guest without has 256 or more",
            status=2,
        )
    return guests
