/* SPDX-License-Identifier: Apache-2.0 */
/* file: writes and reads checksummed records. */
#include "sim/sweep/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAGIC = SWEEP_FILE_MAGIC,
    HASH = 8,
    HEAD = 16,
    KEY_MAX = 1 << 20,
    RECORD = 32,
    READ_MIN = 64 * 1024
};
enum { TRIES_MAX = 1000 /* each may read the rest of the file once more */ };
static const char magic[] = "smmjrnl2";
#define MARK UINT64_C(0x524d4d53) /* "SMMR" */

int sweep_file_begins(const char head[SWEEP_FILE_MAGIC], int64_t length)
{
    const int64_t family = SWEEP_FILE_MAGIC - 1; /* the last one is the version */

    return length >= 0 && memcmp(head, magic, (size_t)(length < family ? length : family)) == 0;
}

void sweep_file_head(bytes *to, const char *key)
{
    size_t begin = to->length;

    SIM_ASSERT(strlen(key) < KEY_MAX);
    bytes_add(to, magic, MAGIC);
    bytes_add_u64(to, strlen(key));
    bytes_add(to, key, strlen(key));
    bytes_add_u64(to, bytes_hash(BYTES_HASH, to->at + begin, to->length - begin));
}

void sweep_file_record(bytes *to, sweep_file_entry *entry, const bytes *result)
{
    size_t begin = to->length;

    SIM_ASSERT(result->length <= UINT32_MAX && entry->first <= entry->point);
    entry->length = (uint32_t)result->length;
    bytes_add_u64(to, MARK << 32 | entry->length);
    bytes_add_u64(to, entry->point);
    bytes_add_u64(to, (uint64_t)entry->ordinal << 32 | entry->repetition);
    bytes_add_u64(to, entry->first);
    bytes_add(to, result->at, result->length);
    bytes_add_u64(to, bytes_hash(BYTES_HASH, to->at + begin, to->length - begin));
}

/* ---- bytes ------------------------------------------------------------------------------ */

static int wake(sweep_file *f)
{
    if (f->fd < 0)
        f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
    return f->fd >= 0;
}

/* Makes `length` bytes available in the buffer; 0 if the file has fewer. */
static int fill(sweep_file *f, size_t length)
{
    size_t left = f->buffer.length - f->used;

    SIM_ASSERT(f->used <= f->buffer.length);
    if (left >= length)
        return 1;
    if (!wake(f))
        return 0;
    if (left > 0)
        memmove(f->buffer.at, f->buffer.at + f->used, left);
    f->used = 0;
    f->buffer.length = left;
    while (f->buffer.length < length) {
        size_t want = length - f->buffer.length;
        uint8_t *to;
        ssize_t n;

        want = want < f->read_min ? f->read_min : want;
        to = bytes_extend(&f->buffer, want);
        n = pread(f->fd, to, want, (off_t)(f->offset + f->buffer.length - want));
        f->buffer.length -= want - (n > 0 ? (size_t)n : 0);
        if (n == 0 || (n < 0 && errno != EINTR))
            return 0;
    }
    return 1;
}

static void skip(sweep_file *f, size_t length)
{
    SIM_ASSERT(length <= f->buffer.length - f->used);
    f->used += length;
    f->offset += length;
}

/* Back to what may not be in the buffer any more. */
static void back_to(sweep_file *f, uint64_t offset)
{
    const uint64_t back = f->offset - offset;

    SIM_ASSERT(offset <= f->offset);
    f->offset = offset;
    if (back <= f->used)
        f->used -= (size_t)back;
    else
        f->buffer.length = f->used = 0;
}

/* ---- opening ---------------------------------------------------------------------------- */

static int read_head(sweep_file *f, char **key)
{
    bytes_reader r;
    uint64_t length;
    size_t hashed;

    if (!fill(f, HEAD) || memcmp(f->buffer.at, magic, MAGIC) != 0)
        return 0;
    r = bytes_read(f->buffer.at + MAGIC, HEAD - MAGIC);
    length = bytes_get_u64(&r);
    hashed = HEAD + (size_t)length;
    if (length >= KEY_MAX || !fill(f, hashed + HASH))
        return 0;
    r = bytes_read(f->buffer.at + hashed, HASH);
    if (bytes_get_u64(&r) != bytes_hash(BYTES_HASH, f->buffer.at, hashed))
        return 0;
    *key = strndup((const char *)f->buffer.at + HEAD, (size_t)length);
    skip(f, hashed + HASH);
    return 1;
}

