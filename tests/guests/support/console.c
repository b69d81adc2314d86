// SPDX-License-Identifier: Apache-2.0
// The guest's console: an emulated PL011 that is always ready.
#include "base.h"
#include <stdarg.h>

__attribute__((weak)) void put(char c) // weak: native/ has its own
{
    if (c == '\n')
        *uart(0) = '\r';
    *uart(0) = (u8)c;
}

static void put_string(char const *text)
{
    while (*text)
        put(*text++);
}

static void put_number(u32 value, u32 radix)
{
    char digits[12];
    u32 n = 0;
    do {
        u32 const digit = value % radix;
        digits[n++] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        value /= radix;
    } while (value);
    while (n)
        put(digits[--n]);
}

static void put_argument(char kind, va_list *arguments)
{
    switch (kind) {
    case 's': return put_string(va_arg(*arguments, char const *));
    case 'c': return put((char)va_arg(*arguments, int));
    case 'x': put_string("0x"); return put_number(va_arg(*arguments, u32), 16);
    case 'u':
    case 'd': return put_number(va_arg(*arguments, u32), 10);
    default: put(kind);
    }
}

void vprint(char const *format, va_list *arguments)
{
    for (; *format; ++format) {
        if (*format != '%')
            put(*format);
        else
            put_argument(*++format, arguments);
    }
}

void print(char const *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprint(format, &arguments);
    va_end(arguments);
}
