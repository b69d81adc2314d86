// SPDX-License-Identifier: Apache-2.0
// Where a board's devices are, and where the hypervisor sees them: the pages follow from the addresses.
#pragma once
#include <array>
#include <base/types.hpp>
#include <bit>

namespace vambrace {

/// A device by the physical address of its registers, which lie in one page.
struct Board_device {
    u32 physical;

    constexpr bool exists() const { return physical != 0; }
    constexpr u32 page() const { return align_down(physical, page_size); }
    constexpr u32 offset() const { return physical % page_size; }
};
/// One that the others of a family have.
constexpr Board_device no_device {0};

/// Where the hypervisor maps the devices' pages, the k-th at k * page_size. boot() compares it with arch's.
constexpr u32 device_window = 0xff200000;

/// Pages in the order in which devices name them, each once.
template <u32 most>
struct Distinct_pages {
    u32 page[most] {}, count {};

    constexpr explicit Distinct_pages(std::array<Board_device, most> const &devices)
    {
        for (Board_device const device : devices)
            if (device.exists() && find(device) == count)
                page[count++] = device.page();
    }
    /// Its page's number, or count.
    constexpr u32 find(Board_device device) const
    {
        u32 n = 0;
        while (n != count && page[n] != device.page())
            ++n;
        return n;
    }
};

/// \tparam Devices a struct of `Board_device`s and nothing else, nested ones too, with their addresses
template <typename Devices>
class Device_map {
    static constexpr u32 most = sizeof(Devices) / sizeof(Board_device);
    static constexpr Distinct_pages<most> found {std::bit_cast<std::array<Board_device, most>>(Devices {})};

    static void this_device_is_not_in_the_list();

  public:
    /// Physical addresses, for board::device_pages.
    static constexpr std::array<u32, found.count> pages = [] {
        std::array<u32, found.count> all {};
        for (u32 n = 0; n != found.count; ++n)
            all[n] = found.page[n];
        return all;
    }();

    /// Where the hypervisor sees it. One that is not in Devices does not compile.
    static consteval u32 va(Board_device device)
    {
        u32 const n = found.find(device);
        if (n == found.count)
            this_device_is_not_in_the_list();
        return device_window + n * page_size + device.offset();
    }
};

} // namespace vambrace
