// SPDX-License-Identifier: Apache-2.0
// What a variant gives, name by name; compiled for each of them and for the host's fake, and makes no code.
// What a name promises beyond its type stands where a variant defines it, and in docs/porting.md.
#include <arch.hpp>
#include <base/arena.hpp>
#include <base/has_type.hpp>
#include <concepts>

namespace vambrace {

namespace {

template <typename F, typename Signature>
concept Callable_as = std::convertible_to<F, Signature *>;

// clang-format 14 does not know compound requirements, and breaks each into three lines.
// clang-format off

#define GIVES(name, ...) static_assert(Callable_as<decltype(&arch::name), __VA_ARGS__>, #name)
#define IS(name, ...) static_assert(Has_type<decltype(arch::name), __VA_ARGS__>, #name)

// Traps: entry and registers.
static_assert(std::same_as<arch::Context, vambrace::Context> && std::same_as<arch::Trap, vambrace::Trap> &&
              std::same_as<arch::Fatal_trap, vambrace::Fatal_trap>);
IS(psr_kept, u32);
IS(isa, Isa);

// The guest's table format. DDI 0100I B4.7 or DDI 0406C B3.5.
template <typename E>
concept First_level_entry = requires(E e) {
    { e.word } -> std::convertible_to<u32>;
    { e.domain() } -> std::convertible_to<u32>;
    { e.is_table() } -> std::same_as<bool>;
    { e.table_and_domain() } -> std::same_as<u32>;
    { e.table() } -> std::same_as<u32>;
    { e.is_section() } -> std::same_as<bool>;
};
template <typename M>
concept Page_mapping = requires(M m) {
    { m.fault } -> std::convertible_to<u32>;
    { m.page } -> std::convertible_to<Ipa>;
    { m.domain } -> std::convertible_to<u32>;
    { m.section } -> std::convertible_to<bool>;
};
static_assert(First_level_entry<arch::L1_entry>);
static_assert(Page_mapping<arch::Mapping>);
GIVES(l1_offset, u32(u32));
GIVES(l2_offset, u32(u32));
GIVES(section_mapping, arch::Mapping(arch::L1_entry, u32, arch::Rights_context const &));
GIVES(page_mapping, arch::Mapping(u32, arch::L1_entry, u32, arch::Rights_context const &));
GIVES(identity_mapping, arch::Mapping(u32));
GIVES(no_mapping, arch::Mapping(u32, bool));
GIVES(is_small_page, bool(u32, arch::Rights_context const &));
GIVES(small_page_kind, u32(u32));
IS(small_page_kinds, u32);
IS(subpages, unsigned);
GIVES(subpage_ap, u32(u32, unsigned));
GIVES(ap_at, u32(arch::Mapping const &, u32));

// Rights.
static_assert(std::same_as<arch::Access, vambrace::Access> && std::same_as<arch::Rights, vambrace::Rights>);
IS(rights_off, arch::Rights_context);
GIVES(rights_of, arch::Rights(u32, u32, arch::Rights_context const &));
GIVES(rights_fault, u32(arch::Mapping const &, u32, Guest_mode, arch::Rights_context const &));
GIVES(effective, arch::Access(arch::Rights, Guest_mode));
GIVES(allows, bool(arch::Access));

// Fault status words, as the hardware has them and as a guest is told.
IS(fsr::alignment, u32);
IS(fsr::translation, u32);
IS(fsr::permission, u32);
IS(fsr::page, u32);
IS(fsr::external_l1, u32);
IS(fsr::external_l2, u32);
GIVES(fsr::external, u32(bool));
GIVES(fsr::is_mmu, bool(u32));
GIVES(fsr::is_translation, bool(u32));
GIVES(fsr::is_permission, bool(u32));
GIVES(fsr::is_asynchronous, bool(u32));
GIVES(fsr::access_bits, u32(u32));
GIVES(fsr::instruction, u32(u32));
GIVES(fsr::forwarded, u32(u32));
GIVES(data_fault_status, u32());
GIVES(prefetch_fault_status, u32());
GIVES(fault_address, Va());
GIVES(instruction_fault_address, Va(u32));
GIVES(take_asynchronous_abort, u32());
GIVES(await_aborts, void());

// Shadow entries, and the domains that stand for a guest's modes.
static_assert(std::same_as<arch::Dacr_domain, vambrace::Dacr_domain>);
IS(dacr_kernel, u32);
IS(dacr_user, u32);
template <typename E>
concept Shadow_encoder = requires(u32 physical, Frame frame, arch::Access access, arch::Dacr_domain domain) {
    { E::table(physical, domain) } -> std::same_as<u32>;
    { E::window_page(frame, access, E::cached) } -> std::same_as<u32>;
    { E::window_page(frame, access, E::device) } -> std::same_as<u32>;
    { E::in_caches(E::device) } -> std::same_as<u16>;
};
static_assert(Shadow_encoder<arch::Shadow_entry>);
IS(low_vectors, bool);
GIVES(vectors_page, u32());
GIVES(vectors_table, u32(u32));

// Tables in use, and the TLB.
IS(has_asids, bool);
GIVES(use_table, void(arch::Table_base));
GIVES(sync_tables, void());
GIVES(publish_entry, void(u32 const *, Va));
GIVES(tlb_invalidate, void(Va, u32));
GIVES(tlb_invalidate_everywhere, void(Va));
GIVES(tlb_invalidate_asid, void(u32));
GIVES(tlb_invalidate_all, void());

// The hypervisor's own memory.
GIVES(map_host, void(u32, u32 const *, u32));
static_assert(requires(u32 size) { arch::trim_ram_map(size); });
GIVES(publish_table, void());
GIVES(map_more_memory, void(u32, u32));
GIVES(ram_at, u8 *(u32, u32));
GIVES(physical, u32(void const *, u32));
static_assert(requires(Va va) { { arch::own_place(va) } -> std::same_as<arch::Own_place>; });
static_assert(requires(u32 * table, u32 bytes) { arch::clear_table(table, bytes); });
static_assert(sizeof(arch::Aligned<kib>) == kib && alignof(arch::Aligned<kib>) == kib);

// Guest memory, at the guest's own addresses; each survives a fault, or reads what is always mapped.
template <typename A>
concept Access_result = requires(A a) {
    { a.value } -> std::convertible_to<u32>;
    { a.ok } -> std::convertible_to<bool>;
};
static_assert(Access_result<arch::Guest_access>);
GIVES(is_reserved, bool(u32, u32));
GIVES(load_words, arch::Guest_access(Va, u32 *, u32));
GIVES(load_word, Result<u32>(Va));
GIVES(store_words, arch::Guest_access(Va, u32 const *, u32));
GIVES(load_frame, bool(Va, u32 *));
GIVES(store_frame, bool(Va, u32 const *));
GIVES(load_trusted, u32(u32));
GIVES(load_alias, u32(Frame, u32));
GIVES(shared, vambrace_shared const &());
GIVES(shared_to_write, vambrace_shared &());

// Caches.
template <typename C>
concept Cache_maintenance = requires(C c, u32 va, u32 size) {
    c.clean(va, size);
    c.invalidate(va, size);
    c.clean_invalidate(va, size);
    c.sync_code(va, size);
    c.clean_invalidate_all();
    c.clean_invalidate_data();
    c.invalidate_code();
};
static_assert(Cache_maintenance<decltype(arch::caches())>);
IS(whole_cache, u32);
IS(guest_line, u32);
IS(maintenance_translates, bool);
IS(has_data_aliases, bool);
GIVES(clean_invalidate_page, void(Frame, u32, u32));

// The virtual CP15 and the registers beside it.
template <typename S>
concept Virtual_cp15 = requires(S s, S const &c, u32 word, Va va) {
    { c.mmu_on() } -> std::same_as<bool>;
    { c.alignment_check() } -> std::same_as<bool>;
    { c.table() } -> std::same_as<u32>;
    { c.rights() } -> std::convertible_to<arch::Rights_context>;
    s.set_table(word);
    s.record_fault(Abort::data, va, word);
    s.record_translation(Ipa {word}, word);
};
static_assert(Virtual_cp15<arch::Cp15_state>);
static_assert(requires(arch::Cp15_state const &state) {
    { arch::vfp_access(state) } -> std::same_as<bool>;
});
GIVES(set_alignment_check, void(bool));
GIVES(save, void(arch::Thread_registers &));
GIVES(restore, void(arch::Thread_registers const &));
constexpr auto no_frame = [](Va) -> Result<Frame> { return Error::address; };
static_assert(requires(u32 value) {
    { arch::set_thread_pointer(no_frame, value) } -> std::same_as<Error>;
    arch::identity();
    { arch::cpu_compatible() } -> std::same_as<char const *>;
});

template <typename V>
concept Vfp_bank = requires(V v, arch::Vfp_state &state, Vfp_register r, u32 value) {
    v.probe();
    v.run(state, true);
    { v.is_due(state) } -> std::same_as<bool>;
    v.take(state);
    v.forget(state);
    { v.read(state, r) } -> std::same_as<Result<u32>>;
    { v.write(state, r, value) } -> std::same_as<Error>;
};
static_assert(Vfp_bank<arch::Vfp>);

// clang-format on

} // namespace

} // namespace vambrace
