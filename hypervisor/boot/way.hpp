// SPDX-License-Identifier: Apache-2.0
// The way in which the core is used for guests: what boot asks of it, whatever kind of guest there will be.
#pragma once
#include <base/arena.hpp>
#include <boot/bundle.hpp>
#include <kernel/domain.hpp>
#include <kernel/guest_kind.hpp>

namespace vambrace {

/// Where what a guest is made of lies.
struct Guest_place {
    unsigned id;
    Memory memory;
    Windows windows {};
};

class Way {
  public:
    /// For the log.
    virtual char const *name() const = 0;
    /// What its guests find.
    virtual Guest_interface interface() const = 0;
    /// Guests' memory begins at multiples of it, and takes as much. \return bytes, a power of two
    virtual u32 granule() const = 0;
    /// Shows the hypervisor RAM and the board's devices. The first of all calls.
    virtual void map_host() = 0;
    /// RAM ends here: nothing behind it is mapped any more. \param size bytes
    virtual void trim_ram_map(u32 size) = 0;
    /// Once the board's devices have started. What is taken of the arena is for ever.
    virtual void start(Arena &arena) = 0;
    /// Bytes of RAM behind our own megabyte that no guest gets, so that the first one's memory is aligned and
    /// there is room for what is kept about all of them.
    /// \param available bytes, with those
    virtual Boot_result<u32> reserve(Bundle const &bundle, u32 available) = 0;
    /// A guest that can be loaded, and the line that says what it has.
    virtual Boot_result<Domain *> make(Guest_place const &place, Guest_config const &config,
                                       Arena &arena) = 0;

  protected:
    constexpr Way() = default;
    ~Way() = default;
};

} // namespace vambrace
