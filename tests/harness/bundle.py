# SPDX-License-Identifier: Apache-2.0
"""Boot bundles: guest descriptions, kernels and ramdisks packed into one FIT image (docs/bundle.md)."""

import hashlib
import os
import pathlib
import re
import tempfile

from .files import readable
from .steps import Problem, command

MIB = 1 << 20
FDT_MAGIC = b"\xd0\x0d\xfe\xed"
DEFAULT_BOOTARGS = "console=ttyAMA0"
# The hypervisor's limits and defaults (hypervisor/kernel/limits.hpp, and bundle.cpp and pv_way.cpp in boot).
MOST_GUESTS, LONGEST_LABEL, LONGEST_BOOTARGS = 8, 31, 1023
SECTOR, MOST_DISKS = 512, 8
PAGE, MOST_REGIONS, LARGEST_REGION, MOST_CHANNELS = 4096, 8, 16 * MIB, 32
# Of mkimage. Copied once: pytest changes a variable of its own while threads make bundles, and a copy that is
# made just then fails.
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="1700000000")
LEAST_POOL_KIB, MOST_POOL_KIB, POOL_UNIT_KIB, ALL_POOLS_KIB = 64, 4096, 16, 20480
LEAST_USUAL_POOL_KIB, MEMORY_PER_POOL = 256, 64
POOL_UNIT = POOL_UNIT_KIB << 10


class Disk:
    """What a guest finds as /dev/vda, /dev/vdb ... A writable one is its own, and begins as the file."""

    def __init__(self, path, writable=False):
        self.path, self.writable = pathlib.Path(path), writable


class Region:
    """Memory that guests share by its label; size in bytes, the same for each of them."""

    def __init__(self, label, size, writable=False):
        self.label, self.size, self.writable = label, size, writable


class Guest:
    """What the hypervisor is told about one guest. memory 0: an equal share of what the others leave."""

    def __init__(
        self,
        label,
        kernel,
        ramdisk=None,
        memory=0,
        bootargs=DEFAULT_BOOTARGS,
        shadow_pool_kib=None,
        vcpus=1,
        firmware=None,
        raw_at=None,
        disks=(),
        regions=(),
        channels=(),
        rng=False,
    ):
        self.label, self.memory, self.bootargs = label, memory, bootargs
        self.kernel, self.ramdisk, self.firmware = (
            pathlib.Path(path) if path else None for path in (kernel, ramdisk, firmware)
        )
        self.shadow_pool_kib, self.vcpus = shadow_pool_kib, vcpus
        self.raw_at = raw_at  # the kernel is a raw image for this address
        self.load = self.entry = 0  # where the kernel's file goes; 0: wherever the hypervisor likes
        self.disks, self.regions, self.channels = list(disks), list(regions), list(channels)
        self.rng = rng  # it wants the board's source of randomness

    def images(self):
        """[(kind, file, load, entry)] beside disks; the kind is a property's name and an image's type."""
        return [
            (kind, path, *place)
            for kind, path, place in (
                ("kernel", self.kernel, (self.load, self.entry)),
                ("ramdisk", self.ramdisk, (0, 0)),
                ("firmware", self.firmware, (0, 0)),
            )
            if path
        ]


def pool_kib(guest, memory):
    """What the guest's shadow tables take if it has so many bytes: as hypervisor/boot/pv_way.cpp has it."""
    if guest.shadow_pool_kib is not None:
        return guest.shadow_pool_kib
    wanted = memory // 1024 // MEMORY_PER_POOL // POOL_UNIT_KIB * POOL_UNIT_KIB
    return min(max(wanted, LEAST_USUAL_POOL_KIB), MOST_POOL_KIB)


def pools_kib(guests):
    """What all guests' shadow tables take at least."""
    return sum(pool_kib(guest, 0) for guest in guests)


