/* SPDX-License-Identifier: Apache-2.0 */
/* test_dist: distributions are read, refused, printed and drawn as their definitions say. */
#include "tests/scratch.h"
#include "sim/lib/bytes.h"
#include "sim/lib/dist.h"
#include "sim/lib/rng.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define FULL PS_MAX

static dist *parse(const char *text)
{
    sim_err err = {""};
    dist *d = NULL;

    if (dist_parse(text, ".", &d, &err) != SIM_OK)
        fail_msg("\"%s\" refused: %s", text, err.text);
    return d;
}

static void write_text(const char *path, const char *text)
{
    scratch_write(path, text, strlen(text));
}

/* The word of which `part` / `whole` are not above. */
static uint64_t word_of(uint64_t part, uint64_t whole)
{
    return (uint64_t)(((unsigned __int128)part << 64) / whole);
}

static uint64_t random_word(uint64_t i)
{
    rng_address address = {.seed = 2, .ordinal = i};

    return rng_word(&address);
}

static void canonical_text_reads_back(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"0", "0"},
        {"3300ns", "3.3us"},
        {" 3.3 us ", "3.3us"},
        {"uniform( 1us ,\t3000 ns )", "uniform(1us,3us)"},
        {"uniform(1us,1us)", "uniform(1us,1us)"},
        {"exp(50us)", "exp(50us)"},
        {"exp(0)", "exp(0)"},
        {"exp (50us)", "exp(50us)"},
        {"lognormal(2us,40%)", "lognormal(2us,0.4)"},
        {"pareto(1us,1ms,1.5)", "pareto(1us,1ms,1.5)"},
        {"mix(0.95:1us,0.05:exp(133us))", "mix(0.95:1us,0.05:exp(133us))"},
        {"mix(1:exp(1us))", "mix(1:exp(1us))"},
        {" mix ( 5% : exp( 1us ) , 95 % : 0 ) ", "mix(0.05:exp(1us),0.95:0)"},
        {"mix(0.5:mix(0.25:mix(1:mix(1:1us)),0.75:uniform(0,1us)),0.5:mix(1:2us))",
         "mix(0.5:mix(0.25:mix(1:mix(1:1us)),0.75:uniform(0,1us)),0.5:mix(1:2us))"},
        {"1100h", "1100h"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[200], again[200];
        dist *d = parse(cases[i][0]);
        int length = dist_print(d, text, sizeof text);
        assert_string_equal(text, cases[i][1]);
        assert_int_equal(length, strlen(text));
        dist *back = parse(text);
        (void)dist_print(back, again, sizeof again);
        assert_string_equal(again, text);
        for (uint64_t k = 0; k < 100; k++)
            assert_int_equal(dist_draw(d, random_word(k)), dist_draw(back, random_word(k)));
        assert_int_equal(dist_mean(d), dist_mean(back));
        dist_free(d);
        dist_free(back);
    }
    dist_free(NULL);
}

static void a_short_buffer_is_not_overrun(void **state)
{
    (void)state;
    char text[12] = "###########";
    dist *d = parse("mix(0.95:1us,0.05:exp(133us))");
    assert_int_equal(dist_print(d, text, 8), 29);
    assert_string_equal(text, "mix(0.9");
    assert_string_equal(text + 8, "###");
    assert_int_equal(dist_print(d, NULL, 0), 29);
    dist_free(d);
}

