# SPDX-License-Identifier: Apache-2.0
"""Disks, shared memory and channels in a description of guests, and what becomes of them in a bundle."""

import re

import pytest

from harness import bundle, description
from harness.bundle import MIB
from harness.steps import Problem


@pytest.fixture
def read(tmp_path):
    """Reads a description beside some disk images."""
    for name in ("one.img", "two.img", "a disk.img", "copy"):
        (tmp_path / name).write_bytes(bytes(512))
    (tmp_path / "small.img").write_bytes(bytes(511))

    def call(text):
        (tmp_path / "guests.ini").write_text(text)
        return description.read(tmp_path / "guests.ini")

    return call


def test_a_guest_has_the_disks_that_it_names_in_their_order(read, tmp_path):
    text = "[guest a]\ndisk = one.img\n  two.img copy\n  a disk.img ro\n  copy\n  one.img  copy\n"
    disks = read(text)[0].disks
    names = ["one.img", "two.img", "a disk.img", "copy", "one.img"]
    assert [disk.path for disk in disks] == [tmp_path / name for name in names]
    assert [disk.writable for disk in disks] == [False, True, False, False, True]


def test_guests_share_memory_and_channels_by_their_names(read):
    guests = read(
        "[guest a]\nshared-memory = ring 64K rw\n  table 0x1000 ro\nchannel = a-b\n  c.1\n"
        "[guest b]\nshared-memory = ring 65536 ro\nchannel = a-b\n"
        "[guest c]\nchannel = c.1\n"
    )
    regions = [[(r.label, r.size, r.writable) for r in guest.regions] for guest in guests]
    assert regions == [[("ring", 65536, True), ("table", 4096, False)], [("ring", 65536, False)], []]
    assert [guest.channels for guest in guests] == [["a-b", "c.1"], ["a-b"], ["c.1"]]


def test_a_guest_without_any_has_none(read):
    guest = read("[guest a]\ndisk =\nshared-memory =\nchannel =\n")[0]
    assert (guest.disks, guest.regions, guest.channels) == ([], [], [])


def test_a_guest_has_randomness_if_it_wants_it(read):
    for text, wanted in (("", False), ("rng = no\n", False), ("rng = yes\n", True)):
        guests = read("[guest a]\n" + text)
        assert guests[0].rng == wanted
        assert bundle.source(guests).count("            rng;\n") == wanted


@pytest.mark.parametrize("size", ["4K", "16M", "0x1000", "12288"])
def test_a_region_has_pages(read, size):
    assert read(f"[guest a]\nshared-memory = x {size} rw\n")[0].regions[0].size == bundle.size(size)


SHARED = "[guest a]\nshared-memory = "
CHANNEL = "[guest a]\nchannel = "


