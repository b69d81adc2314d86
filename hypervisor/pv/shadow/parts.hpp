// SPDX-License-Identifier: Apache-2.0
// What fill and flush work on: the parts of one domain's shadow.
#pragma once
#include <pv/shadow/kernel_only.hpp>
#include <pv/shadow/page_translator.hpp>

namespace vambrace::shadow {

struct Parts {
    Tables tables;
    Page_translator pages;
    Learned_tables learned;
    Kernel_only_pages kernel_only;
    u32 resynced {}; ///< entries that a flush has changed

    Walker const &guest() const { return tables.guest; }
};

} // namespace vambrace::shadow
