// SPDX-License-Identifier: Apache-2.0
// When a character may be taken from the board's UART: not before the guest that it is for has room.
#pragma once
#include <kernel/console.hpp>

namespace vambrace {

/// Input stays in the UART, and so with the sender, while the foreground guest has no room. When the guest
/// has taken all it had, more comes after as long as that took: a driver that reads until there is nothing
/// left does so with interrupts masked, and what it has read has to be worked on, too. A guest that takes
/// nothing for `steps` is deaf: what is for it is lost, so that the keys that switch away from it get
/// through, until it takes something. Its patience is counted in steps: a time in which nobody could run is
/// one of them, however long.
class Console_input {
  public:
    struct Hooks {
        u32 (*room)(unsigned guest);   ///< how many characters the guest can take now
        bool (*empty)(unsigned guest); ///< it has taken all that it was given
    };
    static constexpr Time_ns step = 100'000'000;
    static constexpr unsigned steps = 11; ///< the first one may be nearly over: a second at least
    /// Taken in one go; others that wait interrupt again.
    static constexpr unsigned most = 512;

    constexpr Console_input(Console &console, Hooks hooks) : console_ {console}, hooks_ {hooks} {}

    /// The UART may have something, or the guest room.
    void read(Time_ns now);
    /// \pre now >= due()
    void expire(Time_ns now);
    /// When expire() has to be called; never: nothing is held back.
    Time_ns due() const { return due_; }
    bool holds() const { return due_ != never; }
    /// The guest has taken characters. True: all of them, and more wait; pause() has to follow.
    bool taken(unsigned guest);
    /// Changes due().
    void pause(Time_ns now);
    /// The guest's UART is empty, or another guest is in the
    /// foreground: expire() is due at once if anything is held.
    void start_over(unsigned guest);

  private:
    void hold(Time_ns now);

    Console &console_;
    Hooks hooks_;
    Time_ns due_ = never;
    Time_ns full_since_ = 0; ///< while something is held back
    unsigned steps_left_ = 0;
    bool deaf_[max_guests] = {};
};

} // namespace vambrace
