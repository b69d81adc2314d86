// SPDX-License-Identifier: Apache-2.0
// Guests made of their descriptions: memory, tables and devices, and their images in that memory.
#pragma once
#include <boot/guest_parts.hpp>
#include <boot/way.hpp>

namespace vambrace {

/// A description in the bundle: the guest's images come from there, at each start.
struct Bundle_origin : Origin {
    Guest_config config;
    u32 ram; ///< physical address of the board's RAM
};

/// Loads the images of a guest that has run, and starts it again. What is wrong with them is the Problem.
/// \pre the guest's memory is mapped for us; nothing of it is needed any more
Boot_result<Ipa> load(Domain &d, Bundle_origin const &origin);

/// Makes one guest after the other.
class Domain_builder {
  public:
    /// \param ram physical address of the board's RAM
    /// \param memory where the first guest's begins
    Domain_builder(u32 ram, u32 memory, Region_map const &regions, Way &way, Arena &arena)
        : ram_ {ram}, memory_ {memory}, regions_ {regions}, way_ {way}, arena_ {arena}
    {
    }

    /// The guest is loaded and runnable. \pre its memory is there: share_memory()
    Boot_result<Ipa> make(unsigned id, Guest_config const &config);

  private:
    u32 const ram_;
    u32 memory_; ///< physical address of the next guest's memory
    Region_map const &regions_;
    Way &way_;
    Arena &arena_;
};

} // namespace vambrace
