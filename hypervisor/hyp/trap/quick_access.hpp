// SPDX-License-Identifier: Apache-2.0
// What nearly all accesses to a guest's devices are, by the shortest way.
#pragma once
#include <hyp/trap/bus_target.hpp>

namespace vambrace {

/// HPFAR of an access to this page.
constexpr u32 hpfar_of(u32 page) { return page >> 8; }

/// Performs a plain load or store of the UART or the distributor in the usual byte order, of a register that
/// is saved whatever the guest's mode is. \return false: it is another, and nothing has been done
inline bool access_quickly(Hyp_vcpu &v, Hsr hsr)
{
    constexpr unsigned banked = 13;
    constexpr u32 word_offset = page_size - 4;
    Hyp_context &c = v.context;
    unsigned const rt = hsr.access_register();
    if (!hsr.is_plain_access() || rt >= banked || c.psr & (psr::e | psr::it) ||
        (c.psr & psr::mode_mask) == psr::fiq)
        return false;
    u32 const page = armv7ve::Hpfar::read(), offset = armv7ve::Hdfar::read() & (page_size - 1);
    Hyp_guest &d = guest_of(v);
    if (page == hpfar_of(VAMBRACE_PL011_IPA) && !(offset & ~word_offset)) {
        Guest_uart &uart = d.standard.uart;
        if (!hsr.is_write() || offset != Vpl011::data || !uart.send(static_cast<char>(c.r[rt]))) {
            if (hsr.is_write())
                uart.write(offset, c.r[rt] & hsr.access_mask());
            else
                c.r[rt] = uart.read(offset) & hsr.access_mask();
            (void)uart.settle(); // it is done with each at once
        }
    } else if (page == hpfar_of(machine::gic_distributor) && is_aligned(offset, hsr.access_size())) {
        if (hsr.is_write())
            write_distributor(v, offset, hsr.access_size(), c.r[rt] & hsr.access_mask());
        else
            c.r[rt] = read_distributor(v, offset, hsr.access_size());
    } else {
        return false;
    }
    d.counters.count(Counter::mmio);
    c.pc += hsr.length();
    return true;
}

} // namespace vambrace