#define KINDS "(use uniform, exp, lognormal, pareto, table or mix"
#define UNITS "(use ps, ns, us, ms, s, min or h"
static const char *const bad_texts[][2] = {
    {"", "empty (write for example 3.3us)"},
    {"5", "\"5\": a time needs a unit " UNITS ")"},
    {"5 usec", "\"5 usec\": unknown unit \"usec\" " UNITS "; did you mean \"us\"?)"},
    {"-1us", "\"-1us\": negative (a duration is 0 or more)"},
    {"3960001s", "\"3960001s\": too long (at most 1100h)"},
    {"1us,2us", "\"1us,2us\": unknown unit \"us,2us\" " UNITS ")"},
    {"fast", "\"fast\": neither a duration nor a distribution (write for example 3.3us or "
             "exp(50us))"},
    {"NaN", "\"NaN\": neither a duration nor a distribution (write for example 3.3us or "
            "exp(50us))"},
    {"expo(50us)", "unknown distribution \"expo\" " KINDS "; did you mean \"exp\"?)"},
    {"gauss(1us,2us)", "unknown distribution \"gauss\" " KINDS ")"},
    {"(1us)", "unknown distribution \"\" " KINDS ")"},
    {"exp()", "exp: mean: empty (write for example 3.3us)"},
    {"exp(50)", "exp: mean: \"50\": a time needs a unit " UNITS ")"},
    {"exp(-50us)", "exp: mean: \"-50us\": negative (a duration is 0 or more)"},
    {"exp(1us,2us)", "exp: 2 values instead of 1 (write for example exp(50us))"},
    {"exp(50us", "exp: no \")\" at the end (write for example exp(50us))"},
    {"exp(50us))", "\")\" is left over at the end (remove it)"},
    {"exp(50us) 3", "\"3\" is left over at the end (remove it)"},
    {"exp(uniform(1us,2us))",
     "exp: \"(\" among the values (only the parts of a mix are distributions)"},
    {"uniform(1us)", "uniform: 1 values instead of 2 (write for example uniform(1us,3us))"},
    {"uniform(3us,1us)", "uniform: from 3us to 1us is backwards (the smaller one first)"},
    {"uniform(1us,-3us)", "uniform: to: \"-3us\": negative (a duration is 0 or more)"},
    {"lognormal(2us,-0.1)", "lognormal: sigma: \"-0.1\": out of range (0 to 10)"},
    {"lognormal(2us,10.1)", "lognormal: sigma: \"10.1\": out of range (0 to 10)"},
    {"lognormal(2us,4us)",
     "lognormal: sigma: \"4us\": unknown unit \"us\" (use a plain number or %)"},
    {"pareto(1ms,1us,1.5)", "pareto: from 1ms to 1us is backwards (the smaller one first)"},
    {"pareto(0,1us,1.5)", "pareto: from is 0 (it must be above 0)"},
    {"pareto(1us,1ms,0)", "pareto: index: \"0\": out of range (0.01 to 100)"},
    {"pareto(1us,1ms,101)", "pareto: index: \"101\": out of range (0.01 to 100)"},
    {"mix()", "mix: \"\": a part without a weight (write mix(0.95:1us,0.05:exp(133us)))"},
    {"mix(1us,2us)", "mix: \"1us\": a part without a weight (write mix(0.95:1us,0.05:exp(133us)))"},
    {"mix(0.5:1us,0.4:2us)", "mix: the weights add up to 0.9 (they must add up to 1)"},
    {"mix(0.5:1us,0.500000000001:2us)",
     "mix: the weights add up to 1.000000000001 (they must add up to 1)"},
    {"mix(0:1us,1:2us)", "mix: weight: \"0\": out of range (above 0, to 1)"},
    {"mix(-1:1us,2:2us)", "mix: weight: \"-1\": out of range (above 0, to 1)"},
    {"mix(x:1us)", "mix: weight: \"x\": not a number (write for example 0.05 or 5%)"},
    {"mix(1:)", "empty (write for example 3.3us)"},
    {"mix(1:1us", "mix: no \")\" at the end (write for example mix(0.95:1us,0.05:exp(133us)))"},
    {"mix(1:exp(1us)", "mix: no \")\" at the end (write for example "
                       "mix(0.95:1us,0.05:exp(133us)))"},
    {"mix(0.5:mix(0.5:1us),0.5:2us)", "mix: the weights add up to 0.5 (they must add up to 1)"},
    {"mix(1:exp(1us) 3)", "\"3)\" is left over at the end (remove it)"},
    {"mix(1:1us))", "\")\" is left over at the end (remove it)"},
    {"mix(0.5:1us,)", "mix: \"\": a part without a weight (write mix(0.95:1us,0.05:exp(133us)))"},
    {"mix(1:mix(1:mix(1:mix(1:mix(1:1us)))))", "mix: more than 4 inside each other"},
    {"table()", "table: no file (write table(file.csv))"},
};

