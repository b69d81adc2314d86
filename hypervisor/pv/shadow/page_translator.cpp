// SPDX-License-Identifier: Apache-2.0
// What becomes of a guest's page in the shadow: found out once for each kind of page.
#include <pv/shadow/page_translator.hpp>

namespace vambrace {

using Entry = arch::Shadow_entry;

void Page_translator::forget()
{
    for (Page_class &c : classes_)
        c.key = ~0u;
    for (Small_page &p : small_pages_)
        p.key = ~0u;
    other_pages_[0] = other_pages_[1] = ~0u;
}

Page_class Page_translator::make_class(Walker const &guest, u32 ap, u32 domain)
{
    Page_class c {ap | domain << 8, 0, 0, false, false, true};
    for (u32 n = 0; n != arch::subpages; ++n) {
        arch::Rights const r = arch::rights_of(arch::subpage_ap(ap, n), domain, guest.rights);
        arch::Access const kernel = effective(r, Guest_mode::kernel);
        c.kernel_rights |= Entry::subpage_rights(kernel, n);
        c.user_rights |= Entry::subpage_rights(r.user, n);
        c.visible |= arch::allows(r.user);
        c.kernel_part |= !arch::allows(r.user) && arch::allows(r.kernel);
        c.dead &= !arch::allows(kernel);
    }
    return c;
}

u32 Page_translator::small_page_low(Walker const &guest, u32 word, u32 domain, Seen_by whom)
{
    if (!arch::is_small_page(word, guest.rights))
        return 0;
    arch::Mapping const m = arch::page_mapping(word, arch::L1_entry {domain << 5 | 1}, 0, guest.rights);
    Page_class const &c = class_of(guest, m.ap, domain);
    bool const by_all = whom == Seen_by::everyone;
    if (m.fault || c.visible != by_all || (by_all && c.kernel_part) || c.dead)
        return 0;
    return Entry::page(Frame {0}, by_all ? c.user_rights : c.kernel_rights, m.memory);
}

void Learned_tables::learn(Linear_map const &linear, u32 l1_word, u32 word, u32 entry)
{
    u32 const first = linear.ipa | (l1_word & 0x3ff), attributes = word & 0xfff;
    if (count_ == 0 || first_ != first) {
        forget();
        first_ = first;
        count_ = linear.size / kib;
        translation_fault_ =
            arch::fsr::translation | arch::fsr::page | arch::L1_entry {l1_word}.domain() << 4;
    }
    pages_[arch::small_page_kind(word)] = {attributes, entry - (word - attributes - VAMBRACE_RAM_IPA)};
}

} // namespace vambrace