int sweep_file_open(const char *path, sweep_file *out, char **key)
{
    /* a pipe counts as empty, and is not waited for */
    *out = (sweep_file){.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), .read_min = READ_MIN};
    if (out->fd < 0)
        return -errno;
    out->path = strdup(path);
    if (read_head(out, key))
        return 1;
    out->headless = out->buffer.length > 0;
    out->ended = 1;
    return 0;
}

void sweep_file_rest(sweep_file *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    f->fd = -1;
}

void sweep_file_close(sweep_file *f)
{
    sweep_file_rest(f);
    bytes_free(&f->buffer);
    free(f->path);
    f->path = NULL;
}

/* ---- records ---------------------------------------------------------------------------- */

typedef enum { WHOLE, CHANGED, SHORT } verdict;

/* A part of a result after the other: memory is there for many files. */
static verdict read_record(sweep_file *f, sweep_file_entry *entry)
{
    bytes_reader r;
    uint64_t word, hash;

    if (!fill(f, RECORD))
        return SHORT;
    r = bytes_read(f->buffer.at + f->used, RECORD);
    hash = bytes_hash(BYTES_HASH, r.at, RECORD);
    word = bytes_get_u64(&r);
    if (word >> 32 != MARK)
        return CHANGED;
    entry->length = (uint32_t)word;
    entry->point = bytes_get_u64(&r);
    word = bytes_get_u64(&r);
    entry->repetition = (uint32_t)word;
    entry->ordinal = (uint32_t)(word >> 32);
    entry->first = bytes_get_u64(&r);
    skip(f, RECORD);
    entry->offset = f->offset;
    for (size_t left = entry->length, part; left > 0; left -= part) {
        part = left < f->read_min ? left : f->read_min;
        if (!fill(f, part))
            return SHORT;
        hash = bytes_hash(hash, f->buffer.at + f->used, part);
        skip(f, part);
    }
    if (!fill(f, HASH))
        return SHORT;
    r = bytes_read(f->buffer.at + f->used, HASH);
    skip(f, HASH);
    return bytes_get_u64(&r) == hash ? WHOLE : CHANGED;
}

/* Whether there is something that looks like a record; goes on to it. */
static int find_mark(sweep_file *f)
{
    for (; fill(f, RECORD); skip(f, 1)) {
        bytes_reader r = bytes_read(f->buffer.at + f->used, RECORD);

        if (bytes_get_u64(&r) >> 32 == MARK)
            return 1;
    }
    return 0;
}

static void end(sweep_file *f)
{
    f->ended = 1;
    bytes_free(&f->buffer);
    f->used = 0;
}

int sweep_file_next(sweep_file *f, sweep_file_entry *entry)
{
    int fault = SWEEP_FAULTS; /* none since the last whole record */

    while (!f->ended) {
        const uint64_t begin = f->offset;
        const verdict v = read_record(f, entry);

        if (v == WHOLE && entry->ordinal - f->next <= INT32_MAX) {
            f->lost[SWEEP_DAMAGED] += entry->ordinal - f->next;
            f->next = entry->ordinal + 1;
            return 1;
        }
        if (v == WHOLE) { /* one that was there before */
            f->lost[SWEEP_IMPLAUSIBLE]++;
            continue;
        }
        back_to(f, begin);
        if (fault == SWEEP_FAULTS)
            fault = v == SHORT ? SWEEP_CUT : SWEEP_DAMAGED;
        if (!fill(f, 1)) { /* no byte more: an end as it should be */
            end(f);
            break;
        }
        skip(f, 1);
        if (++f->tries <= TRIES_MAX && find_mark(f))
            continue;
        f->lost[fault]++;
        f->rest_lost = 1;
        end(f);
    }
    return 0;
}

int sweep_file_result(sweep_file *f, const sweep_file_entry *entry, bytes *result)
{
    const size_t length = entry->length;
    size_t done = 0;
    uint8_t *to;

    SIM_ASSERT(entry->offset > 0);
    bytes_clear(result);
    to = bytes_extend(result, length);
    /* The record that was read last is still in the buffer, if that holds all of it. */
    if (!f->ended && entry->offset + length + HASH == f->offset && f->used >= length + HASH) {
        memcpy(to, f->buffer.at + f->used - HASH - length, length);
        return 1;
    }
    if (!wake(f))
        return 0;
    while (done < length) {
        ssize_t n = pread(f->fd, to + done, length - done, (off_t)(entry->offset + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return 0;
    }
    return 1;
}
