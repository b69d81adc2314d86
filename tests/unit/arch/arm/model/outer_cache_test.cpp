// SPDX-License-Identifier: Apache-2.0
// A small model of two levels of caches shows that an outer cache in front of all of RAM needs no maintenance
// (decision 0019).
#include <arch/arm/model/vmsa.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace vambrace;
using namespace vambrace::vmsa;

namespace {

/// Does an access look in the core's cache, and in the outer one?
struct Attributes {
    bool inner, outer, through = false; ///< through: inner write-through
};

/// Of a small page's word, read from DDI 0406C tables B3-10 and B3-11. SCTLR.TRE = 0.
Attributes attributes_of(u32 word)
{
    u32 const tex = bits(word, 8, 6), c_b = bits(word, 3, 2);
    if (tex >= 4)
        return {c_b != 0, (tex & 3) != 0, c_b == 2};
    if ((tex == 0 && c_b >= 2) || (tex == 1 && c_b == 3))
        return {true, true, c_b == 2};
    return {false, false};
}
/// Of walks, from TTBR0.
Attributes walk_attributes(u32 ttbr) { return {bit(ttbr, 0) || bit(ttbr, 6), bits(ttbr, 4, 3) != 0}; }
/// With the MMU off.
constexpr Attributes strongly_ordered {false, false};

/// Both caches are physically tagged; a line is a word. Lines come and go as the test says, or at random.
class Memory_system {
  public:
    bool outer_on = false;

    u32 read(u32 address, Attributes a)
    {
        if (!a.inner)
            return read_below(address, a.outer);
        if (!core_.count(address))
            core_[address] = {read_below(address, a.outer), false, a.outer};
        return core_[address].value;
    }
    void write(u32 address, u32 value, Attributes a)
    {
        if (!a.inner || a.through)
            write_below(address, value, a.outer);
        if (a.inner && (!a.through || core_.count(address)))
            core_[address] = {value, !a.through, a.outer};
    }

    void clean_core(u32 address)
    {
        auto const at = core_.find(address);
        if (at == core_.end() || !at->second.dirty)
            return;
        at->second.dirty = false;
        write_below(address, at->second.value, at->second.outer);
    }
    void clean_invalidate_core(u32 address)
    {
        clean_core(address);
        core_.erase(address);
    }
    /// The outer cache's operations on all ways.
    void clean_outer()
    {
        for (auto &[address, line] : outer_) {
            if (line.dirty)
                memory_[address] = line.value;
            line.dirty = false;
        }
    }
    void invalidate_outer() { outer_.clear(); }
    /// What is in it before it was ever switched on, or what a loader has left.
    void put_in_outer(u32 address, u32 value, bool dirty) { outer_[address] = {value, dirty, true}; }

    /// A cache may write back and forget any line at any time, but the outer one only while it is on.
    void disturb(std::mt19937 &random)
    {
        for (u32 address = 0; address != 64; address += 4) {
            if (random() & 1)
                clean_invalidate_core(address);
            if (!outer_on || random() & 1)
                continue;
            if (auto const at = outer_.find(address); at != outer_.end()) {
                if (at->second.dirty)
                    memory_[address] = at->second.value;
                outer_.erase(at);
            }
        }
    }

  private:
    struct Line {
        u32 value;
        bool dirty, outer;
    };

    u32 read_below(u32 address, bool outer)
    {
        if (!outer || !outer_on)
            return memory_[address];
        if (!outer_.count(address))
            outer_[address] = {memory_[address], false, true};
        return outer_[address].value;
    }
    void write_below(u32 address, u32 value, bool outer)
    {
        if (outer && outer_on)
            outer_[address] = {value, true, true};
        else
            memory_[address] = value;
    }

    std::map<u32, Line> core_, outer_;
    std::map<u32, u32> memory_;
};

/// A guest's small page with this TEX, C and B, as the hardware gets it.
Attributes guest_page(u32 tex_c_b)
{
    u32 const word = 0x40123032 | (tex_c_b & 3) << 2 | (tex_c_b >> 2) << 6;
    return attributes_of(page_mapping(word, {0x40004801}, 0, {.dacr = 0x55555555}).memory);
}

constexpr u32 place = 12;

/// What is read through `seen` of 2 stored through `stored`, where there was 1; the core's cache is cleaned
/// between. The outer cache holds the place, as after any earlier access.
u32 value_seen(Attributes stored, Attributes seen, std::mt19937 *random = nullptr)
{
    Memory_system m;
    m.outer_on = true;
    m.write(place, 1, strongly_ordered);
    (void)m.read(place, {false, true});
    m.write(place, 2, stored);
    if (random)
        m.disturb(*random);
    m.clean_invalidate_core(place);
    if (random)
        m.disturb(*random);
    return m.read(place, seen);
}

} // namespace

