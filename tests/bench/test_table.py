# SPDX-License-Identifier: Apache-2.0
"""The benchmark's table maker: from what plugin and program print to ratios, account, comparison."""

import json
import subprocess
import xml.dom.minidom

import pytest

from bench import chart, machine, measure, paths, table
from harness.steps import ROOT

# Two rows, the second with a baseline; addresses of a kernel, of the hypervisor and of a vector.
PLUGIN = """\
guest 77
start measured 1000
part measured 2000 500 20 0 0
8 10
c0008000 300
ff110000 170
end
uart 0 5 1
start baseline 3000
part baseline 3500 100 0 0 0
c0008000 60
end
start measured 4000
part measured 5000 300 0 4 80
c0008000 160
c0009000 40
end
"""
CONSOLE = (
    "boot\r\nnull_call 100.000 10\r\nbench: none\r\n[linux-2] switch 20.500 20\nbench: 2 rows measured\n"
)


def sample(vambrace=150, name="null_call"):
    return table.result(
        "board",
        [table.row(name, 100, vambrace, {"syscall": 1})],
        repeatability="Yes.",
        sw_domain_pan={"native": "off", "vambrace": "off"},
    )


def test_the_plugins_output_is_read_whole():
    parts, uart, guest_at = machine.parse(PLUGIN)
    assert [(p.kind, p.begin, p.end) for p in parts] == [
        ("measured", 1000, 2000),
        ("baseline", 3000, 3500),
        ("measured", 4000, 5000),
    ]
    assert parts[0].counts == {8: 10, 0xC0008000: 300, 0xFF110000: 170}
    assert (uart, guest_at) == ([(5, 1)], 77)


def test_printed_lines_meet_their_markers_and_the_baseline_is_subtracted():
    first, second = measure.read_rows(machine.Run(CONSOLE, *machine.parse(PLUGIN), b""))
    assert (first.name, first.n, first.value()) == ("null_call", 10, 100)
    assert (second.name, second.n) == ("switch", 20)
    assert second.total == pytest.approx((300 + 200 - 160) / 20)
    assert second.value() == 20  # events: instructions from the interrupt on
    assert second.facts() != first.facts()


def test_a_line_without_markers_is_a_problem():
    with pytest.raises(machine.Problem):
        measure.read_rows(machine.Run("pipe 1.0 5\n", [], [], 0, b""))


def sources():
    return [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "hypervisor").rglob("*")
        if path.suffix in (".cpp", ".S")
        and not path.name.startswith(("asm_offsets", "contract_check", "hypervisor.ld"))
    ]


def test_every_source_has_a_path_and_every_path_sources():
    parts = [part for parts in paths.PATHS.values() for part in parts]
    assert len(sources()) > 50 and all(paths.path_of(source) in paths.PATHS for source in sources())
    for part in parts:
        assert any(f"{source}/".startswith(f"{part}/") for source in sources()), part


def test_a_source_without_a_path_is_a_problem():
    with pytest.raises(machine.Problem):
        paths.path_of("hypervisor/nowhere/stage2.cpp")


def test_a_symbol_that_is_gone_is_a_problem():
    symbols = paths.Symbols(None)
    symbols.addresses, symbols.names = [0xFF110000], ["on_trap"]
    assert symbols.address("on_trap") == 0xFF110000
    with pytest.raises(machine.Problem):
        symbols.address("on_refill")


def test_an_instructions_source_is_read_from_its_line(tmp_path):
    """What a header brings along is its includer's; without a line it is nobody's."""
    source, elf = "hypervisor/kernel/scheduler.cpp", tmp_path / "scheduler.o"
    options = [
        "-std=c++20",
        "-DVAMBRACE_DEBUG=0",
        "-g",
        "-O2",
        "-Ihypervisor",
        "-Iinclude",
        "-c",
        source,
        "-o",
        elf,
    ]
    subprocess.run(["arm-none-eabi-g++", *options], cwd=ROOT, check=True)
    assert paths.sources_of(elf, [0, 4, 0xFF000000]) == {0: source, 4: source, 0xFF000000: None}


