/* SPDX-License-Identifier: Apache-2.0 */
/* test_workload: operations expanded into calls, threads, repeats, times, and every refusal. */
#include "tests/scratch.h"
#include "workloads/workload.h"

#define HEADER "thread,op,name,bytes,think,cpu,repeat\n"

static program load(const char *text, int cpus)
{
    program p;
    sim_err err = {""};

    scratch_write("w.csv", text, strlen(text));
    if (workload_load("w.csv", cpus, &p, &err) != SIM_OK)
        fail_msg("%s", err.text);
    assert_int_equal(unlink("w.csv"), 0);
    return p;
}

/* Kinds of the calls of one thread. */
static void assert_kinds(const program *p, uint32_t thread, const call_kind *kinds, uint32_t count)
{
    assert_true(thread < p->threads);
    assert_int_equal(p->thread[thread].to - p->thread[thread].from, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(p->call[p->thread[thread].from + i].kind, kinds[i]);
}

static void reading_a_file_is_six_calls(void **state)
{
    static const call_kind kinds[] = {CALL_SIZE, CALL_GET,  CALL_SIZE,
                                      CALL_GET,  CALL_SIZE, CALL_GET};
    program p = load(HEADER "0,fread,BootOrder,4B,10us,,\n", 2);

    (void)state;
    assert_kinds(&p, 0, kinds, 6);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(p.call[i].first, i == 0);
        assert_int_equal(p.call[i].syscall, i % 2 == 0); /* three read()s, two calls each */
        assert_int_equal(p.call[i].skip, 6);             /* a failure ends the operation */
        assert_int_equal(p.call[i].variable, 0);
        assert_int_equal(p.call[i].bytes, 4);
        assert_int_equal(p.call[i].line, 2);
        assert_int_equal(p.call[i].cpu, PROGRAM_CALLER);
        assert_int_equal(p.call[i].think != NULL, i == 0);
        assert_null(p.call[i].time);
    }
    assert_int_equal(dist_draw(p.call[0].think, 0), 10 * PS_PER_US);
    workload_free(&p);
}

static void writing_a_file_is_three_calls(void **state)
{
    static const call_kind kinds[] = {CALL_QUERY, CALL_SET, CALL_SIZE};
    program p = load(HEADER "0,fwrite,BootNext,2B,,,\n", 2);

    (void)state;
    assert_kinds(&p, 0, kinds, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(p.call[i].first, i == 0);
        assert_int_equal(p.call[i].syscall, i == 0);
        assert_int_equal(p.call[i].skip, 3);
        assert_null(p.call[i].think);
    }
    workload_free(&p);
}

static void raw_operations_are_one_call_each(void **state)
{
    static const call_kind kinds[] = {CALL_GET,   CALL_NEXT, CALL_SET, CALL_APPEND,  CALL_DELETE,
                                      CALL_QUERY, CALL_SMI,  CALL_JOB, CALL_COMPUTE, CALL_HOLD};
    program p = load(HEADER "0,get,A,1B,,,\n0,next,,,,,\n0,set,A,2B,,,\n0,append,A,3B,,,\n"
                            "0,delete,A,,,,\n0,query,,,,,\n0,smi,,,,,\n0,job,all,,,,\n"
                            "0,compute,5ms,,,,\n0,hold,7ms,,,1,\n",
                     2);

    (void)state;
    assert_kinds(&p, 0, kinds, 10);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(p.call[i].first, 1);
        assert_int_equal(p.call[i].syscall, 0);
        assert_int_equal(p.call[i].skip, i + 1);
        assert_int_equal(p.call[i].line, i + 2);
        assert_int_equal(p.call[i].time != NULL, i >= 8);
    }
    assert_int_equal(p.call[7].target, PROGRAM_ALL_APS);
    assert_int_equal(dist_draw(p.call[8].time, 0), 5 * PS_PER_MS);
    assert_int_equal(dist_draw(p.call[9].time, 0), 7 * PS_PER_MS);
    assert_int_equal(p.call[9].cpu, 1);
    workload_free(&p);
}

