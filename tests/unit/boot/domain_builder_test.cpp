// SPDX-License-Identifier: Apache-2.0
// A guest is loaded again: nothing of its former life comes back.
#include <catch2/catch.hpp>
#include <cstring>
#include <support/trap_bench.hpp>

using namespace vambrace;

namespace {

constexpr u32 stale = 0xdeadbeef;

/// The guest has run; lines that it wrote are dirty in the
/// cache, where the hypervisor's own accesses do not find them.
struct Reload : Trap_bench {
    u32 const ram = d().memory.first().physical();

    void load_with_dirty(std::initializer_list<u32> physical)
    {
        for (u32 const address : physical)
            hardware.leave_dirty(address, stale);
        auto const entry = load(d(), g().origin);
        REQUIRE(entry.ok());
        hardware.write_back(); // whenever it likes
    }
    u32 at(u32 physical) { return *hardware.memory(physical); }
};

} // namespace

TEST_CASE("load: dirty lines of the guest's former life do not come back over its new memory")
{
    With_asids const with {GENERATE(false, true)};
    Reload b;
    u32 const kernel = b.ram + 0x8000, unused = b.ram + 7 * mib;
    b.load_with_dirty({b.ram, kernel, kernel + 256, unused, b.ram + Trap_guest::ram_size - 4});
    CHECK(b.at(b.ram) == 0);
    CHECK(std::memcmp(hardware.memory(kernel), Trap_guest::kernel, sizeof Trap_guest::kernel) == 0);
    CHECK(b.at(unused) == 0);
    CHECK(b.at(b.ram + Trap_guest::ram_size - 4) == 0);
}

TEST_CASE("load: dirty lines of the guest's former shared page do not come back over the new one")
{
    With_asids const with {GENERATE(false, true)};
    Reload b;
    u32 const shared = Fixed_memory::shared_page;
    b.load_with_dirty(
        {shared + VAMBRACE_SHARED_IRQ_PENDING, shared + VAMBRACE_SHARED_IRQ_MASK, shared + 0x800});
    CHECK(b.shared().irq_pending == 0);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    CHECK(b.at(shared + 0x800) == 0);
}