def known(**addresses):
    """A hypervisor with these symbols, an instruction of each path."""
    hypervisor = paths.Hypervisor(None, 0xFF100000)
    hypervisor.symbols.names, hypervisor.symbols.addresses = list(addresses), list(addresses.values())
    hypervisor.hypercall = [addresses["hypercall"]]
    return hypervisor


def test_system_calls_and_hypercalls_share_a_vector():
    events = {name: 0xFF120000 + 4 * n for n, name in enumerate(sum(paths.EVENTS.values(), []))}
    hypervisor = known(trap_svc=0xFF110000, hypercall=0xFF110010, **events)
    hypervisor.known = {
        0xFF110000: "system call in",
        0xFF110008: "system call in",
        0xFF110010: "system call out",
    }
    counts = {8: 5, 0xFF110000: 5, 0xFF110008: 3, 0xFF110010: 2, 0xC0000000: 9}
    assert hypervisor.traps(counts | {events["on_trap"]: 7}) == {
        **dict.fromkeys(["undefined", "prefetch_abort", "data_abort", "hyp_trap", "irq", *paths.EVENTS], 0),
        **{"syscall": 3, "hypercall": 2, "slow_path": 7},
    }
    assert hypervisor.paths(counts) == {"system call in": 9, "system call out": 6}


def test_geometric_mean():
    assert table.geomean([1, 4]) == pytest.approx(2)
    assert table.geomean([]) is None


def test_the_mean_leaves_the_boot_out():
    rows = [table.row("stat", 100, 110, {}), table.row("boot_to_shell", 190, 137, {})]
    data = table.result("a", rows)
    assert data["geomean"] == 1.1 and [r["name"] for r in data["rows"]] == ["stat", "boot_to_shell"]
    assert table.result("a", rows[1:])["geomean"] is None


def test_the_result_has_the_promised_shape_and_survives_json():
    data = json.loads(json.dumps(sample()))
    assert data["platform"] == "board" and data["geomean"] == 1.5
    assert {"name", "native", "vambrace", "ratio", "traps"} <= data["rows"][0].keys()
    assert data["rows"][0]["ratio"] == 1.5 and data["rows"][0]["traps"] == {"syscall": 1}


def test_later_cores_have_a_target_of_their_own_for_the_null_call():
    rows = [table.row("null_call", 100, 145, {}), table.row("stat", 100, 104, {})]
    assert [r["target"] for r in table.result("a", rows, "armv7")["rows"]] == [1.50, 1.05]
    assert [r["target"] for r in table.result("a", rows)["rows"]] == [1.42, 1.05]


def test_targets_are_found_by_how_a_name_begins():
    assert table.target("select_10") == 1.04 and table.target("select_100") == 1.01
    assert table.target("stat") == 1.05 and table.target("nanosleep_1ms_error") is None


def test_the_table_names_what_misses_its_target():
    text = table.markdown(sample())
    assert "| null_call | 100.0 | 150.0 | 1.500 | 1.42 | **no** | syscall 1.00 |" in text
    assert "CPU_SW_DOMAIN_PAN: native off, guest off" in text


def test_software_pan_stands_beside_the_kernel_without():
    without, with_pan = table.row("stat", 100, 120, {}), table.row("stat", 125, 120, {})
    lines = table.software_pan(table.result("a", [without]), table.result("a", [with_pan]))
    assert lines[2] == "| stat | 100.0 | 125.0 | 120.0 | 0.960 |" and "**0.960**" in lines[3]


def test_comparison_shows_changed_new_and_lost_rows():
    assert table.compare(sample(), sample()) == ["Nothing has changed."]
    changed = "\n".join(table.compare(sample(150), sample(135)))
    assert "-10.00 %" in changed and "1.500 -> 1.350" in changed
    renamed = "\n".join(table.compare(sample(), sample(name="stat")))
    assert "new" in renamed and "gone" in renamed


def test_the_chart_is_well_formed():
    document = xml.dom.minidom.parseString(chart.svg(sample()))
    assert document.documentElement.tagName == "svg"
