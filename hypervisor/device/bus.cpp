// SPDX-License-Identifier: Apache-2.0
// Accesses of any size become accesses of words.
#include <device/bus.hpp>

namespace vambrace {

namespace {

u32 register_of(u32 address) { return address & (page_size - 1) & ~3u; }
u32 lane(u32 address) { return 8 * (address & 3); }
u32 mask_of(unsigned size) { return size == 4 ? ~0u : size == 2 ? 0xffff : 0xff; }

} // namespace

Result<u32> Device_page::read(u32 address, unsigned size)
{
    if (!covers(address))
        return Error::address;
    return device_.read(register_of(address)) >> lane(address) & mask_of(size);
}

Error Device_page::write(u32 address, unsigned size, u32 value)
{
    if (!covers(address))
        return Error::address;
    device_.write(register_of(address), (value & mask_of(size)) << lane(address));
    return Error::none;
}

} // namespace vambrace
