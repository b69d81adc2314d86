// SPDX-License-Identifier: Apache-2.0
// Foreground characters, background lines, log lines, and the keys that belong to the hypervisor.
#include <core/console.hpp>

namespace vambrace {

namespace {

/// Control characters act on a screen that is somebody else's.
char harmless(char c)
{
    bool const control = (static_cast<u8>(c) < 0x20 && c != '\t') || c == 0x7f;
    return control ? '.' : c;
}

} // namespace

void Console::guest_started(unsigned guest, char const *label)
{
    guests_[guest].label = label;
    guests_[guest].running = true;
    if (foreground_ == nobody) {
        foreground_ = guest;
    }
}

void Console::guest_stopped(unsigned guest)
{
    guests_[guest].running = false;
    if (guests_[guest].line.length) {
        put_line(guests_[guest].label, guests_[guest].line);
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

void Console::write(unsigned guest, char c)
{
    if (guest == foreground_) {
        return write_foreground(c);
    }
    Guest &from = guests_[guest];
    if (c != '\r' && !in_sequence(from, c)) {
        append(from.label, from.line, c == '\n' ? c : harmless(c));
    }
}

void Console::write_log(char c) { append(nullptr, log_, c); }

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

/// ECMA-48 5.4: ESC and one character, or ESC [ and everything up to a character from @ to ~. A newline ends
/// it in any case, so that a guest cannot hide what follows.
bool Console::in_sequence(Guest &guest, char c)
{
    Sequence const before = guest.sequence;
    bool const goes_on = before == Sequence::control && (c < '@' || c > '~');
    if (c == '\n') {
        guest.sequence = Sequence::none;
        return false;
    }
    if (c == '\x1b') {
        guest.sequence = Sequence::escape;
        return true;
    }
    guest.sequence = goes_on || (before == Sequence::escape && c == '[') ? Sequence::control : Sequence::none;
    return before != Sequence::none;
}

void Console::append(char const *label, Line &line, char c)
{
    if (c == '\n' || line.length == Line::capacity) {
        put_line(label, line);
    }
    if (c != '\n') {
        line.text[line.length++] = c;
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
    hooks_.put(c);
}

/// Leaves the foreground guest's unfinished line where it is; the guest goes on in a new one.
void Console::start_line()
{
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
    // What it has written of its line so far, for example a prompt.
    Line &line = guests_[guest].line;
    for (unsigned i = 0; i < line.length; ++i) {
        write_foreground(line.text[i]);
    }
    line.length = 0;
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
