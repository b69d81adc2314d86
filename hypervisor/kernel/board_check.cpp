// SPDX-License-Identifier: Apache-2.0
// Every board, and the host's fake, is what the hypervisor asks for; makes no code.
#include <board.hpp>
#include <board_contract.hpp>
#include <type_traits>

namespace vambrace {

namespace {

/// Of a board with a choice of timers, whose line is a variable, each may be any but the UART's.
template <typename B>
consteval bool lines_differ()
{
    if constexpr (requires { typename std::integral_constant<unsigned, B::timer_irq>; })
        return B::timer_irq != B::uart_irq;
    return true;
}

} // namespace

static_assert(Board<board>);

/// The window's own page tables hold so many (arch/arm/core/layout.hpp).
static_assert(board::device_pages.size() <= 256);
static_assert(lines_differ<board>());

// What guests see of the counter is a page, and the counter in it.
static_assert(is_aligned(board::counter_page, page_size) && board::counter_offset + sizeof(u32) <= page_size);
static_assert(board::counter_mapped || (board::counter_page == 0 && board::counter_offset == 0));

} // namespace vambrace
