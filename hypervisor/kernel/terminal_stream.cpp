// SPDX-License-Identifier: Apache-2.0
// ECMA-48's sequences: how they begin, go on and end. Numbers of sections are those of its fifth edition.
#include <kernel/terminal_stream.hpp>

namespace vambrace {

namespace {

constexpr u32 bel = 0x07, can = 0x18, sub = 0x1a, esc = 0x1b, del = 0x7f;
constexpr u32 c1_first = 0x80, c1_last = 0x9f;

/// Characters that terminals print nothing for and that turn or break the line they are in: line and
/// paragraph separators, embeddings, overrides and isolates (Unicode's UAX 9, table 1).
bool acts_on_line(u32 code)
{
    return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

} // namespace

u32 Terminal_stream::code(unsigned count) const
{
    u32 value = static_cast<u8>(bytes_[0]) & (count == 1 ? 0x7f : 0x7f >> count);
    for (unsigned n = 1; n != count; ++n)
        value = value << 6 | (static_cast<u8>(bytes_[n]) & 0x3f);
    return value;
}

Terminal_stream::Kind Terminal_stream::follow(u32 code)
{
    if (code < 0x20)
        return follow_c0(code);
    if (code >= c1_first && code <= c1_last)
        return follow_c1(code);
    switch (state_) {
    case State::ground: return code == del || acts_on_line(code) ? Kind::control : Kind::text;
    case State::escape: return follow_escape(code);
    case State::control_sequence: // 5.4: parameters and intermediates are 02/00 to 03/15
        if (code >= 0x40 && code < del)
            state_ = State::ground;
        return Kind::sequence;
    case State::string:
    case State::command_string: break;
    }
    return Kind::sequence;
}

/// 8-bit terminals take it for what ISO 8859 says it is.
Terminal_stream::Kind Terminal_stream::follow_lone(u8 byte)
{
    if (byte <= c1_last)
        return follow_c1(byte);
    return state_ == State::ground ? Kind::control : Kind::sequence;
}

/// A control in the middle of a sequence acts as it does elsewhere, but for those that end the sequence.
Terminal_stream::Kind Terminal_stream::follow_c0(u32 code)
{
    bool const open = state_ != State::ground;
    if (code == esc) {
        state_ = State::escape;
        return Kind::sequence;
    }
    if (code == can || code == sub || (code == bel && state_ == State::command_string))
        state_ = State::ground;
    return open && code != '\n' ? Kind::sequence : Kind::control;
}

/// 5.3, 5.6: CSI, DCS, SOS, PM and APC, OSC begin something; ST and the others end it.
Terminal_stream::Kind Terminal_stream::follow_c1(u32 code)
{
    bool const open = state_ != State::ground;
    switch (code) {
    case 0x9b: state_ = State::control_sequence; return Kind::sequence;
    case 0x9d: state_ = State::command_string; return Kind::sequence;
    case 0x90:
    case 0x98:
    case 0x9e:
    case 0x9f: state_ = State::string; return Kind::sequence;
    default: state_ = State::ground; return open ? Kind::sequence : Kind::control;
    }
}

/// What follows ESC: an intermediate (ECMA-35 13.2), a C1 control's second form, or the end.
Terminal_stream::Kind Terminal_stream::follow_escape(u32 code)
{
    if (code >= 0x20 && code < 0x30)
        return Kind::sequence;
    state_ = State::ground;
    if (code >= 0x40 && code < 0x60)
        (void)follow_c1(code + 0x40);
    return Kind::sequence;
}

} // namespace vambrace
