// SPDX-License-Identifier: Apache-2.0
// What the hypervisor asks of a board, as concepts. docs/porting.md says what
// each name promises beyond its type.
#pragma once
#include <base/has_type.hpp>
#include <base/result.hpp>
#include <concepts>

namespace vambrace {

// clang-format 14 does not know compound requirements, and breaks each into three lines.
// clang-format off

template <typename U>
concept Console_uart = requires(U const uart, char c) {
    { uart.start() } -> std::same_as<void>;
    { uart.put(c) } -> std::same_as<void>;
    { uart.drain() } -> std::same_as<void>;
    { uart.readable() } -> std::same_as<bool>;
    { uart.get() } -> std::same_as<char>;
    { uart.enable_rx_interrupt() } -> std::same_as<void>;
    { uart.disable_rx_interrupt() } -> std::same_as<void>;
};

template <typename C>
concept Interrupt_controller = requires(C const chip, unsigned line, typename C::Taken const taken) {
    { chip.start() } -> std::same_as<void>;
    { chip.enable(line) } -> std::same_as<void>;
    { chip.take() } -> std::same_as<typename C::Taken>;
    { chip.finish(taken) } -> std::same_as<void>;
    { static_cast<bool>(taken) } -> std::same_as<bool>;
    { taken.line() } -> std::same_as<unsigned>;
};

template <typename T>
concept One_shot_timer = requires(T const timer, u32 us) {
    { timer.start() } -> std::same_as<void>;
    { timer.set(us) } -> std::same_as<void>;
    { timer.ack() } -> std::same_as<void>;
};

template <typename P>
concept Device_pages = requires(P const &pages) {
    { pages.data() } -> std::same_as<u32 const *>;
    { pages.size() } -> std::convertible_to<u32>;
};

template <typename B>
concept Board = requires {
    requires Has_type<decltype(B::name), char const *>;
    requires Has_type<decltype(B::uart_compatible), char const *>;
    requires Device_pages<decltype(B::device_pages)>;
    requires Has_type<decltype(B::timer_irq), unsigned>;
    requires Has_type<decltype(B::uart_irq), unsigned>;
    requires Has_type<decltype(B::counter_mapped), bool>;
    requires Has_type<decltype(B::counter_page), u32>;
    requires Has_type<decltype(B::counter_offset), u32>;
    requires Has_type<decltype(B::counter_hz), u32>;
    { B::uart() } -> Console_uart;
    { B::irq_chip() } -> Interrupt_controller;
    { B::timer() } -> One_shot_timer;
    { B::counter_ticks() } -> std::same_as<u32>;
    { B::wall_clock() } -> std::same_as<Result<u32>>;
    { B::random_word() } -> std::same_as<Result<u32>>;
    { B::start() } -> std::same_as<void>;
    { B::start_outer_cache() } -> std::same_as<bool>;
    { B::reset() } -> std::same_as<void>;
};

// clang-format on

} // namespace vambrace
