// SPDX-License-Identifier: Apache-2.0
// What a terminal makes of one guest's output: characters, controls and the sequences that they begin.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Takes UTF-8 (RFC 3629) a byte at a time and follows the sequences of ECMA-48. A byte that is part of no
/// whole character is a control: to a terminal that does not know UTF-8 it may be one of C1.
class Terminal_stream {
  public:
    enum class Kind : u8 {
        text,     ///< one character, all of its bytes, that stands for itself
        control,  ///< acts on the terminal, or may
        sequence, ///< part of an escape sequence or of a string for the terminal
    };
    struct Piece {
        Kind kind;
        char const *bytes; ///< until the next call
        unsigned count;
    };

    /// Whether the byte stands for itself and begins nothing: while nothing is open() take() need not be
    /// told.
    static bool is_text(char c) { return static_cast<u8>(c - 0x20) < 0x7f - 0x20; }
    /// Calls f(Piece) for what the byte completes: nothing, what was pending, or that and the byte itself.
    template <typename F>
    void take(char c, F f)
    {
        if (pending_ && !fits(static_cast<u8>(c)))
            give_up(f);
        bytes_[pending_++] = c;
        if (pending_ == length(static_cast<u8>(bytes_[0])))
            finish(f);
    }
    /// Calls f(Piece) for the bytes of a character that is not whole, and forgets them.
    template <typename F>
    void give_up(F f)
    {
        for (unsigned n = 0; n != pending_; ++n)
            f(Piece {follow_lone(static_cast<u8>(bytes_[n])), &bytes_[n], 1});
        pending_ = 0;
    }
    /// Ends a sequence, as CAN does.
    void cancel() { state_ = State::ground; }
    /// Bytes of a character that is not whole yet.
    unsigned pending() const { return pending_; }
    char pending_byte(unsigned n) const { return bytes_[n]; }
    /// The terminal may take what comes next for a part of something that has begun.
    bool open() const { return pending_ || state_ != State::ground; }

  private:
    /// command_string ends with BEL as well (xterm's OSC).
    enum class State : u8 { ground, escape, control_sequence, string, command_string };

    /// Of the character that begins with this byte; 1 for one that begins none.
    static unsigned length(u8 first)
    {
        return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    }
    /// RFC 3629 section 4: the second byte's range keeps out
    /// what is too long, surrogates and what is too large.
    bool fits(u8 next) const
    {
        u8 const first = static_cast<u8>(bytes_[0]);
        u8 const low = pending_ > 1 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        u8 const high = pending_ > 1 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return next >= low && next <= high;
    }
    template <typename F>
    void finish(F f)
    {
        unsigned const count = pending_;
        u8 const first = static_cast<u8>(bytes_[0]);
        pending_ = 0;
        f(Piece {count == 1 && first >= 0x80 ? follow_lone(first) : follow(code(count)), bytes_, count});
    }
    u32 code(unsigned count) const;
    /// What a character, or a byte that belongs to none, does to the sequence; and what it is itself.
    Kind follow(u32 code);
    Kind follow_lone(u8 byte);
    Kind follow_c0(u32 code);
    Kind follow_c1(u32 code);
    Kind follow_escape(u32 code);

    State state_ = State::ground;
    u8 pending_ = 0;
    char bytes_[4] = {};
};

} // namespace vambrace