static void bad_texts_are_refused_with_advice(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bad_texts); i++) {
        sim_err err = {""};
        dist *d = NULL;
        if (dist_parse(bad_texts[i][0], NULL, &d, &err) == SIM_OK)
            fail_msg("\"%s\" accepted", bad_texts[i][0]);
        assert_string_equal(err.text, bad_texts[i][1]);
        assert_null(d);
    }
}

/* 64 nodes are a mix of 63 parts. */
static void too_many_parts_are_refused(void **state)
{
    (void)state;
    char text[2000] = "mix(";
    size_t length = 4;
    for (int i = 0; i < 63; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s:1us",
                                   i > 0 ? "," : "", i == 62 ? "0.38" : "0.01");
    (void)snprintf(text + length, sizeof text - length, ")");
    dist_free(parse(text));
    (void)snprintf(text + length - 8, sizeof text - length + 8, "0.37:1us,0.01:1us)");
    sim_err err = {""};
    dist *d = NULL;
    assert_int_equal(dist_parse(text, NULL, &d, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "more than 64 parts (use a table)");
}

static void a_very_long_word_is_refused(void **state)
{
    (void)state;
    char text[400];
    sim_err err = {""};
    dist *d = NULL;
    memset(text, '1', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(dist_parse(text, NULL, &d, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "\"11111111111111111111...\": too long (at most 255 bytes)");
}

static void constants_are_constant(void **state)
{
    (void)state;
    static const char *const same[] = {"3.3us", "uniform(3.3us,3.3us)", "lognormal(3.3us,0)",
                                       "pareto(3.3us,3.3us,2)", "mix(0.5:3.3us,0.5:mix(1:3.3us))"};
    for (size_t i = 0; i <= LENGTH(same); i++) {
        dist *d = i < LENGTH(same) ? parse(same[i]) : dist_constant(3300000);
        assert_true(dist_is_constant(d));
        assert_int_equal(dist_mean(d), 3300000);
        for (uint64_t k = 0; k < 50; k++)
            assert_int_equal(dist_draw(d, random_word(k) >> k), 3300000);
        assert_int_equal(dist_draw(d, UINT64_MAX), 3300000);
        dist_free(d);
    }
    dist *d = parse("exp(1us)");
    assert_false(dist_is_constant(d));
    dist_free(d);
}

/* Quantiles from their formulas, computed with 30 digits; the draw may differ by 1 in 10^8. */
static void quantiles_are_the_analytic_ones(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t part, whole; /* the quantile */
        double ps;
    } cases[] = {
        {"exp(1s)", 1, 2, 693147180559.945},
        {"exp(1s)", 1, 1000, 1000500333.58353},
        {"exp(1s)", 999999, 1000000, 13815510557964.3},
        {"lognormal(1s,0.4)", 1, 2, 1e12},
        {"lognormal(1s,0.4)", 975, 1000, 2190184077208.61},
        {"lognormal(1s,0.4)", 25, 1000, 456582627189.264},
        {"pareto(1ms,1s,1.5)", 1, 4, 1211405215.6816},
        {"pareto(1ms,1s,1.5)", 1, 2, 1587367587.4975},
        {"pareto(1ms,1s,1.5)", 15, 16, 6347597080.08507},
        {"pareto(1ms,1s,1)", 1, 4, 1332889036.98767},
        {"pareto(1ms,1s,1)", 15, 16, 15763546798.0296},
        {"pareto(1ms,1s,0.2)", 1, 2, 10436046602.2119},
        {"pareto(1ms,1s,0.2)", 15, 16, 425594752068.821},
        {"pareto(1ms,1s,50)", 3, 4, 1028113826.65607},
        {"uniform(1s,3s)", 3, 4, 2500000000000.0},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        dist *d = parse(cases[i].text);
        double got = (double)dist_draw(d, word_of(cases[i].part, cases[i].whole));
        if (!(got > cases[i].ps * (1 - 1e-8) && got < cases[i].ps * (1 + 1e-8)))
            fail_msg("%s at %d/%d: %.0f", cases[i].text, (int)cases[i].part, (int)cases[i].whole,
                     got);
        dist_free(d);
    }
}

static const char *const rising[] = {
    "uniform(1us,3us)",
    "uniform(0,3960000s)",
    "exp(50us)",
    "exp(3ps)",
    "exp(3960000s)",
    "lognormal(2us,0.4)",
    "lognormal(1s,10)",
    "pareto(1us,1ms,1.5)",
    "pareto(1us,1ms,1)",
    "pareto(1ps,1000000s,0.01)",
    "pareto(1ps,1000000s,100)",
    "pareto(1us,1.000001us,3)",
    "table(some.csv)",
};

static void draws_rise_with_the_word_and_keep_the_bounds(void **state)
{
    (void)state;
    write_text("some.csv", "latency,count\n1us,3\n2us,1\n5us,4\n");
    for (size_t i = 0; i < LENGTH(rising); i++) {
        dist *d = parse(rising[i]);
        int64_t most = dist_max(d) == PS_NEVER ? FULL : dist_max(d);
        int64_t first = dist_draw(d, 0), last = dist_draw(d, UINT64_MAX);
        assert_int_equal(first, dist_min(d));
        assert_true(last <= most);
        for (uint64_t k = 0; k < 4000; k++) {
            uint64_t word = random_word(k) >> (k % 60);
            word = k % 2 != 0 ? ~word : word;
            uint64_t above = word + (UINT64_C(1) << (k % 61)) * (k / 7 % 3);
            int64_t draw = dist_draw(d, word);
            assert_true(draw >= first && draw <= last);
            if (above > word)
                assert_true(dist_draw(d, above) >= draw);
        }
        dist_free(d);
    }
    assert_int_equal(unlink("some.csv"), 0);
}

static void unbounded_kinds_saturate(void **state)
{
    (void)state;
    dist *d = parse("exp(3960000s)");
    assert_int_equal(dist_draw(d, UINT64_MAX), FULL);
    assert_int_equal(dist_max(d), PS_NEVER);
    dist_free(d);
    d = parse("lognormal(1000000s,10)");
    assert_int_equal(dist_draw(d, UINT64_MAX), FULL);
    assert_int_equal(dist_draw(d, 0), 0);
    assert_int_equal(dist_mean(d), FULL);
    dist_free(d);
    d = parse("pareto(1us,1ms,1.5)");
    assert_int_equal(dist_max(d), PS_PER_MS);
    assert_int_equal(dist_draw(d, UINT64_MAX), PS_PER_MS);
    dist_free(d);
}

static void means_are_the_analytic_ones(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t mean, tolerance;
    } cases[] = {
        {"uniform(1ps,4ps)", 2, 0}, /* 2.5, half to even */
        {"uniform(2ps,5ps)", 4, 0},
        {"uniform(0,1100h)", FULL / 2, 0},
        {"exp(50us)", 50000000, 0},
        {"lognormal(1s,0.4)", 1083287067675, 100},
        {"pareto(1ms,1s,1.5)", 2905223541, 1},
        {"pareto(1ms,1s,1)", 6914669949, 1},
        {"pareto(1ms,1s,0.2)", 83528595307, 10},
        {"pareto(1ms,1s,2)", 1998001998, 1},
        {"pareto(1ms,1s,50)", 1020408163, 1},
        {"pareto(1s,1000001us,2)", 1000000500000, 1},
        {"pareto(1ps,1100h,0.01)", 74831319584022750, 100000000},
        {"mix(0.95:1us,0.05:exp(133us))", 7600000, 0},
        {"mix(0.5:mix(0.5:1us,0.5:3us),0.25:0,0.25:exp(8us))", 3000000, 0},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        dist *d = parse(cases[i].text);
        int64_t error = dist_mean(d) - cases[i].mean;
        if (error > cases[i].tolerance || error < -cases[i].tolerance)
            fail_msg("%s: %lld", cases[i].text, (long long)dist_mean(d));
        dist_free(d);
    }
}

/* 2^16 words in equal steps: what is left is the cut of the tail. */
static void the_mean_of_many_draws_is_the_mean(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "uniform(1us,3us)",
        "exp(50us)",
        "lognormal(2us,0.4)",
        "lognormal(2us,1)",
        "pareto(1us,1ms,1.5)",
        "pareto(1us,1ms,0.2)",
        "table(some.csv)",
        "mix(0.95:1us,0.05:exp(133us))",
        "mix(0.1:mix(0.3:1us,0.7:exp(2us)),0.9:uniform(1us,7us))",
    };
    write_text("some.csv", "latency,count\n1us,3\n2us,1\n5us,4\n");
    for (size_t i = 0; i < LENGTH(texts); i++) {
        dist *d = parse(texts[i]);
        int64_t sum = 0;
        for (uint64_t k = 0; k < 65536; k++)
            sum += dist_draw(d, k << 48 | UINT64_C(1) << 47);
        double ratio = (double)sum / 65536 / (double)dist_mean(d);
        if (!(ratio > 0.998 && ratio < 1.002))
            fail_msg("%s: %.6f of its mean", texts[i], ratio);
        dist_free(d);
    }
    assert_int_equal(unlink("some.csv"), 0);
}