/* UEFI: SetVariable of size 0 deletes; a file of efivarfs that is written so is gone. */
static void setting_no_bytes_deletes(void **state)
{
    static const call_kind kinds[] = {CALL_DELETE, CALL_QUERY, CALL_DELETE, CALL_SIZE, CALL_APPEND};
    program p = load(HEADER "0,set,A,0B,,,\n0,fwrite,B,0B,,,\n0,append,C,0B,,,\n", 1);

    (void)state;
    assert_kinds(&p, 0, kinds, 5);
    for (uint32_t v = 0; v < p.variables; v++)
        assert_int_equal(p.variable[v].exists, 0);
    workload_free(&p);
}

static void variables_are_one_for_each_name(void **state)
{
    program p = load(HEADER "0,fread,BootOrder,4B,,,\n0,get,New,,,,\n0,set,Made,10B,,,\n"
                            "1,get,BootOrder,4B,,,\n1,fwrite,Written,3B,,,\n0,get,Empty,0,,,\n",
                     1);

    (void)state;
    assert_int_equal(p.variables, 5);
    assert_int_equal(p.variable[0].name_bytes, 20); /* nine letters and NUL, in UCS-2 */
    assert_int_equal(p.variable[0].bytes, 4);       /* the first row says the size */
    assert_int_equal(p.variable[0].exists, 1);
    assert_int_equal(p.variable[1].exists, 0); /* a read without a size: it is not there */
    assert_int_equal(p.variable[2].exists, 0); /* made by the workload */
    assert_int_equal(p.variable[3].exists, 0);
    assert_int_equal(p.variable[4].exists, 1); /* of size 0 */
    assert_int_equal(p.call[p.thread[1].from].variable, 0);
    workload_free(&p);
}

static void a_size_counts_in_whichever_row_it_stands(void **state)
{
    program p = load(HEADER "0,size,A,,,,\n0,get,A,5B,,,\n0,delete,B,,,,\n0,fread,B,7B,,,\n"
                            "0,set,A,9B,,,\n0,get,A,5B,,,\n",
                     1);

    (void)state;
    assert_int_equal(p.variables, 2);
    for (uint32_t v = 0; v < 2; v++) {
        assert_int_equal(p.variable[v].exists, 1);
        assert_int_equal(p.variable[v].bytes, v == 0 ? 5 : 7);
    }
    workload_free(&p);
}

static void each_is_one_thread_for_each_cpu(void **state)
{
    static const call_kind kinds[] = {CALL_SMI, CALL_COMPUTE, CALL_SMI, CALL_SMI};
    program p = load(HEADER "each,smi,,,1us,,\neach,compute,1us,,,,\n7,query,,,,,\n"
                            "each,smi,,,,2,2\n",
                     3);

    (void)state;
    assert_int_equal(p.threads, 4);
    for (uint32_t t = 0; t < 3; t++) {
        uint32_t from = p.thread[t].from;

        assert_kinds(&p, t, kinds, 4);
        assert_int_equal(p.call[from].cpu, t);
        assert_int_equal(p.call[from + 1].cpu, t);
        assert_int_equal(p.call[from + 2].cpu, 2); /* a CPU that is named stays */
        assert_int_equal(p.call[from + 3].line, 5);
    }
    assert_kinds(&p, 3, (call_kind[]){CALL_QUERY}, 1);
    assert_int_equal(p.call[p.thread[3].from].cpu, PROGRAM_CALLER);
    workload_free(&p);
}

static void threads_keep_the_order_of_their_rows(void **state)
{
    program p = load(HEADER "5,get,A,1B,,,\n2,next,,,,,\n5,query,,,,,\n2,smi,,,,,\n", 1);

    (void)state;
    assert_int_equal(p.threads, 2);
    assert_kinds(&p, 0, (call_kind[]){CALL_GET, CALL_QUERY}, 2);
    assert_kinds(&p, 1, (call_kind[]){CALL_NEXT, CALL_SMI}, 2);
    workload_free(&p);
}

