/* SPDX-License-Identifier: Apache-2.0 */
/* png_ink: says how large a PNG is, how many colours it has, and how much of it is not background.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads what cairo writes: 8 bits a channel, RGB or RGBA, not interlaced. Anything else ends the
 * program with status 1 and a line. */
static _Noreturn void refuse(const char *why)
{
    (void)fprintf(stderr, "png_ink: %s\n", why);
    exit(1);
}

static void *room(size_t size)
{
    void *p = calloc(1, size + 1);

    if (!p)
        refuse("no memory");
    return p;
}

/* ---- inflate (RFC 1951) ----------------------------------------------------------------- */

typedef struct {
    const uint8_t *in;
    size_t size, at; /* bytes */
    uint32_t bit;    /* in the byte at `at` */
    uint8_t *out;
    size_t out_size, used;
} stream;

static uint32_t bits(stream *s, int count)
{
    uint32_t value = 0;

    for (int i = 0; i < count; i++) {
        if (s->at >= s->size)
            refuse("compressed data is cut off");
        value |= (uint32_t)(s->in[s->at] >> s->bit & 1) << i;
        s->bit = (s->bit + 1) & 7;
        s->at += s->bit == 0;
    }
    return value;
}

static void put(stream *s, uint8_t byte)
{
    if (s->used >= s->out_size)
        refuse("more pixels than the picture has");
    s->out[s->used++] = byte;
}

enum { LENGTHS = 15, SYMBOLS = 320 };
typedef struct {
    uint16_t count[LENGTHS + 1]; /* codes of each length */
    uint16_t symbol[SYMBOLS];    /* in the order of their codes */
} code;

static void make_code(code *c, const uint8_t *length, int symbols)
{
    uint16_t next[LENGTHS + 2] = {0};

    memset(c, 0, sizeof *c);
    for (int i = 0; i < symbols; i++)
        c->count[length[i]]++;
    c->count[0] = 0;
    for (int l = 1; l <= LENGTHS; l++)
        next[l + 1] = (uint16_t)(next[l] + c->count[l]);
    for (int i = 0; i < symbols; i++)
        if (length[i])
            c->symbol[next[length[i]]++] = (uint16_t)i;
}

static uint32_t decode(stream *s, const code *c)
{
    int32_t word = 0;
    int32_t first = 0;
    int32_t index = 0;

    for (int l = 1; l <= LENGTHS; l++) {
        word |= (int32_t)bits(s, 1);
        if (word - first < c->count[l])
            return c->symbol[index + word - first];
        index += c->count[l];
        first = (first + c->count[l]) << 1;
        word <<= 1;
    }
    refuse("no such code");
}