static void uniform_gives_each_value_its_share(void **state)
{
    (void)state;
    dist *d = parse("uniform(3ps,5ps)");
    assert_int_equal(dist_draw(d, 0), 3);
    assert_int_equal(dist_draw(d, word_of(1, 3)), 3);
    assert_int_equal(dist_draw(d, word_of(1, 3) + 1), 4);
    assert_int_equal(dist_draw(d, word_of(2, 3)), 4);
    assert_int_equal(dist_draw(d, word_of(2, 3) + 1), 5);
    assert_int_equal(dist_draw(d, UINT64_MAX), 5);
    dist_free(d);
}

static void a_mix_stretches_the_word_for_its_parts(void **state)
{
    (void)state;
    dist *d = parse("mix(0.25:uniform(0,999ps),0.75:uniform(1000ps,1999ps))");
    static const int64_t wanted[] = {0, 250, 500, 750, 1000, 1083, 1166, 1250, 1333, 1416, 1500};
    for (uint64_t i = 0; i < LENGTH(wanted); i++)
        assert_in_range(dist_draw(d, word_of(i, 16) + 1000), wanted[i], wanted[i] + 1);
    assert_int_equal(dist_draw(d, word_of(1, 4) - 1), 999);
    assert_int_equal(dist_draw(d, UINT64_MAX), 1999);
    dist_free(d);
    /* One part is the part itself, bit for bit. */
    dist *mix = parse("mix(1:mix(1:exp(1s)))"), *part = parse("exp(1s)");
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(dist_draw(mix, random_word(i)), dist_draw(part, random_word(i)));
    dist_free(mix);
    dist_free(part);
}