/* A repeated operation thinks before each time, and a failure skips only the one it is in. */
static void repeat_makes_whole_operations(void **state)
{
    program p = load(HEADER "0,fwrite,A,1B,1ms,,3\n0,smi,,,,,\n", 1);

    (void)state;
    assert_int_equal(p.calls, 10);
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(p.call[i].first, i % 3 == 0);
        assert_int_equal(p.call[i].think != NULL, i % 3 == 0);
        assert_int_equal(p.call[i].skip, i / 3 * 3 + 3);
    }
    workload_free(&p);
}

/* 100 000 repetitions on 4 CPUs cost two distributions, not 800 000. */
static void calls_of_a_row_share_its_distributions(void **state)
{
    program p = load(HEADER "each,compute,exp(1us),,\"uniform(1us,2us)\",,100000\n", 4);

    (void)state;
    assert_int_equal(p.calls, 400000);
    assert_int_equal(p.dists, 2);
    for (uint32_t i = 0; i < p.calls; i++) {
        assert_ptr_equal(p.call[i].think, p.call[0].think);
        assert_ptr_equal(p.call[i].time, p.call[0].time);
    }
    workload_free(&p);
}

static void large_tables_are_refused_together(void **state)
{
    enum { VALUES = 700000 };
    char *text = malloc(8 * VALUES);
    size_t used = 14;
    sim_err err = {""};
    program p;

    (void)state;
#ifdef __SANITIZE_ADDRESS__ /* the same code for every value */
    free(text);
    skip();
#endif
    assert_non_null(text);
    memcpy(text, "latency,count\n", used);
    for (int i = 0; i < VALUES; i++, used += 6)
        memcpy(text + used, "1ps,1\n", 6);
    scratch_write("t.csv", text, used);
    free(text);
    text = HEADER "0,smi,,,table(t.csv),,\n0,smi,,,table(t.csv),,\n0,smi,,,table(t.csv),,\n";
    scratch_write("w.csv", text, strlen(text));
    assert_int_equal(workload_load("w.csv", 2, &p, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "w.csv:4:5: think: all tables together have more than 2000000 "
                                  "rows (fewer or smaller ones)");
    text = HEADER "0,smi,,,\"mix(0.5:table(t.csv),0.5:table(t.csv))\",,\n";
    scratch_write("w.csv", text, strlen(text));
    assert_int_equal(workload_load("w.csv", 2, &p, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "w.csv:2:5: think: t.csv:300002:1: more than 1000000 rows in the "
                                  "tables of a distribution (count equal values)");
    assert_int_equal(unlink("w.csv") | unlink("t.csv"), 0);
}

static void optional_columns_may_be_missing(void **state)
{
    program p = load("# a comment\nop,thread\nsmi,0\nsmi,each\n", 2);

    (void)state;
    assert_int_equal(p.threads, 3);
    assert_int_equal(p.calls, 3);
    assert_int_equal(p.call[0].line, 3);
    workload_free(&p);
}

static void job_names_its_ap(void **state)
{
    program p = load(HEADER "0,job,3,,,,\n", 4);

    (void)state;
    assert_int_equal(p.call[0].target, 3);
    workload_free(&p);
}

static const struct {
    const char *text, *message;
} mistakes[] = {
    {"", "w.csv:1:1: "},
    {HEADER, "w.csv:1:1: no operations (at least one row below the header)"},
    {"op,name\n", "w.csv:1:3: no column \"thread\" (add it to the header)"},
    {"thread,name\n", "w.csv:1:3: no column \"op\" (add it to the header)"},
    {"thread,op,nmae\n", "w.csv:1:3: unknown column \"nmae\" (did you mean \"name\"?)"},
    {HEADER "0,smi,,,,,\n0,smj,,,,,\n",
     "w.csv:3:2: unknown operation \"smj\" (did you mean \"smi\"? one of get, size, next, "
     "set, append, delete, query, fread, fwrite, smi, job, compute or hold)"},
    {HEADER "0,explode,,,,,\n",
     "w.csv:2:2: unknown operation \"explode\" (get, size, next, set, append, delete, query, "
     "fread, fwrite, smi, job, compute or hold)"},
    {HEADER "x,smi,,,,,\n", "w.csv:2:1: thread is \"x\" (a number from 0 to 8191, or each)"},
    {HEADER ",smi,,,,,\n", "w.csv:2:1: thread is \"\" (a number from 0 to 8191, or each)"},
    {HEADER "-1,smi,,,,,\n", "w.csv:2:1: thread is \"-1\" (a number from 0 to 8191, or each)"},
    {HEADER "8192,smi,,,,,\n", "w.csv:2:1: thread is \"8192\" (a number from 0 to 8191, or each)"},
    {HEADER "0,smi,,,,2,\n", "w.csv:2:6: cpu is \"2\" (a CPU from 0 to 1, or empty: the caller's)"},
    {HEADER "0,smi,,,,-1,\n",
     "w.csv:2:6: cpu is \"-1\" (a CPU from 0 to 1, or empty: the caller's)"},
    {HEADER "0,smi,,,,1.5,\n",
     "w.csv:2:6: cpu is \"1.5\" (a CPU from 0 to 1, or empty: the caller's)"},
    {HEADER "0,get,,4B,,,\n",
     "w.csv:2:3: get needs a variable (in column name, such as BootOrder)"},
    {HEADER "0,fwrite,,4B,,,\n",
     "w.csv:2:3: fwrite needs a variable (in column name, such as BootOrder)"},
    {"thread,op\n0,delete\n",
     "w.csv:2:1: delete needs a variable (in column name, such as BootOrder)"},
    {HEADER "0,set,A,4,,,\n",
     "w.csv:2:4: bytes: \"4\": a size needs a unit (use B, kB, MB, KiB, MiB or GiB)"},
    {HEADER "0,set,A,-4B,,,\n", "w.csv:2:4: bytes: -4 is out of bounds (0 to 1048576)"},
    {HEADER "0,set,A,2MiB,,,\n", "w.csv:2:4: bytes: 2097152 is out of bounds (0 to 1048576)"},
    {HEADER "0,smi,,,,,0\n", "w.csv:2:7: repeat: 0 is out of bounds (1 to 1000000)"},
    {HEADER "0,smi,,,,,1000001\n", "w.csv:2:7: repeat: 1000001 is out of bounds (1 to 1000000)"},
    {HEADER "0,job,,,,,\n", "w.csv:2:3: job on \"\" (in column name: all, or a CPU from 0 to 1)"},
    {HEADER "0,job,2,,,,\n", "w.csv:2:3: job on \"2\" (in column name: all, or a CPU from 0 to 1)"},
    {HEADER "0,hold,1ms,,,,\n",
     "w.csv:2:6: hold needs a CPU (in column cpu: which one to hold still)"},
    {HEADER "0,hold,,,,1,\n", "w.csv:2:3: hold needs a time (in column name, such as 1ms)"},
    {HEADER "0,compute,,,,,\n", "w.csv:2:3: compute needs a time (in column name, such as 1ms)"},
    {HEADER "0,smi,,,5,,\n",
     "w.csv:2:5: think: \"5\": a time needs a unit (use ps, ns, us, ms, s, min or h)"},
    {HEADER "0,smi,,,,,,\n", "w.csv:2:8: "},
    {HEADER "0,smi,580us,,2s,0,\n", "w.csv:2:3: smi uses no name (leave it empty)"},
    {HEADER "0,query,Foo,4B,,0,\n", "w.csv:2:3: query uses no name (leave it empty)"},
    {HEADER "0,next,A,,,,\n", "w.csv:2:3: next uses no name (leave it empty)"},
    {HEADER "0,query,,4B,,,\n", "w.csv:2:4: query uses no bytes (leave it empty)"},
    {HEADER "0,smi,,0,,,\n", "w.csv:2:4: smi uses no bytes (leave it empty)"},
    {HEADER "0,next,,1B,,,\n", "w.csv:2:4: next uses no bytes (leave it empty)"},
    {HEADER "0,size,A,4B,,,\n", "w.csv:2:4: size uses no bytes (leave it empty)"},
    {HEADER "0,delete,A,4B,,,\n", "w.csv:2:4: delete uses no bytes (leave it empty)"},
    {HEADER "0,job,all,4B,,,\n", "w.csv:2:4: job uses no bytes (leave it empty)"},
    {HEADER "0,compute,1ms,4kB,,0,\n", "w.csv:2:4: compute uses no bytes (leave it empty)"},
    {HEADER "0,hold,1ms,4kB,,0,\n", "w.csv:2:4: hold uses no bytes (leave it empty)"},
    {HEADER "0,get,A,4B,,,\n0,get,A,5B,,,\n",
     "w.csv:3:4: a row before says that this variable has 4 bytes (the same, or empty)"},
    {HEADER "0,set,A,4B,,,\n0,get,A,4B,,,\n",
     "w.csv:3:4: a row before writes this variable, so its size is known (leave bytes empty)"},
    {HEADER "0,smi,,,,,1000000\n0,fread,A,1B,,,666667\n",
     "w.csv:3:7: 5000002 calls up to this row (at most 5000000 in a run: repeat less, and use "
     "--reps)"},
    {HEADER "each,smi,,,,,1000000\neach,smi,,,,,1000000\neach,smi,,,,,1000000\n",
     "w.csv:4:7: 6000000 calls up to this row (at most 5000000 in a run: repeat less, and use "
     "--reps)"},
};

static void mistakes_are_refused_in_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        size_t length = strlen(mistakes[i].message);
        sim_err err = {""};
        program p;

        scratch_write("w.csv", mistakes[i].text, strlen(mistakes[i].text));
        assert_int_equal(workload_load("w.csv", 2, &p, &err), SIM_BAD_INPUT);
        assert_int_equal(unlink("w.csv"), 0);
        /* where the csv module has the word, only the place is this module's */
        if (mistakes[i].message[length - 1] == ' ')
            err.text[length] = '\0';
        assert_string_equal(err.text, mistakes[i].message);
        assert_null(strchr(err.text, '\n'));
        assert_null(p.call); /* nothing is left to free */
    }
}

