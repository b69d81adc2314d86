// SPDX-License-Identifier: Apache-2.0
// Shares the board's one console among the guests and the hypervisor.
#pragma once
#include <kernel/limits.hpp>
#include <kernel/terminal_stream.hpp>

namespace vambrace {

/// One guest is in the foreground: its output goes out as it comes, the keys go to it. The other guests'
/// output and the hypervisor's log come out as whole lines, a guest's with its label before it. Guests are
/// numbered from 0 here and from 1 for the user.
class Console {
  public:
    struct Hooks {
        void (*put)(char c);                   ///< to the board's UART
        void (*input)(unsigned guest, char c); ///< a key for this guest
        void (*counters)();                    ///< prints the counters, by log
    };
    static constexpr unsigned nobody = max_guests;

    constexpr explicit Console(Hooks hooks) : hooks_ {hooks} {}

    /// The guest runs (again). The first one that runs is in the foreground.
    /// \pre guest < max_guests; the label lives as long as the console, is printable and at most max_label
    /// long
    void guest_started(unsigned guest, char const *label);
    /// Its last words are printed; if it was in the foreground the next guest that runs takes its place.
    void guest_stopped(unsigned guest);
    unsigned foreground() const { return foreground_; }

    /// Output of a guest.
    void write(unsigned guest, char c)
    {
        if (guest != in_text_ || !Terminal_stream::is_text(c)) [[unlikely]]
            return follow(guest, c);
        hooks_.put(c);
    }
    /// Output of the hypervisor: comes out when its line is complete.
    void write_log(char c);
    /// Brings out what there is of an unfinished log line: before the board stops.
    void flush_log();
    /// A key from the board's UART.
    void key(char c);

  private:
    /// Text of a line that is not complete yet; a longer line comes out in pieces.
    struct Line {
        static constexpr unsigned capacity = 256;
        char text[capacity] = {};
        unsigned length = 0;
    };
    struct Guest {
        char const *label = "";
        bool running = false;
        Terminal_stream stream;
        Line line; ///< of a guest in the background
    };
    static constexpr char command_key = 'V' & 0x1f; // Ctrl-V

    void follow(unsigned guest, char c);
    void put(char const *text);
    void write_background(Guest &guest, char c);
    void append_piece(Guest &guest, Terminal_stream::Piece piece);
    void append(char const *label, Line &line, char const *bytes, unsigned count);
    void put_line(char const *label, Line &line);
    void write_foreground(char c);
    void start_line();
    void command(char c);
    void switch_to(unsigned guest);
    void announce();
    void help();

    Hooks hooks_;
    Guest guests_[max_guests] = {};
    Line log_ = {};
    unsigned foreground_ = nobody;
    /// The guest in the foreground, if it has begun a line and nothing else: what is text follows.
    unsigned in_text_ = nobody;
    bool mid_line_ = false;  ///< the foreground guest has begun a line on the screen
    bool commanded_ = false; ///< the last key was Ctrl-V
};

} // namespace vambrace
