# SPDX-License-Identifier: Apache-2.0
"""Rooms by path, what they may see, and the drivers that a board's headers lead to."""

import pytest

from harness.drivers import drivers_of
from harness.floors import allowed, floor_of

DRIVER = "platforms/drivers/pl190/pl190.hpp"
TAKEN_LINE = "platforms/drivers/taken_line.hpp"
FAMILY = "platforms/families/arm_baseboard/arm_baseboard.hpp"
BOARD = "platforms/versatilepb/board.hpp"
CONTRACT = "platforms/board_contract.hpp"
KERNEL = "hypervisor/kernel/cpu.cpp"


@pytest.mark.parametrize(
    "path, other",
    [
        (DRIVER, TAKEN_LINE),
        (DRIVER, "hypervisor/base/mmio.hpp"),
        (FAMILY, DRIVER),
        (FAMILY, "platforms/families/device_map.hpp"),
        (BOARD, FAMILY),
        (KERNEL, BOARD),
        (KERNEL, FAMILY),
        (KERNEL, CONTRACT),
    ],
)
def test_includes_point_down(path, other):
    assert allowed(floor_of(path), floor_of(other))
    assert not allowed(floor_of(other), floor_of(path)) or floor_of(path) == floor_of(other)


@pytest.mark.parametrize(
    "path, other",
    [
        (DRIVER, "platforms/drivers/gic_v2/gic_v2.hpp"),
        (TAKEN_LINE, DRIVER),
        (FAMILY, "hypervisor/arch/arm/core/layout.hpp"),
        (BOARD, "hypervisor/kernel/host_irq.hpp"),
        (CONTRACT, DRIVER),
    ],
)
def test_not_sideways_and_not_up(path, other):
    assert not allowed(floor_of(path), floor_of(other))


def test_drivers_are_found_through_families():
    """What a driver includes of its own folder, and what drivers share, is no driver."""
    baseboard = ["arm_sysreg", "l2c", "pl011", "pl031", "sp804", "sp810"]
    assert drivers_of("versatilepb") == sorted([*baseboard, "pl190"])
    assert drivers_of("vexpress-a9") == sorted([*baseboard, "gic_v2"])
    assert "bcm2835_gpio" in drivers_of("raspi1")