static void file_that_is_not_there_is_named(void **state)
{
    sim_err err = {""};
    program p;

    (void)state;
    assert_int_equal(workload_load("none.csv", 2, &p, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "none.csv: No such file or directory");
}

static void too_long_a_name_is_refused(void **state)
{
    char text[700] = HEADER "0,get,";
    sim_err err = {""};
    program p;

    (void)state;
    memset(text + strlen(text), 'A', 513);
    strncat(text, ",1B,,,\n", 8);
    scratch_write("w.csv", text, strlen(text));
    assert_int_equal(workload_load("w.csv", 2, &p, &err), SIM_BAD_INPUT);
    assert_string_equal(err.text, "w.csv:2:3: name too long (at most 512 characters)");
    assert_int_equal(unlink("w.csv"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_a_file_is_six_calls),
        cmocka_unit_test(writing_a_file_is_three_calls),
        cmocka_unit_test(raw_operations_are_one_call_each),
        cmocka_unit_test(setting_no_bytes_deletes),
        cmocka_unit_test(variables_are_one_for_each_name),
        cmocka_unit_test(a_size_counts_in_whichever_row_it_stands),
        cmocka_unit_test(each_is_one_thread_for_each_cpu),
        cmocka_unit_test(threads_keep_the_order_of_their_rows),
        cmocka_unit_test(repeat_makes_whole_operations),
        cmocka_unit_test(calls_of_a_row_share_its_distributions),
        cmocka_unit_test(large_tables_are_refused_together),
        cmocka_unit_test(optional_columns_may_be_missing),
        cmocka_unit_test(job_names_its_ap),
        cmocka_unit_test(mistakes_are_refused_in_one_line),
        cmocka_unit_test(file_that_is_not_there_is_named),
        cmocka_unit_test(too_long_a_name_is_refused),
    };

    return cmocka_run_group_tests_name("workload", tests, scratch_enter, scratch_leave);
}
