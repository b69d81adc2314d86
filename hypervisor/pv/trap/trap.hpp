// SPDX-License-Identifier: Apache-2.0
// What the hypervisor does with a guest's traps, kind by kind. All of it is about the guest that runs.
#pragma once
#include <pv/running.hpp>

namespace vambrace {

void handle_svc(Running g);
void handle_hypercall(Running g);

void handle_undefined(Running g);
void handle_data_abort(Running g);
void handle_prefetch_abort(Running g);

/// Two entry points of the guest, for a trap from guest user and from guest kernel.
struct Trap_entry {
    u32 user, kernel;
};

/// Stores a frame and makes the guest kernel go on at its entry point with r0, r1 and r2 = frame (r0 = frame
/// where `argument` is nullptr). Ends the guest if it has no stack left.
struct Trap_arguments {
    u32 r0, r1;
};
void deliver(Running g, Trap_entry entry, Trap_arguments const *arguments);
void deliver_svc(Running g);
void deliver_undefined(Running g);
void deliver_abort(Running g, Abort abort, Va va, u32 status);
/// The same of one that is recorded: in the virtual CP15, and where RETURN fills.
/// \param status as the guest sees it
void deliver_recorded_abort(Running g, Abort abort, u32 status);

/// A fault of guest user that its kernel certainly has to see, at a fraction
/// of deliver_abort()'s price: what it is told. All that is left to do is to
/// count it, to store the frame and to enter the guest. 0: it is not certain.
/// \pre guest user runs, with nothing to attend to
u32 certain_data_abort(Running g);
u32 certain_prefetch_abort(Running g);
/// Does what is left, where a store of the quick way has faulted. \param status what the guest is told
void deliver_certain_data_abort(Running g, u32 status);
void deliver_certain_prefetch_abort(Running g, u32 status);

/// The instruction at the guest's pc, if it is a load or store.
Result<Transfer> decode_at_pc(Running g);
/// A load or store of the guest's where its tables show no RAM: a device's, or an external abort's.
/// \param access what the hardware's status said of it: arch::fsr::access_bits()
void access_device(Running g, Va va, Fill const &where, u32 access);
/// The same at a fraction of the price, for a plain instruction of the guest kernel at the device page that
/// it has used last. False: nothing has happened.
bool access_device_again(Running g, Va va);

/// RETURN: takes the frame at the guest's sp.
Error return_from_trap(Running g);

/// Fills what the guest has mapped where its last forwarded fault was, if it goes on in guest user.
void refill(Running g);

/// Guest memory with the guest kernel's rights; entries that the shadow lacks are filled on the way.
/// Error::address: reserved, or the guest's tables forbid it.
Result<u32> read_guest(Running g, Va va);
Error write_guest(Running g, Va va, u32 const *words, u32 count);
Error read_guest(Running g, Va va, u32 *words, u32 count);
/// What stands at the guest's pc. The guest may have changed it since it trapped.
Result<Instruction> fetch(Running g);

/// Calls f(va, size) for [va, va + size), page by page where maintenance goes through the MMU, which then has
/// the page. Pages that are not mapped are left out: nothing is cached under their addresses.
template <typename F>
void for_maintenance(Running g, u32 va, u32 size, F f)
{
    if (!arch::maintenance_translates) {
        f(va, size);
        return;
    }
    while (size) {
        u32 const rest = page_size - (va & (page_size - 1)), part = size < rest ? size : rest;
        if (read_guest(g, Va {align_down(va, 4)}))
            f(va, part);
        va += part;
        size -= part;
    }
}

} // namespace vambrace
