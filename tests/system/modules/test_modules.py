# SPDX-License-Identifier: Apache-2.0
"""Kernel modules load, run and unload in a guest: their code is linked, patched and executed there."""


def test_modules_load_and_unload(start):
    run = start().boot()
    modules = [
        name.rsplit("/", 1)[-1].removesuffix(".ko").replace("-", "_")
        for name in run.sh("find /lib/modules -name '*.ko'").split()
    ]
    assert modules, "the initramfs holds no kernel module"
    for name in modules:
        run.sh(f"modprobe {name}")
        assert name in run.sh(f"grep '^{name} ' /proc/modules")
    for name in modules:
        run.sh(f"rmmod {name} 2> /dev/null", status=None)
    assert run.sh(f"modprobe {modules[0]}; grep -c '^{modules[0]} ' /proc/modules") == "1"


def test_a_network_device_of_a_module_works(start):
    run = start().boot()
    run.sh("modprobe dummy")
    run.sh("ip link add dummy9 type dummy 2> /dev/null; ifconfig dummy0 10.1.2.3 up", status=None)
    assert "10.1.2.3" in run.sh("ifconfig -a")
    assert " 0% packet loss" in run.sh("ifconfig lo 127.0.0.1 up; ping -c 2 10.1.2.3")


def test_a_missing_module_is_an_error(start):
    run = start().boot()
    assert "not found" in run.sh("modprobe no_such_module 2>&1", status=1)