static void weights_are_kept_to_the_last_digit(void **state)
{
    (void)state;
    dist *d = parse("mix(0.000000000001:9ps,0.999999999998:5ps,0.000000000001:7ps)");
    uint64_t share = word_of(1, 1000000000000);
    assert_int_equal(dist_draw(d, 0), 9);
    assert_int_equal(dist_draw(d, share - 1), 9);
    assert_int_equal(dist_draw(d, share), 5);
    assert_int_equal(dist_draw(d, 0 - share - 2), 5);
    assert_int_equal(dist_draw(d, 0 - share), 7);
    assert_int_equal(dist_draw(d, UINT64_MAX), 7);
    assert_int_equal(dist_min(d), 5);
    assert_int_equal(dist_max(d), 9);
    dist_free(d);
}

static void a_table_draws_each_value_as_often_as_counted(void **state)
{
    (void)state;
    char text[64];
    write_text("some.csv", "# measured\ncount,latency\n4,5us\n0,1ms\n2,1us\n1,2 us\n1,1000 ns\n");
    dist *d = parse("table( some.csv )");
    for (uint64_t i = 0; i < 8; i++) {
        int64_t wanted = i < 3 ? PS_PER_US : i < 4 ? 2 * PS_PER_US : 5 * PS_PER_US;
        assert_int_equal(dist_draw(d, i << 61), wanted);
        assert_int_equal(dist_draw(d, (i << 61) + (UINT64_MAX >> 3)), wanted);
    }
    assert_int_equal(dist_min(d), PS_PER_US);
    assert_int_equal(dist_max(d), 5 * PS_PER_US);
    assert_int_equal(dist_mean(d), 3125000);
    (void)dist_print(d, text, sizeof text);
    assert_string_equal(text, "table(some.csv)");
    dist_free(d);
    assert_int_equal(unlink("some.csv"), 0);
}

