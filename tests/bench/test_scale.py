# SPDX-License-Identifier: Apache-2.0
"""What is said of many processes and much memory: steps of a curve, aims, rows by name, the picture."""

import json
import xml.dom.minidom

import pytest

from bench import curve, machine, scale, scale_table, table

# Passes of a ring with 48 first-level tables: the next one faults all its pages in.
CLIFF = [(37, 3440), (46, 3480), (58, 9681), (72, 9760)]
SMOOTH = [(37, 3440), (46, 3500), (58, 3700), (72, 4300)]


def row(name, native, vambrace):
    return table.row(name, native, vambrace, {"data_abort": 1}, hypervisor=vambrace - native)


def sample(points, *rows):
    return table.result(
        "board", list(rows), curve={"links": 3, "curves": {"native": [[8, 3000]], "default pool": points}}
    )


def test_a_cliff_is_found_where_it_is():
    assert [(n, more) for n, more, _ in curve.steps(CLIFF)] == [(46, 58)]
    assert curve.steps(SMOOTH) == []
    assert curve.largest(CLIFF) == pytest.approx(9681 / 3480)


def test_a_cost_that_falls_as_fast_is_a_step_too():
    assert [(n, more) for n, more, _ in curve.steps([(8, 3000), (10, 1900)])] == [(8, 10)]


def test_the_limit_is_for_neighbours_and_holds_to_the_point():
    assert curve.steps([(100, 1000), (125, 1500)]) == []
    assert len(curve.steps([(100, 1000), (125, 1501)])) == 1
    assert len(curve.steps([(100, 1000), (110, 1501)])) == 1  # nearer is not allowed less


def test_points_that_are_far_apart_may_differ_by_more():
    assert curve.steps([(16, 3000), (64, 9000)]) == []
    assert len(curve.steps([(16, 3000), (64, 40000)])) == 1


def test_the_usual_numbers_are_neighbours():
    pairs = list(zip(curve.NUMBERS, curve.NUMBERS[1:]))
    assert (curve.NUMBERS[0], curve.NUMBERS[-1]) == (8, 512)
    assert all(1.1 <= more / n <= 1.3 for n, more in pairs)
    assert all(1.24 <= more / n <= 1.26 for n, more in pairs if n >= 28)


def test_what_misses_its_aim_is_named():
    bad = sample(CLIFF, row("ring_64p_3l", 3169, 9760), row("sparse_512m", 6, 711))
    lines = scale_table.missed(bad)
    assert [line.split(":")[0] for line in lines] == ["ring_64p_3l", "sparse_512m", "default pool"]
    assert "2.78 times the cost from 46 to 58 processes" in lines[2]


def test_what_meets_its_aim_is_not():
    good = sample(SMOOTH, row("ring_64p_3l", 3169, 3510), row("sparse_512m", 6, 8), row("exec_dynamic", 1, 9))
    assert scale_table.missed(good) == []


def test_what_has_an_aim_and_was_not_measured_is_named():
    data = sample(SMOOTH, row("ring_64p_3l", 3169, 3510))
    wanted = ["ring_64p_3l", "ring_128p_3l", "sparse_512m", "exec_dynamic"]
    lines = scale_table.absent(data, wanted, ["default pool", "pool of 64 KB"])
    assert lines == [f"{name}: not measured" for name in ("ring_128p_3l", "sparse_512m", "pool of 64 KB")]
    assert scale_table.absent({}, ["ring_64p_3l"], []) == ["ring_64p_3l: not measured"]


def test_the_rows_of_the_issue_have_aims():
    aims = {name: table.target(name) for name in scale.ROWS}
    assert {n: aims[f"ring_{n}p_3l"] for n in (16, 64, 128, 192, 256)} == {
        **{16: None, 64: 1.12},
        **dict.fromkeys((128, 192, 256), 1.15),
    }
    assert (aims["ring_64p_11l"], aims["ring_128p_11l"]) == (1.10, 1.20)
    assert (aims["fork_exit_beside_100"], aims["fork_exit_beside_400"]) == (1.05, 1.10)


def test_patterns_become_names():
    assert scale.chosen_rows("sparse_*,ring_9p_5l") == [
        *(r for r in scale.ROWS if "sparse" in r),
        "ring_9p_5l",
    ]
    assert scale.chosen_rows("") == scale.ROWS
    with pytest.raises(machine.Problem):
        scale.chosen_rows("nothing_*")


def test_all_names_fit_into_a_kernels_command_line():
    usual = ",".join(f"ring_{n}p_3l" for n in curve.NUMBERS)
    assert max(len(usual), len(",".join(scale.ROWS))) < 800  # of 1,023


def test_lists_of_pools_and_numbers():
    assert scale.pools("default,64") == [None, 64]
    assert scale.numbers("10,8,10") == [8, 10]
    for wrong in (
        lambda: scale.pools("64,x"),
        lambda: scale.numbers(""),
        lambda: scale.numbers("1,2"),
        lambda: scale.numbers("1001"),
    ):
        with pytest.raises(machine.Problem):
            wrong()


def test_tables_and_picture_survive_json():
    data = json.loads(json.dumps(sample(CLIFF, row("ring_64p_3l", 3169, 9760))))
    text = scale_table.markdown(data)
    assert "| ring_64p_3l | 3,169 | 9,760 | 3.080 | 1.12 | **no** |" in text
    assert "| 58 | - | 9,681 |" in text and "| **largest step** | 1.00 | 2.78 |" in text
    document = xml.dom.minidom.parseString(scale_table.picture(data))
    assert len(document.getElementsByTagName("polyline")) == 2
    assert len(document.getElementsByTagName("circle")) == 1 + len(CLIFF)


def test_comparison_has_the_curves_points():
    points = [(8, 9000), (64, 1)]  # natively there is no 64
    before, now = sample(points, row("ring_16p_3l", 100, 110)), sample([(8, 4500)])
    text = "\n".join(scale_table.compare(before, now))
    assert (
        "8 processes, default pool" in text and "-50.00 %" in text and "| ring_16p_3l | 110.0 | - |" in text
    )
    assert "64 processes" not in text


def test_a_result_of_rows_alone_has_no_curve():
    data = table.result("board", [row("ring_16p_3l", 100, 110)])
    assert len(scale_table.tables(data)) == 1 and "processes |" not in scale_table.markdown(data)
