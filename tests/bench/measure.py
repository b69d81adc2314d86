# SPDX-License-Identifier: Apache-2.0
"""The measurements: rows, boot to shell, two guests with the same load."""

from bench import paths, table
from bench.machine import parse
from harness import initramfs
from harness.bundle import MIB
from harness.steps import Problem, say

IN_TIME = {"nanosleep_1ms_error"}  # rows whose result is a time; all others count instructions
FUNCTIONS = 12  # of the kernel, listed for every row
LOADS = {"integer_loop": 40, "script": 3}  # rows that two guests run at once, and how many times as long
GUEST_MEMORY = 48 * MIB


class Row:
    """What one run says about one row, per operation."""

    def __init__(self, name, ns, n, measured, baseline):
        self.name, self.ns, self.n, self.measured = name, ns, n, measured
        before = baseline.counts if baseline else {}
        self.counts = {
            a: (measured.counts.get(a, 0) - before.get(a, 0)) / n
            for a in measured.counts.keys() | before.keys()
        }
        self.user = (measured.user - (baseline.user if baseline else 0)) / n
        self.other = (measured.other - (baseline.other if baseline else 0)) / n
        self.total = self.user + self.other + sum(self.counts.values())

    def value(self):
        """What the table shows: instructions, or those from the interrupt to its effect."""
        if self.name in IN_TIME:
            return self.ns
        if self.measured.events:
            return self.measured.event_sum / self.measured.events
        return self.total

    def facts(self):
        """All that has to be the same in a second run."""
        return self.name, self.ns, self.n, self.user, self.other, self.counts


def read_rows(run):
    """Joins the printed lines with the parts that the plugin saw, which come in the same order."""
    rows, parts, baseline = [], iter(run.parts), None
    for name, ns, n in run.rows():
        part = next(parts, None)
        if part and part.kind == "baseline":
            baseline, part = part, next(parts, None)
        if part is None or part.kind != "measured":
            raise Problem(f"the row {name} was printed, but its markers were not seen")
        rows.append(Row(name, ns, n, part, baseline))
        baseline = None
    return rows


def measured_rows(machine, chosen, once):
    """{name: Row} of a machine, and the names of those that a second run did not repeat."""
    append = "rdinit=/sbin/bench-init" + (f" bench_rows={chosen}" if chosen else "")
    first = {row.name: row for row in read_rows(machine.run("measuring", append))}
    if not first:
        raise Problem(f"no row is called '{chosen}'", "/bin/bench -l lists them", status=2)
    if once:
        return first, set()
    second = {row.name: row for row in read_rows(machine.run("measuring again", append))}
    return first, {
        name for name, row in first.items() if name not in second or second[name].facts() != row.facts()
    }


def rows(machines, chosen, once):
    """The table's rows, and a sentence about how well they repeat."""
    native, guest = machines
    bare, bare_unstable = measured_rows(native, chosen, once)
    ours, our_unstable = measured_rows(guest, chosen, once)
    hypervisor = paths.Hypervisor(guest.files["vambrace.elf"], guest.window())
    symbols = paths.Symbols(native.vmlinux), paths.Symbols(guest.vmlinux)
    unstable = bare_unstable | our_unstable
    result = [
        make_row(bare[name], ours[name], hypervisor, symbols, name not in unstable)
        for name in ours
        if name in bare
    ]
    if once:
        return result, "Run once: not checked whether it repeats."
    if unstable:
        return result, "Two runs differ in: " + ", ".join(sorted(unstable)) + "."
    return result, "Two runs are the same to the instruction in every row."


def differences(bare, ours, symbols, hypervisor):
    """{function of the kernel: (native, guest)}, and those that differ most, as lists for the result."""
    kernel = [paths.by_function(bare, symbols[0]), paths.by_function(ours, symbols[1], hypervisor.owns)]
    extra = {name: (kernel[0][name], kernel[1][name]) for name in kernel[0].keys() | kernel[1].keys()}
    most = sorted(extra, key=lambda name: (-abs(extra[name][1] - extra[name][0]), name))[:FUNCTIONS]
    return extra, [
        [name, round(extra[name][0], 2), round(extra[name][1], 2)]
        for name in most
        if abs(extra[name][1] - extra[name][0]) >= 0.5
    ]


