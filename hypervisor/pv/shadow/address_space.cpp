// SPDX-License-Identifier: Apache-2.0
// What an address space's first-level table links: a short list, and a bitmap where that is not enough.
#include <pv/shadow/address_space.hpp>

namespace vambrace {

void Address_space::link(u32 megabyte, u32 word)
{
    u32 const n = has_many_links() ? u32 {has_many} : find(megabyte);
    if (n < most_links) {
        words[n] = word;
        megabytes[n] = static_cast<u16>(megabyte);
        if (n == links)
            ++links;
        return;
    }
    ASSERT(has_table());
    if (!has_many_links()) {
        for (u32 &bits : populated)
            bits = 0;
        for (u32 const linked : megabytes)
            populate(linked);
        links = has_many;
    }
    populate(megabyte);
}

void Address_space::unlink(u32 megabyte)
{
    if (has_many_links()) // the table says which of them are left
        return;
    u32 const n = find(megabyte);
    if (n == links)
        return;
    --links;
    words[n] = words[links];
    megabytes[n] = megabytes[links];
}

u32 Address_space::next_populated(u32 megabyte, u32 last) const
{
    while (megabyte <= last) {
        if (!(populated[megabyte >> 8] >> (megabyte >> 3 & 31) & 1))
            megabyte |= 7;
        else if (entries[megabyte])
            break;
        ++megabyte;
    }
    return megabyte;
}

} // namespace vambrace