TEST_CASE("with the outer cache on, the alias page shows what a guest stored, after the core's cache was "
          "cleaned alone")
{
    std::mt19937 random {1};
    u32 const tex_c_b = GENERATE(range(0u, 32u));
    CHECK(value_seen(guest_page(tex_c_b), attributes_of(Shadow_entry::uncached)) == 2);
    for (unsigned n = 0; n != 50; ++n)
        CHECK(value_seen(guest_page(tex_c_b), attributes_of(Shadow_entry::uncached), &random) == 2);
}

TEST_CASE(
    "with the outer cache on, a guest sees through any mapping what it stored through any other and cleaned")
{
    std::mt19937 random {2};
    u32 const stored = GENERATE(range(0u, 32u));
    for (u32 seen = 0; seen != 32; ++seen)
        for (unsigned n = 0; n != 10; ++n)
            REQUIRE(value_seen(guest_page(stored), guest_page(seen), &random) == 2);
    CHECK(value_seen(attributes_of(Shadow_entry::cached), guest_page(stored), &random) == 2); // its images
}

TEST_CASE("with the outer cache on, a walk sees a shadow entry without any cache operation")
{
    Memory_system m;
    m.outer_on = true;
    std::mt19937 random {3};
    Attributes const walk = walk_attributes(table_register(0x60100000));
    for (u32 value = 1; value != 500; ++value) {
        m.write(place, value, attributes_of(Shadow_entry::uncached));
        if (value & 1)
            m.disturb(random);
        REQUIRE(m.read(place, walk) == value);
    }
    m.write(place, 0, attributes_of(Shadow_entry::cached)); // a table in the image
    m.clean_core(place);                                    // publish_entry()
    CHECK(m.read(place, walk) == 0);
}

TEST_CASE("switching the outer cache on loses nothing, whatever it held and wherever the newest value is")
{
    Memory_system m;
    for (u32 address = 0; address != 64; address += 4)
        m.put_in_outer(address, 0xdead0000 | address, address & 4);
    for (u32 address = 0; address != 64; address += 4)
        m.write(address, address, strongly_ordered); // start.S
    for (u32 address = 0; address != 64; address += 8)
        m.write(address, address | 1, attributes_of(Shadow_entry::cached)); // C++, not written back yet
    m.invalidate_outer();
    m.outer_on = true;
    std::mt19937 random {4};
    for (unsigned round = 0; round != 20; ++round) {
        for (u32 address = 0; address != 64; address += 4)
            REQUIRE(m.read(address, attributes_of(Shadow_entry::cached)) ==
                    (address | (address % 8 ? 0 : 1)));
        m.disturb(random);
    }
}

TEST_CASE("an outer cache that the loader left on loses nothing when it is cleaned and switched off")
{
    Memory_system m;
    m.outer_on = true;
    m.put_in_outer(place, 7, true); // the device tree, say
    CHECK(m.read(place, attributes_of(Shadow_entry::cached)) == 7);
    m.write(place + 4, 8, attributes_of(Shadow_entry::cached)); // stays in the core's cache
    m.clean_outer();
    m.outer_on = false;
    m.invalidate_outer();
    m.clean_invalidate_core(place);
    CHECK(m.read(place, attributes_of(Shadow_entry::cached)) == 7);
    CHECK(m.read(place + 4, attributes_of(Shadow_entry::cached)) == 8);
}

TEST_CASE("the model finds what goes wrong where one access passes an outer cache by")
{
    constexpr u32 not_cached = 1 << 6, device = 1 << 2; // TEX = 001; B: what entries used to be
    CHECK(value_seen(guest_page(0xf), attributes_of(not_cached)) == 1);
    CHECK(value_seen(attributes_of(device), guest_page(0xf)) == 1);
    CHECK(value_seen(attributes_of(Shadow_entry::uncached), walk_attributes(0x60100000)) == 1);

    Memory_system never_invalidated;
    never_invalidated.put_in_outer(place, 0xdead, false);
    never_invalidated.write(place, 1, strongly_ordered);
    never_invalidated.outer_on = true;
    CHECK(never_invalidated.read(place, attributes_of(Shadow_entry::cached)) == 0xdead);
}
