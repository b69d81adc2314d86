// SPDX-License-Identifier: Apache-2.0
// A console for tests: what it shows, and where its keys go.
#pragma once
#include <kernel/console.hpp>
#include <string>

namespace vambrace {

inline std::string screen;
inline std::string keys; ///< "1:a" for key a to guest 1 ...
inline unsigned counters_printed;

/// Some guests, the first in the foreground; `screen` and `keys` are empty.
struct Console_bench {
    Console console {{[](char c) { screen += c; },
                      [](unsigned guest, char c) { keys += std::to_string(guest + 1) + ':' + c + ' '; },
                      [] { ++counters_printed; }}};

    explicit Console_bench(unsigned guests)
    {
        static char const *const labels[max_guests] = {"one",  "two", "three", "four",
                                                       "five", "six", "seven", "eight"};
        screen.clear();
        keys.clear();
        counters_printed = 0;
        for (unsigned i = 0; i < guests; ++i) {
            console.guest_started(i, labels[i]);
        }
    }
    void write(unsigned guest, std::string const &text)
    {
        for (char c : text) {
            console.write(guest - 1, c);
        }
    }
    void log(std::string const &text)
    {
        for (char c : text) {
            console.write_log(c);
        }
    }
    void type(std::string const &text)
    {
        for (char c : text) {
            console.key(c);
        }
    }
};

} // namespace vambrace
