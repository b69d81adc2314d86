// SPDX-License-Identifier: Apache-2.0
// Shadow tables, case by case: what each kind of mapping shows, and what is never the guest's.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;
using Kind = Fill::Kind;

TEST_CASE("with the MMU off the guest kernel reaches its RAM by IPA and nothing else")
{
    Shadow_bench b {64 * kib, false};
    b.shadow.set_rights({1, false, false});
    CHECK(b.loads(ram + 0x1234));
    CHECK(b.reached(ram + 0x1234, true) == Shadow_bench::ram_physical + 0x1234);
    CHECK_FALSE(b.stores(ram, user));
    CHECK(b.shadow.fill(Va {ram - 4}, kernel).kind == Kind::no_memory);
    CHECK(b.shadow.fill(Va {ram + Shadow_bench::ram_size}, kernel).kind == Kind::no_memory);
    CHECK(b.shadow.fill(Va {0}, kernel).kind != Kind::filled);
    CHECK(b.shadow.fill(Va {VAMBRACE_WINDOW_BASE}, kernel).kind != Kind::filled);
}

TEST_CASE("a page is filled with its frame and its rights, and then it is there")
{
    bool const linear = GENERATE(true, false);
    Shadow_bench b {64 * kib, linear};
    b.activate(base_a);
    map(b, base_a, table_1, user_va + 0x5000, G::page(page_1, 3));
    CHECK(b.reached(user_va + 0x5000) == 0);
    CHECK(b.shadow.fill(Va {user_va + 0x5678}, user).kind == Kind::filled);
    CHECK(b.reached(user_va + 0x5678, true, user) == b.ram.physical(page_1) + 0x678);
    CHECK(b.shadow.fill(Va {user_va + 0x5678}, user).kind == Kind::unchanged);
    CHECK(b.shadow.fill(Va {user_va + 0x5000}, kernel).kind == Kind::unchanged);
}

TEST_CASE("memory that is not the guest's is never mapped")
{
    Shadow_bench b;
    b.activate(base_a);
    u32 const ipa = GENERATE(0u, 0x02300000u, 0x08000000u, VAMBRACE_PL011_IPA + 0u, ram - 0x100000,
                             ram + 8 * mib, 0xfff00000u);
    u32 const ap = GENERATE(1u, 3u);
    b.ram.set_l1(base_a, user_va, G::section(ipa, ap));
    CHECK(b.shadow.fill(Va {user_va}, kernel).kind == Kind::no_memory);
    CHECK(b.reached(user_va) == 0);
    map(b, base_a, table_1, user_va + mib, G::page(ipa + 0x3000, ap));
    Fill const f = b.shadow.fill(Va {user_va + mib + 0x123}, kernel);
    CHECK(f.kind == Kind::no_memory);
    CHECK(f.ipa == Ipa {ipa + 0x3123});
    CHECK(b.reached(user_va + mib) == 0);
    b.ram.set_l1(base_a, 0, G::section(ipa, ap)); // page by page
    CHECK(b.shadow.fill(Va {0x5000}, kernel).kind == Kind::no_memory);
}

TEST_CASE("the hypervisor's part and page 0 are not the guest's, whatever its tables say")
{
    Shadow_bench b;
    b.activate(base_a);
    u32 const va = GENERATE(filter(bad_everywhere, values({0u, 0xfffu, 0xff000000u, 0xff001000u, 0xff002000u,
                                                           0xff100000u, 0xff7fffffu})));
    SECTION("a section") { b.ram.set_l1(base_a, va, G::section(ram, 3)); }
    SECTION("a page") { map(b, base_a, table_1, va, G::page(page_1, 3)); }
    u32 const before = b.reached(va, false, kernel);
    CHECK(b.shadow.fill(Va {va}, kernel).kind == Kind::fault);
    CHECK(b.shadow.fill(Va {va}, user).kind == Kind::fault);
    CHECK(b.reached(va, false, kernel) == before);
    CHECK(b.reached(va, false, user) == 0);
}

TEST_CASE("page 0's neighbours are the guest's, and the vectors stay beside them")
{
    Shadow_bench b;
    b.activate(base_a);
    SECTION("pages")
    {
        b.ram.set_l1(base_a, 0, G::table(table_1));
        for (u32 va = 0; va != 0x10000; va += 0x1000)
            b.ram.set_l2(table_1, va, G::page(page_1 + va, 3));
        CHECK(b.stores(0x1000, user));
        CHECK(b.reached(0x1000) == b.ram.physical(page_1 + 0x1000));
    }
    SECTION("a section, of which only page 0 is missing")
    {
        b.ram.set_l1(base_a, 0, G::section(ram + 0x200000, 3));
        CHECK(b.stores(0x1000, user));
        CHECK(b.stores(0xff000, user));
    }
    CHECK(has_its_vectors());
    b.shadow.drop(Va {0}, mib);
    CHECK(has_its_vectors());
    CHECK(b.stores(0x1000, user));
    CHECK(b.shadow.resync(base_a, Va {0}, 0x2000) == 0);
    CHECK(has_its_vectors());
    CHECK((b.reached(0x18, false, user) == 0 || !arch::low_vectors));
}