static void the_order_of_a_tables_rows_is_not_part_of_its_hash(void **state)
{
    static const char *const texts[] = {"latency,count\n7ns,1\n7ns,2\n7ns,3\n5ns,9\n",
                                        "latency,count\n5ns,9\n7ns,3\n7ns,1\n7ns,2\n"};
    uint64_t hash[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        write_text("rows.csv", texts[i]);
        dist *d = parse("table(rows.csv)");
        hash[i] = dist_hash_tables(d, BYTES_HASH);
        dist_free(d);
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[0] == UINT64_C(0xf4500f3ddbdb8285)); /* rows as little-endian numbers */
    assert_int_equal(unlink("rows.csv"), 0);
}

static void a_table_is_looked_for_in_its_folder(void **state)
{
    (void)state;
    sim_err err;
    dist *d;
    assert_int_equal(mkdir("sub", 0700), 0);
    write_text("sub/t.csv", "latency,count\n7ns,1\n");
    assert_int_equal(dist_parse("mix(0.5:table(t.csv),0.5:7ns)", "sub", &d, &err), SIM_OK);
    assert_true(dist_is_constant(d));
    dist_free(d);
    assert_int_equal(dist_parse("table(sub/t.csv)", "", &d, &err), SIM_OK);
    dist_free(d);
    assert_int_equal(dist_parse("table(t.csv)", NULL, &d, &err), SIM_BAD_INPUT);
    assert_int_equal(strncmp(err.text, "t.csv: ", 7), 0);
    assert_int_equal(unlink("sub/t.csv"), 0);
    assert_int_equal(rmdir("sub"), 0);
}

static void bad_tables_are_refused_with_their_place(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"latency,count\n1us,1\n5,1\n", "bad.csv:3:1: \"5\": a time needs a unit " UNITS ")"},
        {"latency,count\n-1us,1\n", "bad.csv:2:1: \"-1us\": negative (a duration is 0 or more)"},
        {"latency,count\n1us,1.5\n",
         "bad.csv:2:2: \"1.5\": not a whole number (write for example 8)"},
        {"latency,count\n1us,-1\n", "bad.csv:2:2: \"-1\": negative (a count is 0 or more)"},
        {"latency,count\n1us,9223372036854775807\n2us,1\n",
         "bad.csv:3:2: the counts add up to more than 2^63 - 1 (scale them down)"},
        {"latency,count\n1us,0\n", "bad.csv:1:2: nothing to draw (at least one count above 0)"},
        {"latency,count\n", "bad.csv:1:2: nothing to draw (at least one count above 0)"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        sim_err err = {""};
        dist *d = NULL;
        write_text("bad.csv", cases[i][0]);
        assert_int_equal(dist_parse("mix(1:table(bad.csv))", NULL, &d, &err), SIM_BAD_INPUT);
        assert_string_equal(err.text, cases[i][1]);
    }
    assert_int_equal(unlink("bad.csv"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(canonical_text_reads_back),
    cmocka_unit_test(a_short_buffer_is_not_overrun),
    cmocka_unit_test(bad_texts_are_refused_with_advice),
    cmocka_unit_test(too_many_parts_are_refused),
    cmocka_unit_test(a_very_long_word_is_refused),
    cmocka_unit_test(constants_are_constant),
    cmocka_unit_test(quantiles_are_the_analytic_ones),
    cmocka_unit_test(draws_rise_with_the_word_and_keep_the_bounds),
    cmocka_unit_test(unbounded_kinds_saturate),
    cmocka_unit_test(means_are_the_analytic_ones),
    cmocka_unit_test(the_mean_of_many_draws_is_the_mean),
    cmocka_unit_test(uniform_gives_each_value_its_share),
    cmocka_unit_test(a_mix_stretches_the_word_for_its_parts),
    cmocka_unit_test(weights_are_kept_to_the_last_digit),
    cmocka_unit_test(a_table_draws_each_value_as_often_as_counted),
    cmocka_unit_test(the_order_of_a_tables_rows_is_not_part_of_its_hash),
    cmocka_unit_test(a_table_is_looked_for_in_its_folder),
    cmocka_unit_test(bad_tables_are_refused_with_their_place),
};

int main(void)
{
    return cmocka_run_group_tests_name("dist", tests, scratch_enter, scratch_leave);
}