@pytest.mark.parametrize(
    "text, cause",
    [
        ("[guest a]\ndisk = none.img\n", "there is no disk image"),
        ("[guest a]\ndisk = small.img\n", "small.img has 511 bytes"),
        ("[guest a]\ndisk = one.img rw\n", "there is no disk image"),
        ("[guest a]\ndisk = one.img\ndisk = two.img\n", "cannot be read"),
        ("[guest a]\ndisk = " + "one.img\n  " * 9 + "\n", "has 9 disks"),
        ("[guest a]\nrng = yes\ndisk = " + "one.img\n  " * 8 + "\n", "has 8 disks"),
        ("[guest a]\nrng = 1\n", "rng = 1 cannot be"),
        (SHARED + "x 4K\n", "shared-memory = x 4K cannot be read"),
        (SHARED + "x 4K wr\n", "shared-memory = x 4K wr cannot be read"),
        (SHARED + "x rw\n", "cannot be read"),
        (SHARED + "x 4K rw ro\n", "cannot be read"),
        (SHARED + "x lots rw\n", "'lots' is not a size"),
        (SHARED + "x -4K rw\n", "'-4K' is not a size"),
        (SHARED + "x 0 rw\n", "has an impossible size"),
        (SHARED + "x 2K rw\n", "has an impossible size"),
        (SHARED + "x 6K rw\n", "has an impossible size"),
        (SHARED + "x 32M rw\n", "has an impossible size"),
        (SHARED + f"x {16 * MIB + 4096} rw\n", "has an impossible size"),
        (SHARED + "x:y 4K rw\n", "'x:y' is no name"),
        (SHARED + f"{'x' * 32} 4K rw\n", "is no name"),
        (SHARED + "\u00e4 4K rw\n", "is no name"),
        (SHARED + "x 4K rw\n  x 4K rw\n", "has too many regions, or one twice"),
        (SHARED + "".join(f"x{n} 4K rw\n  " for n in range(9)) + "\n", "has too many regions"),
        (SHARED + "x 4K rw\n[guest b]\nshared-memory = x 8K rw\n", "different sizes of the shared memory x"),
        (CHANNEL + "x y\n", "'x y' is no name"),
        (CHANNEL + "x[1]\n", "is no name"),
        (CHANNEL + "x\n  x\n", "has too many channels, or both ends of one"),
        (CHANNEL + "".join(f"x{n}\n  " for n in range(33)) + "\n", "has too many channels"),
        (CHANNEL + "x\n", "the channel x has 1 ends"),
        (CHANNEL + "x\n[guest b]\nchannel = y\n", "the channel x has 1 ends"),
        (
            CHANNEL + "x\n[guest b]\nchannel = x\n[guest c]\nchannel = x\n",
            "the channel x has 3 ends",
        ),
    ],
)
def test_what_cannot_be_says_why(read, text, cause):
    with pytest.raises(Problem, match=re.escape(cause)) as found:
        read(text)
    assert found.value.cure and found.value.status == 2


def test_the_most_that_there_can_be(read):
    most = "[guest a]\ndisk = " + "one.img\n  " * 8 + "\nshared-memory = "
    most += "".join(f"r{n} 16M rw\n  " for n in range(8)) + "\nchannel = "
    channels = "".join(f"c{n}\n  " for n in range(32))
    guest = read(most + channels + "\n[guest b]\nchannel = " + channels + "\n")[0]
    assert (len(guest.disks), len(guest.regions), len(guest.channels)) == (8, 8, 32)


def test_a_disk_that_is_only_read_is_packed_once_and_one_that_is_written_each_time(read):
    guests = read(
        "[guest a]\ndisk = one.img\n  two.img copy\n  one.img\n[guest b]\ndisk = one.img\n  two.img copy\n"
    )
    for guest in guests:
        guest.kernel = guest.disks[0].path
    source = bundle.source(guests)
    assert source.count("one.img") == 2 * 2  # as kernel too: what it is called, and its data
    assert re.findall(r'image = "(disk-\d)";\n\s*(writable)?', source) == [
        ("disk-1", ""),
        ("disk-2", "writable"),
        ("disk-1", ""),
        ("disk-1", ""),
        ("disk-3", "writable"),
    ]
    assert source.count('type = "filesystem"') == 3


def test_the_bundle_says_what_guests_share(read, tmp_path):
    guest = read("[guest a]\nshared-memory = ring 64K rw\n  x 4K ro\nchannel = c\n[guest b]\nchannel = c\n")[
        0
    ]
    nodes = bundle.part_nodes(guest, [])
    assert nodes.count('compatible = "vambrace,region"') == 2
    assert nodes.count('compatible = "vambrace,channel"') == 1
    assert re.search(r'region-1 \{[^}]*label = "ring";\s*size = <0x10000>;\s*writable;\s*\}', nodes)
    assert re.search(r'region-2 \{[^}]*label = "x";\s*size = <0x1000>;\s*\}', nodes)
    assert re.search(r'channel-1 \{[^}]*label = "c";\s*\}', nodes)


def test_a_bundle_is_another_one_when_a_disk_has_changed(read, tmp_path):
    guest = read("[guest a]\ndisk = one.img\n")[0]
    guest.kernel = tmp_path / "two.img"
    first = bundle.make_in(tmp_path, [guest])
    assert bundle.make_in(tmp_path, [guest]) == first
    (tmp_path / "one.img").write_bytes(b"\1" * 512)
    second = bundle.make_in(tmp_path, [guest])
    assert second != first and b"\1" * 512 in second.read_bytes()