TEST_CASE("one instruction that needs six megabytes goes on under the smallest pool")
{
    Shadow_bench b {64 * kib};
    b.activate(base_a);
    u32 const before = GENERATE(range(0u, 70u, 3u)); // whatever the pool's state
    constexpr u32 first = 0x10000000;
    for (u32 n = 0; n != 80; ++n)
        map(b, base_a, table_1, first + n * mib, G::page(page_1, 3));
    for (u32 n = 0; n != before; ++n)
        CHECK(b.stores(first + n * mib, user));
    if (before % 2)
        CHECK(b.shadow.resync(base_a, Va {first + 5 * mib}, 3 * mib) == 0);
    u32 const pages[] = {first + 71 * mib, first + 2 * mib,  first + 74 * mib,
                         first + 3 * mib,  first + 76 * mib, first};
    unsigned faults = 0;
    for (unsigned n = 0; n != 6;) {
        b.resume(user);
        bool const ok = hardware.access(pages[n], true, Hardware::Mode::usr).ok();
        b.trap();
        if (ok) {
            ++n;
            continue;
        }
        REQUIRE(b.shadow.fill(Va {pages[n]}, user).kind == Kind::filled);
        REQUIRE(++faults < 20);
        n = 0; // the instruction starts again
    }
    CHECK(faults <= 8);
}

TEST_CASE("the linear map is there in every table, for the guest kernel alone")
{
    Shadow_bench b;
    u32 const linear = Shadow_bench::linear_va;
    for (u32 base : {base_a, base_b, base_c, base_a}) {
        b.activate(base);
        CHECK(b.reached(linear + 0x5678, true) == b.ram.physical(ram + 0x5678));
        CHECK(b.reached(linear + Shadow_bench::ram_size) == 0);
        CHECK(b.reached(linear, false, user) == 0);
    }
    b.shadow.drop(Va {linear}, mib);
    CHECK(b.shadow.resync(base_a, Va {linear}, mib) == 0);
    b.shadow.forget(base_a);
    b.shadow.drop_all();
    CHECK(b.reached(linear + 0x5678, true) == b.ram.physical(ram + 0x5678));
    b.shadow.set_linear_map({});
    CHECK(b.reached(linear) == 0);
}

TEST_CASE("what the guest maps into its linear map's place ends no instruction in a loop")
{
    Shadow_bench b;
    b.activate(base_a);
    u32 const va = Shadow_bench::linear_va + GENERATE(0u, 0x10000u, 0x200000u);
    u32 const ap = GENERATE(0u, 1u, 2u, 3u);
    Guest_mode const mode = GENERATE(kernel, user);
    bool const write = GENERATE(false, true);
    map(b, base_a, table_1, va, G::page(page_1, ap));
    b.access(va, write, mode);
    b.access(va + mib, write, mode);
    b.access(va, write, mode);
    if (mode == user) {
        CHECK((b.reached(va, false, user) == 0 || ap >= 2));
    }
}

TEST_CASE("after a restart the guest starts with its MMU off and nothing of before")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    CHECK(b.stores(user_va, user));
    b.shadow.set_linear_map({});
    b.shadow.restart();
    b.shadow.set_rights({1, false, false});
    b.use();
    CHECK(b.reached(user_va) == 0);
    CHECK(b.stores(ram, kernel));
    b.activate(base_a);
    CHECK(b.reached(user_va) == 0);
}

TEST_CASE("a pool that is too small is refused")
{
    hardware.reset();
    Fixed_memory const fixed;
    Memory const memory {Frame {0x02300}, mib};
    u32 *const pool = hardware.add_memory(0x08000000, 64 * kib, true);
    std::vector<u8> bytes(64 * kib);
    Arena arena {bytes.data(), bytes.data() + bytes.size()};
    Shadow shadow;
    CHECK(shadow.init({pool, 0x08000000, 48 * kib, 1, 252}, memory, fixed.window, arch::vectors_table(0),
                      arena) == Error::inval);
    Arena used_up {bytes.data(), bytes.data() + 8};
    CHECK(shadow.init({pool, 0x08000000, 64 * kib, 1, 252}, memory, fixed.window, arch::vectors_table(0),
                      used_up) == Error::denied);
}
