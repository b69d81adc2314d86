// SPDX-License-Identifier: Apache-2.0
// Foreground characters, background lines, log lines, and the keys that belong to the hypervisor.
#include <kernel/console.hpp>

namespace vambrace {

namespace {

constexpr char cancel = 'X' & 0x1f; // CAN

} // namespace

void Console::guest_started(unsigned guest, char const *label)
{
    ASSERT(guest < max_guests);
    guests_[guest].label = label;
    guests_[guest].running = true;
    if (foreground_ == nobody) {
        foreground_ = guest;
    }
}

void Console::guest_stopped(unsigned guest)
{
    Guest &stopped = guests_[guest];
    stopped.running = false;
    if (guest != foreground_) {
        stopped.stream.give_up([&](Terminal_stream::Piece piece) { append_piece(stopped, piece); });
    }
    if (stopped.line.length) {
        put_line(stopped.label, stopped.line);
    }
    if (foreground_ != guest) {
        return;
    }
    start_line();
    foreground_ = nobody;
    for (unsigned i = 1; i < max_guests; ++i) {
        unsigned const next = (guest + i) % max_guests;
        if (guests_[next].running) {
            return switch_to(next);
        }
    }
}

/// What acts on the terminal, or is not to be seen as it comes.
void Console::follow(unsigned guest, char c)
{
    if (guest != foreground_) {
        return write_background(guests_[guest], c);
    }
    write_foreground(c);
    in_text_ = mid_line_ && !guests_[guest].stream.open() ? guest : nobody;
}

void Console::write_log(char c) { append(nullptr, log_, &c, 1); }

void Console::flush_log()
{
    if (log_.length) {
        put_line(nullptr, log_);
    }
}

void Console::key(char c)
{
    if (commanded_) {
        commanded_ = false;
        return command(c);
    }
    if (c == command_key) {
        commanded_ = true;
        return;
    }
    if (foreground_ != nobody) {
        hooks_.input(foreground_, c);
    }
}

void Console::put(char const *text)
{
    while (*text) {
        hooks_.put(*text++);
    }
}

/// A newline ends an escape sequence in any case, so that a guest cannot hide what follows.
void Console::write_background(Guest &guest, char c)
{
    guest.stream.take(c, [&](Terminal_stream::Piece piece) { append_piece(guest, piece); });
    if (c == '\n') {
        guest.stream.cancel();
    }
}

/// Only what stands for itself: the screen, and what the terminal answers, are somebody else's.
void Console::append_piece(Guest &guest, Terminal_stream::Piece piece)
{
    char const c = piece.bytes[0];
    bool const control = piece.kind == Terminal_stream::Kind::control;
    if (piece.kind == Terminal_stream::Kind::text || c == '\n' || (control && c == '\t')) {
        append(guest.label, guest.line, piece.bytes, piece.count);
    } else if (control && c != '\r') {
        append(guest.label, guest.line, ".", 1);
    }
}

/// \param bytes one character
void Console::append(char const *label, Line &line, char const *bytes, unsigned count)
{
    bool const end = *bytes == '\n';
    if (end || line.length + count > Line::capacity) {
        put_line(label, line);
    }
    for (unsigned n = 0; n != count && !end; ++n) {
        line.text[line.length++] = bytes[n];
    }
}

/// A whole line, never in the middle of another one; it is empty afterwards.
void Console::put_line(char const *label, Line &line)
{
    start_line();
    if (label) {
        put("[");
        put(label);
        put("] ");
    }
    for (unsigned i = 0; i < line.length; ++i) {
        hooks_.put(line.text[i]);
    }
    put("\r\n");
    line.length = 0;
}

void Console::write_foreground(char c)
{
    mid_line_ = c == '\n' ? false : c == '\r' ? mid_line_ : true;
    guests_[foreground_].stream.take(c, [](Terminal_stream::Piece) {});
    hooks_.put(c);
}

/// Leaves the foreground guest's unfinished line where it is; the guest goes
/// on in a new one. A sequence that it has begun and not ended would take
/// what follows for a part of itself, and CAN is its end (ECMA-48 8.3.6).
void Console::start_line()
{
    in_text_ = nobody;
    if (foreground_ != nobody && guests_[foreground_].stream.open()) {
        guests_[foreground_].stream = {};
        hooks_.put(cancel);
        mid_line_ = true;
    }
    if (mid_line_) {
        put("\r\n");
        mid_line_ = false;
    }
}

void Console::command(char c)
{
    if (c >= '1' && c < static_cast<char>('1' + max_guests)) {
        return switch_to(static_cast<unsigned>(c - '1'));
    }
    if (c == command_key) {
        if (foreground_ != nobody) {
            hooks_.input(foreground_, c);
        }
        return;
    }
    start_line();
    if (c == 'c') {
        return hooks_.counters();
    }
    help();
}

void Console::switch_to(unsigned guest)
{
    start_line();
    if (!guests_[guest].running) {
        put("vambrace: console: guest ");
        hooks_.put(static_cast<char>('1' + guest));
        return put(" does not run\r\n");
    }
    foreground_ = guest;
    announce();
    // What it has written of its line so far, for example a
    // prompt. Of a sequence, nothing has reached the terminal.
    Line &line = guests_[guest].line;
    Terminal_stream const before = guests_[guest].stream;
    guests_[guest].stream = {};
    for (unsigned i = 0; i < line.length; ++i) {
        write_foreground(line.text[i]);
    }
    line.length = 0;
    for (unsigned i = 0; i < before.pending(); ++i) {
        write_foreground(before.pending_byte(i));
    }
}

void Console::announce()
{
    put("vambrace: console: guest ");
    hooks_.put(static_cast<char>('1' + foreground_));
    put(" (");
    put(guests_[foreground_].label);
    put(")\r\n");
}

void Console::help()
{
    put("vambrace: console: Ctrl-V and then: 1..8 guest, c counters, Ctrl-V sends Ctrl-V, h this help\r\n");
}

} // namespace vambrace
