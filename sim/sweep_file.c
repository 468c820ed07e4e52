/* SPDX-License-Identifier: Apache-2.0 */
/* sweep_file: writes and reads checksummed records. */
#include "sim/sweep_file.h"

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
static const char magic[] = "smmjrnl1";
#define RESULT_MAX (UINT64_C(1) << 32)

int sweep_file_begins(const char head[SWEEP_FILE_MAGIC], int64_t length)
{
    return length >= 0 && memcmp(head, magic, (size_t)length) == 0;
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

void sweep_file_record(bytes *to, const sweep_task *task, uint64_t first, const bytes *result)
{
    size_t begin = to->length;

    SIM_ASSERT(result->length < RESULT_MAX && first <= task->point);
    bytes_add_u64(to, result->length);
    bytes_add_u64(to, task->point);
    bytes_add_u64(to, task->repetition);
    bytes_add_u64(to, first);
    bytes_add(to, result->at, result->length);
    bytes_add_u64(to, bytes_hash(BYTES_HASH, to->at + begin, to->length - begin));
}

/* Makes `length` bytes available in the buffer; 0 if the file has fewer. */
static int fill(sweep_file *f, size_t length)
{
    size_t left = f->buffer.length - f->used;

    if (left >= length)
        return 1;
    if (left > 0)
        memmove(f->buffer.at, f->buffer.at + f->used, left);
    f->used = 0;
    f->buffer.length = left;
    while (f->buffer.length < length) {
        size_t want = length - f->buffer.length;
        uint8_t *to;
        ssize_t n;

        want = want < READ_MIN ? READ_MIN : want > (1 << 20) ? 1 << 20 : want;
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
    f->used += length;
    f->offset += length;
}

static int hash_fits(const uint8_t *at, size_t length)
{
    bytes_reader r = bytes_read(at + length, HASH);

    return bytes_get_u64(&r) == bytes_hash(BYTES_HASH, at, length);
}

static int read_head(sweep_file *f, char **key)
{
    bytes_reader r;
    uint64_t length;

    if (!fill(f, HEAD) || memcmp(f->buffer.at, magic, MAGIC) != 0)
        return 0;
    r = bytes_read(f->buffer.at + MAGIC, HEAD - MAGIC);
    length = bytes_get_u64(&r);
    if (length >= KEY_MAX || !fill(f, HEAD + (size_t)length + HASH) ||
        !hash_fits(f->buffer.at, HEAD + (size_t)length))
        return 0;
    *key = strndup((const char *)f->buffer.at + HEAD, (size_t)length);
    skip(f, HEAD + (size_t)length + HASH);
    return 1;
}

int sweep_file_open(const char *path, sweep_file *out, char **key)
{
    /* a pipe counts as empty, and is not waited for */
    *out = (sweep_file){.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (out->fd < 0)
        return -errno;
    if (read_head(out, key))
        return 1;
    out->ended = 1;
    return 0;
}

void sweep_file_close(sweep_file *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    bytes_free(&f->buffer);
    f->fd = -1;
}

static int read_record(sweep_file *f, sweep_file_entry *entry)
{
    bytes_reader r;

    if (!fill(f, RECORD))
        return 0;
    r = bytes_read(f->buffer.at + f->used, RECORD);
    entry->length = bytes_get_u64(&r);
    entry->point = bytes_get_u64(&r);
    entry->repetition = bytes_get_u64(&r);
    entry->first = bytes_get_u64(&r);
    entry->offset = f->offset + RECORD;
    if (entry->length >= RESULT_MAX || !fill(f, RECORD + (size_t)entry->length + HASH) ||
        !hash_fits(f->buffer.at + f->used, RECORD + (size_t)entry->length))
        return 0;
    skip(f, RECORD + (size_t)entry->length + HASH);
    return 1;
}

int sweep_file_next(sweep_file *f, sweep_file_entry *entry)
{
    if (f->ended)
        return 0;
    if (read_record(f, entry))
        return 1;
    f->ended = 1;
    bytes_free(&f->buffer);
    return 0;
}

int sweep_file_result(const sweep_file *f, const sweep_file_entry *entry, bytes *result)
{
    size_t length = (size_t)entry->length;
    size_t done = 0;
    uint8_t *to;

    bytes_clear(result);
    to = bytes_extend(result, length);
    /* The record that was read last is still in the buffer. */
    if (!f->ended && entry->offset + length + HASH == f->offset && f->used >= length + HASH) {
        memcpy(to, f->buffer.at + f->used - HASH - length, length);
        return 1;
    }
    while (done < length) {
        ssize_t n = pread(f->fd, to + done, length - done, (off_t)(entry->offset + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return 0;
    }
    return 1;
}
