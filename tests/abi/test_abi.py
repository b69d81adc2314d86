# SPDX-License-Identifier: Apache-2.0
"""The guest ABI's headers: they compile, agree on every layout, and are the ones that Linux takes."""

import re
import subprocess

import lists
import pytest

from harness.steps import ROOT

HEADERS = ROOT / "include" / "vambrace"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
CORES = {
    "ARMv5": ["-mcpu=arm926ej-s", "-marm", "-mfloat-abi=soft"],
    "ARMv6": ["-mcpu=arm1136j-s", "-marm", "-mfloat-abi=soft"],
    "ARMv7": ["-mcpu=cortex-a8", "-marm", "-mfloat-abi=soft"],
    "Thumb-2": ["-mcpu=cortex-a8", "-mthumb", "-mfloat-abi=soft"],
}
COMPILERS = {"host C99": ["gcc", "-std=c99", "-x", "c"], "host C++20": ["g++", "-std=c++20", "-x", "c++"]}
for core, flags in CORES.items():
    COMPILERS |= {
        f"bare-metal C99, {core}": ["arm-none-eabi-gcc", "-std=c99", *flags, "-ffreestanding", "-x", "c"],
        f"bare-metal C++20, {core}": [
            "arm-none-eabi-g++",
            "-std=c++20",
            *flags,
            "-ffreestanding",
            "-x",
            "c++",
        ],
        f"Linux's C99, {core}": ["arm-linux-gnueabi-gcc", "-std=c99", *flags, "-x", "c"],
    }
ASSERT = {
    "c": "#define CHECK(what) typedef char CHECK_NAME(__LINE__)[(what) ? 1 : -1]\n"
    "#define CHECK_NAME(line) CHECK_NAME_(line)\n#define CHECK_NAME_(line) check_##line\n",
    "c++": "#define CHECK(what) static_assert(what)\n",
}

# Field by field: what abi.h's offsets say of its structs, with the size of each field in words.
FRAME = [
    ("r", 0, 13),
    ("sp", "VAMBRACE_FRAME_SP", 1),
    ("lr", "VAMBRACE_FRAME_LR", 1),
    ("pc", "VAMBRACE_FRAME_PC", 1),
    ("psr", "VAMBRACE_FRAME_PSR", 1),
    ("orig_r0", "VAMBRACE_FRAME_ORIG_R0", 1),
]
SHARED_FIELDS = (
    "irq_mask irq_pending abi_version clock_flags clock_sequence clock_ticks clock_ns clock_mult "
    "clock_shift clock_hz clock_offset"
).split()
SHARED = [
    (field, f"VAMBRACE_SHARED_{field.upper()}", 2 if field == "clock_ns" else 1) for field in SHARED_FIELDS
]
VECTORS = [
    (field, 4 * index, 1)
    for index, field in enumerate(
        "svc_user undefined_user prefetch_abort_user data_abort_user irq_user undefined_kernel "
        "prefetch_abort_kernel "
        "data_abort_kernel irq_kernel double_fault emergency_stack user_frame".split()
    )
]
STRUCTS = {
    "vambrace_frame": (FRAME, "VAMBRACE_FRAME_SIZE"),
    "vambrace_shared": (SHARED, 48),
    "vambrace_vectors": (VECTORS, 48),
}


def compile_text(compiler, text, more=()):
    result = subprocess.run(
        [*compiler, *WARNINGS, f"-I{ROOT / 'include'}", *more, "-"],
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def constants():
    """The names that abi.h defines for every language."""
    return re.findall(
        r"^#define (VAMBRACE_[A-Z0-9_]+) \S", (HEADERS / "abi.h").read_text().split("__ASSEMBLER__")[0], re.M
    )


def language(compiler):
    return COMPILERS[compiler][COMPILERS[compiler].index("-x") + 1]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_header_compiles_alone_without_a_warning(compiler):
    compile_text(
        COMPILERS[compiler],
        "#include <vambrace/abi.h>\n#include <vambrace/abi.h>\nint x;\n",
        ["-fsyntax-only"],
    )


@pytest.mark.parametrize("struct", STRUCTS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_field_is_where_the_constants_say(compiler, struct):
    fields, size = STRUCTS[struct]
    text = f"#include <stddef.h>\n#include <vambrace/abi.h>\n{ASSERT[language(compiler)]}"
    for field, offset, words in fields:
        text += f"CHECK(offsetof(struct {struct}, {field}) == {offset});\n"
        text += f"CHECK(sizeof(((struct {struct} *)0)->{field}) == {4 * words});\n"
    text += f"CHECK(sizeof(struct {struct}) == {size});\nint x;\n"
    compile_text(COMPILERS[compiler], text, ["-fsyntax-only"])


@pytest.mark.parametrize("struct", STRUCTS)
def test_every_field_is_tested(struct):
    body = re.search(rf"struct {struct} {{(.*?)^}};", (HEADERS / "abi.h").read_text(), re.S | re.M)[1]
    fields = re.findall(r"^\s*uint32_t (\w+)(?:\[\d+\])?;", body, re.M)
    assert fields == [field for field, _, _ in STRUCTS[struct][0]]


@pytest.mark.parametrize("core", CORES)
def test_assembly_sees_the_same_values_as_c(tmp_path, core):
    """Every constant and every call number, evaluated by the assembler and by the compiler."""
    names = constants() + [f"VAMBRACE_NR_{call.name}" for call in lists.calls()]
    names += [f"VAMBRACE_COUNTER_{counter.name}" for counter in lists.counters()]
    names = [name for name in names if name not in ("VAMBRACE_ABI_H",)]
    source = "#include <vambrace/abi.h>\n.data\n" + "".join(f".word {name}\n" for name in names)
    compile_text(
        ["arm-none-eabi-gcc", *CORES[core], "-c", "-x", "assembler-with-cpp", "-o", str(tmp_path / "a.o")],
        source,
    )
    c = "#include <vambrace/abi.h>\nuint32_t const values[] = {\n"
    c += "".join(f"    (uint32_t){name},\n" for name in names) + "};\n"
    compile_text(
        ["arm-none-eabi-gcc", "-std=c99", *CORES[core], "-c", "-x", "c", "-o", str(tmp_path / "c.o")], c
    )
    words = []
    for name, section in (("a", ".data"), ("c", ".rodata")):
        output = tmp_path / f"{name}.bin"
        subprocess.run(
            ["arm-none-eabi-objcopy", "-O", "binary", "-j", section, tmp_path / f"{name}.o", output],
            check=True,
        )
        data = output.read_bytes()
        words.append([int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)])
    assert len(words[0]) == len(names) > 50
    different = [name for name, a, c in zip(names, *words) if a != c]
    assert not different


HEADERS_OF_LINUX = {"abi.h", "calls.h", "counters.def", "hypercalls.def"}


@pytest.mark.parametrize("header", sorted(HEADERS_OF_LINUX))
def test_linux_takes_the_same_header_and_there_is_no_second_one(header):
    """apply.py copies include/vambrace; nothing of the series may bring the file, too."""
    patches = ROOT / "pv-guest-patches"
    assert not list(patches.rglob(header))
    assert [p for p in patches.rglob("*.patch") if f"vambrace/{header}" in p.read_text()] == []
    assert {f.name for f in HEADERS.iterdir() if not f.name.startswith(".")} == HEADERS_OF_LINUX
