/* SPDX-License-Identifier: Apache-2.0 */
/* Work of the processor alone, and three macro loads by busybox on a file that is the same everywhere. */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 65536u
#define DIRECTORY "/tmp/bench.macro"
#define BUSYBOX "/bin/busybox"

static char *from, *to;

/* One operation: a thousand rounds. */
static double integers(const struct row *row, unsigned n)
{
    unsigned x = 1, y = 0;

    (void)row;
    for (n *= 1000; n--;) {
        x = x * 1664525u + 1013904223u;
        y ^= x >> 7;
    }
    consume(x + y);
    return 0;
}

static void make_blocks(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    from = malloc(BLOCK);
    to = malloc(BLOCK);
    memset(from, 1, BLOCK);
    memset(to, 2, BLOCK);
}

static double copy(const struct row *row, unsigned n)
{
    (void)row;
    while (n--) {
        memcpy(to, from, BLOCK);
        consume(to[n % BLOCK]);
    }
    return 0;
}

static double set(const struct row *row, unsigned n)
{
    (void)row;
    while (n--) {
        memset(to, n, BLOCK);
        consume(to[n % BLOCK]);
    }
    return 0;
}

static void free_blocks(const struct row *row)
{
    (void)row;
    free(from);
    free(to);
}

static bool has_busybox(void) { return !access(BUSYBOX, X_OK); }

/* Runs a command line; ends the program if it fails. */
static void shell(char const *command)
{
    pid_t const child = start_child();
    int status;

    if (!child) {
        execl(BUSYBOX, "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    check(waitpid(child, &status, 0), "waitpid");
    if (status) {
        fprintf(stderr, "bench: '%s' ended with status %d\n", command, status);
        exit(1);
    }
}

/* Text with the redundancy of source code: words of a small vocabulary, drawn by a fixed generator. */
static void write_text(char const *path, size_t size)
{
    static char const *const words[] = {"static",       "int",
                                        "return",       "if (",
                                        ") {\n\t",      "value",
                                        "struct ",      "->next",
                                        " = ",          ";\n\t",
                                        "while (",      "0x",
                                        "unsigned",     "length",
                                        "}\n\n",        "/* see the manual */",
                                        "const char *", "for (i = 0; i < n; i++)",
                                        "4096",         "1"};
    FILE *const out = fopen(path, "w");
    unsigned x = 12345;

    check(out ? 0 : -1, path);
    for (size_t done = 0; done < size;) {
        x = x * 1664525u + 1013904223u;
        done += fprintf(out, "%s ", words[(x >> 16) % (sizeof(words) / sizeof(words[0]))]);
    }
    fclose(out);
}

static char const compile_like[] =
    "cd " DIRECTORY "\n"
    "rm -f *.o a.out; i=0\n"
    "while [ $i -lt 4 ]; do\n"
    "  i=$((i+1)); f=source$i.c\n"
    "  sed -n \"$((i*40)),$((i*40+120))p\" text > $f\n"
    "  grep -v '^$' $f | sed 's/[[:space:]]*$//' | tr -s ' ' > $f.i\n"
    "  awk '{ n += NF; w[$1]++ } END { for (k in w) s += w[k]; print n, s }' $f.i > $f.s\n"
    "  if [ ! -e $f.o ]; then cat $f.i $f.s | gzip -c > $f.o; fi\n"
    "done\n"
    "cat *.o > a.out && md5sum a.out > sum && test -s sum\n";

static void make_files(const struct row *row, unsigned total)
{
    FILE *script;

    (void)row, (void)total;
    mkdir(DIRECTORY, 0755);
    write_text(DIRECTORY "/text", 256u << 10);
    script = fopen(DIRECTORY "/compile", "w");
    check(script ? 0 : -1, DIRECTORY "/compile");
    fputs(compile_like, script);
    fclose(script);
}

static void remove_files(const struct row *row)
{
    (void)row;
    shell("rm -r " DIRECTORY);
}

static char const *const loads[] = {
    "gzip -c " DIRECTORY "/text > " DIRECTORY "/text.gz",
    "sha256sum " DIRECTORY "/text > " DIRECTORY "/sum",
    ". " DIRECTORY "/compile",
};

static double load(const struct row *row, unsigned n)
{
    while (n--)
        shell(loads[row->a]);
    return 0;
}

#define MACRO(title, count, number)                                                                          \
    {                                                                                                        \
        .name = title, .n = count, .run = load, .setup = make_files, .cleanup = remove_files,                \
        .possible = has_busybox, .a = number                                                                 \
    }

const struct row cpu_rows[] = {
    {.name = "integer_loop", .n = 4000, .run = integers},
    {.name = "memcpy_64k", .n = 2000, .run = copy, .setup = make_blocks, .cleanup = free_blocks},
    {.name = "memset_64k", .n = 3000, .run = set, .setup = make_blocks, .cleanup = free_blocks},
    MACRO("gzip", 2, 0),
    MACRO("sha256", 3, 1),
    MACRO("script", 2, 2),
    {0},
};