def pools_room(guests, memory):
    """Bytes that they take with what is kept about them, 48 KB for a megabyte.

    memory: of a guest that does not say how much it has"""
    sizes = [pool_kib(guest, guest.memory or memory) << 10 for guest in guests]
    end = sum(sizes) * 48 // 1024
    for size in sizes:
        end = -(-end // POOL_UNIT) * POOL_UNIT
        if end % MIB + size > MOST_POOL_KIB << 10:  # a pool is shown in whole megabytes
            end = -(-end // MIB) * MIB
        end += size
    return end


def size(text, what="a size"):
    """Bytes of '64M', '1G', '65536', '0x4000000'."""
    match = re.fullmatch(r"\s*(0x[0-9a-fA-F]+|\d+)\s*([kKmMgG]?)(?:i?[bB])?\s*", text)
    if not match:
        raise Problem(f"'{text}' is not {what}", "write it as 64M, 65536K or a number of bytes", status=2)
    return int(match[1], 0) << {"": 0, "k": 10, "m": 20, "g": 30}[match[2].lower()]


def check_bundle(path):
    with open(readable(path, "bundle"), "rb") as file:
        head = file.read(8)
    if head[:4] != FDT_MAGIC:
        raise Problem(
            f"{path} is not a boot bundle (no FIT image)", "docs/bundle.md says how one is made", status=2
        )
    if int.from_bytes(head[4:8], "big") > os.path.getsize(path):
        raise Problem(f"the bundle {path} is cut off", "make or copy it again", status=2)
    return pathlib.Path(path)


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def image_node(name, kind, path, load, entry):
    """An image of the tree source; FIT tools want addresses of kernels."""
    place = (
        f"            load = <{load:#x}>;\n            entry = <{entry:#x}>;\n" if kind == "kernel" else ""
    )
    return f"""\
        {name} {{
            description = {quote(path.name)};
            data = /incbin/({quote(str(path.resolve()))});
            type = "{kind}";
            arch = "arm";
            os = "linux";
            compression = "none";
{place}\
            hash-1 {{
                algo = "crc32";
            }};
        }};
"""


def part_node(name, kind, lines):
    """A node below a guest's: a disk, a region or a channel."""
    return f"""\
            {name} {{
                compatible = "vambrace,{kind}";
{"".join(f"                {line};{chr(10)}" for line in lines if line)}\
            }};
"""


def part_nodes(guest, images):
    """images: the bundle's names for the guest's disks, in their order."""
    nodes = ""
    for number, (disk, image) in enumerate(zip(guest.disks, images), 1):
        lines = [f"image = {quote(image)}", "writable" if disk.writable else ""]
        nodes += part_node(f"disk-{number}", "disk", lines)
    for number, region in enumerate(guest.regions, 1):
        writable = "writable" if region.writable else ""
        lines = [f"label = {quote(region.label)}", f"size = <{region.size:#x}>", writable]
        nodes += part_node(f"region-{number}", "region", lines)
    for number, label in enumerate(guest.channels, 1):
        nodes += part_node(f"channel-{number}", "channel", [f"label = {quote(label)}"])
    return nodes


def configuration_node(number, guest, images):
    """What U-Boot's bootm finds. images: the properties that name the guest's."""
    return f"""\
        conf-{number} {{
            description = {quote(guest.label)};
{images}\
        }};
"""


def guest_node(number, guest, images, parts):
    """What the hypervisor reads."""
    pool = guest.shadow_pool_kib
    optional = "" if pool is None else f"            shadow-pool-kib = <{pool}>;\n"
    optional += "            rng;\n" if guest.rng else ""
    return f"""\
        guest-{number} {{
            compatible = "vambrace,guest-config";
            label = {quote(guest.label)};
            memory = <{guest.memory:#x}>;
            vcpus = <{guest.vcpus}>;
{images}{optional}\
            bootargs = {quote(guest.bootargs)};
{parts}\
        }};
"""


def source(guests):
    """The image tree source. A file that several guests use is packed once, unless one writes to it."""
    names, images, configurations, nodes, disks = {}, [], [], [], {}
    for number, guest in enumerate(guests, 1):
        used = ""
        for image in guest.images():
            kind = image[0]
            if image not in names:
                names[image] = f"{kind}-{sum(other[0] == kind for other in names) + 1}"
                images.append(image_node(names[image], *image))
            used += f'            {kind} = "{names[image]}";\n'
        own = []
        for index, disk in enumerate(guest.disks):
            key = (number, index) if disk.writable else disk.path
            if key not in disks:
                disks[key] = f"disk-{len(disks) + 1}"
                images.append(image_node(disks[key], "filesystem", disk.path, 0, 0))
            own.append(disks[key])
        configurations.append(configuration_node(number, guest, used))
        nodes.append(guest_node(number, guest, used, part_nodes(guest, own)))
    return f"""\
/dts-v1/;

/ {{
    description = "Vambrace boot bundle";
    #address-cells = <1>;

    images {{
{"".join(images)}\
    }};

    configurations {{
        default = "conf-1";
{"".join(configurations)}\
    }};

    vambrace {{
        compatible = "vambrace,bundle-1";
{"".join(nodes)}\
    }};
}};
"""


def make(guests, destination):
    """Packs the guests; the same input makes the same file."""
    destination = pathlib.Path(destination)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bundle-", dir=destination.parent) as name:
        its, itb = pathlib.Path(name) / "bundle.its", pathlib.Path(name) / "bundle.itb"
        its.write_text(source(guests))
        command(["mkimage", "-f", its, itb], env=ENVIRONMENT, what="mkimage")
        os.rename(itb, destination)
    return destination


def make_in(directory, guests):
    """Packs the guests into a file named after what is in it; made only if it is not there."""
    total = hashlib.sha256(source(guests).encode())
    files = {path for guest in guests for _, path, *_ in guest.images()}
    for path in sorted(files | {disk.path for guest in guests for disk in guest.disks}):
        total.update(path.read_bytes())
    destination = pathlib.Path(directory) / f"{total.hexdigest()[:16]}.itb"
    return destination if destination.exists() else make(guests, destination)