def make_row(bare, ours, hypervisor, symbols, repeatable):
    account = hypervisor.paths(ours.counts)
    extra, most = differences(bare.counts, ours.counts, symbols, hypervisor)
    kernel = sum(after - before for before, after in extra.values())
    more = {} if repeatable else {"repeatable": False}
    if ours.name in IN_TIME:
        more["unit"] = "ns"
    return table.row(
        ours.name,
        bare.value(),
        ours.value(),
        hypervisor.traps(ours.counts),
        n=ours.n,
        native_ns=bare.ns,
        vambrace_ns=ours.ns,
        hypervisor=round(sum(account.values()), 3),
        account={path: round(count, 3) for path, count in account.items()},
        guest_kernel_extra=round(kernel + ours.other - bare.other, 3),
        guest_user_extra=round(ours.user - bare.user, 3),
        functions=most,
        **more,
    )


def end_of_line(console, text):
    """The index of the character that ends the line with `text`."""
    return len(console[: console.index("\n", console.index(text))].encode())


def to_ready(machine, whole=None):
    """Boots to the line that says that the guest is ready; returns the run and that line's end."""
    run = machine.run("booting", until=initramfs.READY, watch_uart=True, whole=whole)
    at = end_of_line(run.console, initramfs.READY)
    if at >= len(run.uart):
        raise Problem(f"the console has more characters ({at}) than the UART got ({len(run.uart)})")
    return run, at


def boot(machines):
    """Instructions from power-on to the ready line, as a row, and what they consist of."""
    native, guest = machines
    hypervisor = paths.Hypervisor(guest.files["vambrace.elf"], guest.window())
    facts, counts, repeatable = {}, {}, True
    for one in machines:
        run, at = to_ready(one)
        again, _ = to_ready(one, whole=at)
        repeatable = repeatable and again.uart[at] == run.uart[at]
        counts[one.name] = next(part for part in again.parts if part.kind == "whole").counts
        total, own = run.uart[at]
        facts[one.name] = {"total": total, "guest": total - own}
        if one is guest:
            facts[one.name] |= {"hypervisor's boot": run.guest_at, "hypervisor": own - run.guest_at}
    totals = [facts[m.name]["total"] for m in machines]
    extra, most = differences(
        counts["native"], counts["vambrace"], [paths.Symbols(m.vmlinux) for m in machines], hypervisor
    )
    account = hypervisor.paths(counts["vambrace"])
    return (
        table.row(
            "boot_to_shell",
            *totals,
            hypervisor.traps(counts["vambrace"]),
            n=1,
            hypervisor=sum(account.values()),
            account=account,
            guest_user_extra=None,
            guest_kernel_extra=sum(after - before for before, after in extra.values()),
            guest_ratio=round(facts["vambrace"]["guest"] / totals[0], 4),
            functions=most,
            **({} if repeatable else {"repeatable": False}),
        ),
        facts,
    )


def fairness(machine):
    """Two guests do the same at once: each one's time, and what both lose against one after the other."""
    result = []
    for load, times in LOADS.items():
        append = f"rdinit=/sbin/bench-init bench_options=-c,-x,{times} bench_rows={load}"
        alone = machine.run(f"one guest with {load}", append, memory=GUEST_MEMORY)
        both = machine.run(f"two guests with {load}", append, guests=2, memory=GUEST_MEMORY)
        values = [ns * n for _, ns, n in both.rows()]
        if len(values) != 2 or len(both.parts) != 2:
            raise Problem(f"of two guests {len(values)} finished {load}")
        single = alone.parts[0].end - alone.parts[0].begin
        together = max(p.end for p in both.parts) - min(p.begin for p in both.parts)
        name, ns, n = alone.rows()[0]
        result.append(
            {
                "load": name,
                "alone": ns * n,
                "first": values[0],
                "second": values[1],
                "difference": round(abs(values[0] - values[1]) / (sum(values) / 2), 5),
                "loss": round(together / (2 * single) - 1, 5),
            }
        )
        say(
            f"  {name}: difference {100 * result[-1]['difference']:.2f} %, "
            f"loss {100 * result[-1]['loss']:.2f} %"
        )
    return result


def explain(machine, data):
    """The hypervisor's instructions of the first row, as lines."""
    parts, name = parse(machine.result().read_text())[0], data["rows"][0]["name"]
    part = next(p for p in parts if p.kind == "measured")
    hypervisor = paths.Hypervisor(machine.files["vambrace.elf"], machine.window())
    lines = ["", f"{name}: executions per operation of every instruction of the hypervisor"]
    lines += paths.listing(machine.files["vambrace.elf"], part.counts, hypervisor.owns, data["rows"][0]["n"])
    return lines