static void copy(stream *s, uint32_t symbol, const code *distances)
{
    static const uint16_t base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t more[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                   2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    uint32_t length;
    uint32_t d;
    uint32_t back;

    if (symbol > 285)
        refuse("no such length");
    length = base[symbol - 257] + bits(s, more[symbol - 257]);
    d = decode(s, distances);
    back = d < 4 ? d + 1 : ((2 + (d & 1)) << (d / 2 - 1)) + 1;
    back += d < 4 ? 0 : bits(s, (int)(d / 2 - 1));
    if (back > s->used)
        refuse("a copy from before the beginning");
    while (length-- > 0)
        put(s, s->out[s->used - back]);
}

static void read_codes(stream *s, code *literals, code *distances)
{
    static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t length[SYMBOLS] = {0};
    int count = (int)bits(s, 5) + 257;
    int all = count + (int)bits(s, 5) + 1;
    int orders = (int)bits(s, 4) + 4;

    for (int i = 0; i < orders; i++)
        length[order[i]] = (uint8_t)bits(s, 3);
    make_code(literals, length, 19);
    memset(length, 0, sizeof length);
    for (int i = 0; i < all;) {
        uint32_t symbol = decode(s, literals);
        uint8_t value = symbol < 16 ? (uint8_t)symbol : symbol == 16 && i > 0 ? length[i - 1] : 0;
        uint32_t times = symbol < 16    ? 1
                         : symbol == 16 ? 3 + bits(s, 2)
                         : symbol == 17 ? 3 + bits(s, 3)
                                        : 11 + bits(s, 7);

        while (times-- > 0 && i < SYMBOLS)
            length[i++] = value;
    }
    make_code(literals, length, count);
    make_code(distances, length + count, all - count);
}

static void fixed_codes(code *literals, code *distances)
{
    uint8_t length[SYMBOLS];

    for (int i = 0; i < 288; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(literals, length, 288);
    memset(length, 5, 30);
    make_code(distances, length, 30);
}

static void stored(stream *s)
{
    uint32_t length;

    s->at += s->bit != 0;
    s->bit = 0;
    length = bits(s, 16);
    (void)bits(s, 16);
    while (length-- > 0)
        put(s, (uint8_t)bits(s, 8));
}

static void inflate(stream *s)
{
    code literals;
    code distances;
    uint32_t last = 0;

    while (!last) {
        uint32_t kind;
        uint32_t symbol;

        last = bits(s, 1);
        kind = bits(s, 2);
        if (kind == 0) {
            stored(s);
            continue;
        }
        if (kind == 3)
            refuse("no such block");
        if (kind == 1)
            fixed_codes(&literals, &distances);
        else
            read_codes(s, &literals, &distances);
        while ((symbol = decode(s, &literals)) != 256) {
            if (symbol < 256)
                put(s, (uint8_t)symbol);
            else
                copy(s, symbol, &distances);
        }
    }
}

/* ---- PNG -------------------------------------------------------------------------------- */

typedef struct {
    uint32_t width, height, channels;
    uint8_t *data; /* a filter byte before each row */
} picture;

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int paeth(int a, int b, int c)
{
    int pa = abs(b - c);
    int pb = abs(a - c);
    int pc = abs(a + b - 2 * c);

    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static void unfilter(picture *p)
{
    size_t row = (size_t)p->width * p->channels;

    for (uint32_t y = 0; y < p->height; y++) {
        uint8_t *line = p->data + y * (row + 1) + 1;
        const uint8_t *above = y > 0 ? line - row - 1 : NULL;

        for (size_t x = 0; x < row; x++) {
            int a = x >= p->channels ? line[x - p->channels] : 0;
            int b = above ? above[x] : 0;
            int c = above && x >= p->channels ? above[x - p->channels] : 0;
            const int add[] = {0, a, b, (a + b) / 2, paeth(a, b, c)};

            if (line[-1] > 4)
                refuse("no such filter");
            line[x] = (uint8_t)(line[x] + add[line[-1]]);
        }
    }
}

static void read_picture(const uint8_t *file, size_t size, picture *p)
{
    uint8_t *packed = room(size);
    size_t used = 0;
    stream s;

    if (size < 33 || memcmp(file, "\x89PNG\r\n\x1a\n", 8) != 0)
        refuse("not a PNG");
    p->width = big_endian(file + 16);
    p->height = big_endian(file + 20);
    p->channels = file[25] == 6 ? 4 : 3;
    if (file[24] != 8 || (file[25] != 2 && file[25] != 6) || file[28] != 0 || p->width > 20000 ||
        p->height > 20000)
        refuse("not 8 bits RGB or RGBA");
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = big_endian(file + at);

        if (length > size - at - 12)
            refuse("a chunk is cut off");
        if (memcmp(file + at + 4, "IDAT", 4) == 0) {
            memcpy(packed + used, file + at + 8, length);
            used += length;
        }
        at += length + 12;
    }
    s = (stream){.in = packed, .size = used, .at = 2}; /* behind the head of zlib's format */
    s.out_size = ((size_t)p->width * p->channels + 1) * p->height;
    s.out = p->data = room(s.out_size);
    inflate(&s);
    if (s.used != s.out_size)
        refuse("fewer pixels than the picture has");
    free(packed);
    unfilter(p);
}

static void count_ink(const picture *p, uint32_t wanted)
{
    uint8_t *seen = room((1u << 24) / 8);
    uint64_t ink = 0;
    uint32_t colours = 0;

    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            const uint8_t *at =
                p->data + y * ((size_t)p->width * p->channels + 1) + 1 + (size_t)x * p->channels;
            uint32_t colour = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];

            ink += colour == wanted;
            colours += !(seen[colour / 8] >> colour % 8 & 1);
            seen[colour / 8] |= (uint8_t)(1 << colour % 8);
        }
    (void)printf("%u %u %u %llu\n", p->width, p->height, colours, (unsigned long long)ink);
    free(seen);
}

/* png_ink FILE: prints width, height, number of colours, number of pixels that are not background.
 */
int main(int argc, char **argv)
{
    enum { MOST = 64 << 20 };
    FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
    uint8_t *file = room(MOST);
    picture p;
    size_t size;

    if (!f)
        refuse("usage: png_ink FILE RRGGBB");
    size = fread(file, 1, MOST, f);
    (void)fclose(f);
    read_picture(file, size, &p);
    count_ink(&p, (uint32_t)strtoul(argv[2], NULL, 16));
    free(p.data);
    free(file);
    return 0;
}
