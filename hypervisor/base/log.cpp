// SPDX-License-Identifier: Apache-2.0
// Formats the hypervisor's log: a small printf without a buffer, so that it works before memory does.
#include <base/log.hpp>
#include <cstdarg>

namespace vambrace {

namespace {

Log_sink sink = nullptr;

/// How one conversion is laid out.
struct Layout {
    unsigned width;
    char pad;
};

void put(char c) { sink(c); }

void pad(Layout layout, unsigned length)
{
    for (; length < layout.width; ++length) {
        put(layout.pad);
    }
}

void put_text(char const *text, Layout layout)
{
    if (!text) {
        text = "(none)";
    }
    unsigned length = 0;
    while (text[length]) {
        ++length;
    }
    pad({layout.width, ' '}, length);
    while (*text) {
        put(*text++);
    }
}

void put_number(unsigned value, unsigned base, bool negative, Layout layout)
{
    char digits[10];
    unsigned length = 0;
    do {
        digits[length++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative && layout.pad == '0') {
        put('-');
    }
    pad(layout, length + negative);
    if (negative && layout.pad != '0') {
        put('-');
    }
    while (length) {
        put(digits[--length]);
    }
}

/// Reads "08" and the like; `format` stands behind the percent sign and is moved behind what was read.
Layout read_layout(char const *&format)
{
    Layout layout {0, ' '};
    if (*format == '0') {
        layout.pad = '0';
        ++format;
    }
    while (*format >= '0' && *format <= '9') {
        layout.width = layout.width * 10 + static_cast<unsigned>(*format++ - '0');
    }
    while (*format == 'l') { // long is as wide as int here
        ++format;
    }
    return layout;
}

void put_conversion(char kind, Layout layout, std::va_list *arguments)
{
    switch (kind) {
    case 's': return put_text(va_arg(*arguments, char const *), layout);
    case 'c': return put(static_cast<char>(va_arg(*arguments, int)));
    case 'u': return put_number(va_arg(*arguments, unsigned), 10, false, layout);
    case 'x': return put_number(va_arg(*arguments, unsigned), 16, false, layout);
    case 'd': {
        int const value = va_arg(*arguments, int);
        unsigned const magnitude = static_cast<unsigned>(value);
        return put_number(value < 0 ? 0 - magnitude : magnitude, 10, value < 0, layout);
    }
    default: return put(kind); // %%
    }
}

} // namespace

void log_to(Log_sink new_sink) { sink = new_sink; }

void log(char const *format, ...)
{
    if (!sink) {
        return;
    }
    std::va_list arguments;
    va_start(arguments, format);
    while (*format) {
        if (*format != '%') {
            put(*format++);
            continue;
        }
        Layout const layout = read_layout(++format);
        if (!*format) {
            break;
        }
        put_conversion(*format++, layout, &arguments);
    }
    va_end(arguments);
}

} // namespace vambrace
