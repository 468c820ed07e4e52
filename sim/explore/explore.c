/* SPDX-License-Identifier: Apache-2.0 */
/* explore: breadth-first search of every state that a model can reach, with shortest violations. */
#include "sim/explore/explore.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/explore/terminal.h" /* circle: the search asks at its end */
#include "sim/lib/team.h"

enum { BLOCK = 64, BATCH = 512, PARALLEL_STATES = 1024 };

/* One thread's share: what it has generated and not yet inserted. */
typedef struct {
    explore_workspace workspace;
    explore_set_writer writer;
    uint64_t *states;
    uint64_t *hashes;
    uint32_t count, room;
    explore_source *sources; /* whose successors they are, in the same order */
    uint32_t source_count;
    uint64_t next_level; /* the first number of the level that is being found */
    explore_terminal_backward backward;
    int notes; /* 1: states without a successor in the next level */
    uint64_t transitions, ends;
    uint32_t violated_states, violated_steps;
    uint8_t apart[EXPLORE_LINE];
} worker;

/* A stretch of a level: threads take blocks of it until it ends, or the room does. */
typedef struct {
    explore *search;
    worker *workers;
    uint64_t to;
    uint64_t margin; /* states that the blocks under way may still bring, at most */
    uint8_t apart[EXPLORE_LINE];
    uint64_t next;
    uint8_t apart_too[EXPLORE_LINE];
} stretch;

void explore_workspace_init(explore_workspace *workspace, const explore_model *model)
{
    SIM_ASSERT(model->fanout > 0 && model->words > 0);
    workspace->scratch = sim_alloc(1, model->scratch_bytes ? model->scratch_bytes : 1);
    workspace->fan = (explore_fan){0};
    workspace->fan.edges = sim_alloc(model->fanout, sizeof *workspace->fan.edges);
    workspace->fan.states = sim_alloc((uint64_t)model->fanout * model->words, sizeof(uint64_t));
}

void explore_workspace_free(explore_workspace *workspace)
{
    free(workspace->scratch);
    free(workspace->fan.edges);
    free(workspace->fan.states);
}

int explore_usual(const explore_fan *fan, int last_actor)
{
    int best = -1;
    uint32_t best_distance = UINT32_MAX;

    for (uint32_t e = 0; e < fan->count; e++) {
        const explore_edge *edge = &fan->edges[e];
        uint32_t distance = ((uint32_t)edge->actor - (uint32_t)last_actor) & 0xffffu;

        if (edge->dead || (best >= 0 && edge->rank > fan->edges[best].rank))
            continue;
        if (best < 0 || edge->rank < fan->edges[best].rank || distance < best_distance) {
            best = (int)e;
            best_distance = distance;
        }
    }
    return best;
}

/* ---- one level -------------------------------------------------------------------------- */

static void worker_init(worker *w, const explore_model *model)
{
    *w = (worker){.room = BATCH + model->fanout};
    explore_workspace_init(&w->workspace, model);
    w->states = sim_alloc((uint64_t)w->room * model->words, sizeof(uint64_t));
    w->hashes = sim_alloc(w->room, sizeof(uint64_t));
    w->sources = sim_alloc(BATCH, sizeof *w->sources);
    free(w->workspace.fan.states); /* successors go straight into the batch */
    w->workspace.fan.states = NULL;
}

static void worker_free(worker *w)
{
    explore_workspace_free(&w->workspace);
    free(w->states);
    free(w->hashes);
    free(w->sources);
    free(w->backward.numbers);
}

/* Most states have a successor in the next level, and so on until an end. The others are kept for
 * explore_terminal: that all of these can reach an end, too, is all that is left to show. */
static void insert_noting(worker *w, explore_set *set)
{
    uint32_t i = 0;

    explore_terminal_backward_reserve(&w->backward, w->source_count);
    for (uint32_t s = 0; s < w->source_count; s++) {
        int deeper = 0;

        for (; i < w->sources[s].last; i++) {
            (void)explore_set_insert(set, &w->writer, &w->states[(uint64_t)i * set->words],
                                     w->hashes[i]);
            deeper |= w->writer.number >= w->next_level;
        }
        if (!deeper)
            w->backward.numbers[w->backward.count++] = w->sources[s].number;
    }
    SIM_ASSERT(i == w->count);
}

static void flush(worker *w, explore_set *set)
{
    explore_set_prefetch_states(set, w->hashes, w->count);
    if (w->notes)
        insert_noting(w, set);
    for (uint32_t i = 0; !w->notes && i < w->count; i++)
        (void)explore_set_insert(set, &w->writer, &w->states[(uint64_t)i * set->words],
                                 w->hashes[i]);
    w->count = 0;
    w->source_count = 0;
}

static void expand_one(worker *w, explore *search, uint64_t number)
{
    const explore_model *model = search->model;
    explore_set *set = &search->set;
    explore_fan *fan = &w->workspace.fan;
    uint64_t *to = &w->states[(uint64_t)w->count * model->words];
    uint32_t kept = 0;

    fan->states = to;
    SIM_ASSERT(w->count < BATCH);
    model->expand(model, w->workspace.scratch, &set->states[number * model->words], fan);
    SIM_ASSERT(fan->count <= model->fanout);
    w->violated_states |= fan->violated;
    for (uint32_t e = 0; e < fan->count; e++) {
        w->violated_steps |= fan->edges[e].violated;
        if (fan->edges[e].dead)
            continue;
        if (kept != e)
            memcpy(&to[(uint64_t)kept * model->words], &to[(uint64_t)e * model->words],
                   model->words * sizeof(uint64_t));
        w->hashes[w->count + kept] =
            explore_set_hash(&to[(uint64_t)kept * model->words], model->words);
        explore_set_prefetch(set, w->hashes[w->count + kept]);
        kept++;
    }
    w->transitions += fan->count;
    w->ends += fan->count == 0;
    w->count += kept;
    SIM_ASSERT(w->count <= w->room && w->source_count < BATCH);
    if (kept)
        w->sources[w->source_count++] =
            (explore_source){.number = (uint32_t)number, .last = w->count};
    fan->states = NULL;
    if (w->count >= BATCH)
        flush(w, set);
}

static int out_of_time(const explore *search)
{
    return search->deadline > 0 && omp_get_wtime() >= search->deadline;
}

int explore_stopped(const explore *search)
{
    return (search->options.stop && *search->options.stop) || out_of_time(search);
}

static void expand_blocks(stretch *s, worker *w)
{
    explore *search = s->search;

    w->next_level = s->to;
    SIM_ASSERT(w->count == 0 && w->source_count == 0);
    w->notes = (search->options.watch & search->options.livelock) != 0;
    while (!explore_stopped(search) && explore_set_has_room(&search->set, s->margin)) {
        uint64_t first = __atomic_fetch_add(&s->next, BLOCK, __ATOMIC_RELAXED);
        uint64_t last = first + BLOCK < s->to ? first + BLOCK : s->to;

        for (uint64_t i = first; i < last; i++)
            expand_one(w, search, i);
        if (last == s->to || first >= s->to)
            break;
    }
    flush(w, &search->set);
}

/* What blocks under way, what waits in batches, and what writers hold. */
static uint64_t margin_of(const explore *search, int threads)
{
    uint64_t fanout = search->model->fanout;

    return (uint64_t)threads * (BLOCK * fanout + BATCH + EXPLORE_SET_TAKEN);
}

/* Expands as much of a level as there is room for; a small one is done before other threads would
 * have woken up. */
static void expand_stretch(stretch *s, int threads)
{
    explore_set_writer *writers[EXPLORE_THREADS_MAX];

    if (threads == 1) {
        expand_blocks(s, &s->workers[0]);
    } else {
#pragma omp parallel num_threads(threads)
        expand_blocks(s, &s->workers[omp_get_thread_num()]);
    }
    for (int t = 0; t < threads; t++)
        writers[t] = &s->workers[t].writer;
    SIM_ASSERT(threads > 0 && threads <= EXPLORE_THREADS_MAX);
    explore_set_close(&s->search->set, writers, threads);
    if (s->next > s->to)
        s->next = s->to;
}

/* ---- the search ------------------------------------------------------------------------- */

static void level_begin(explore *search, uint64_t first)
{
    if (search->level_count == search->level_room) {
        search->level_room = search->level_room ? 2 * search->level_room : 256;
        search->levels =
            sim_realloc(search->levels, (uint64_t)search->level_room, sizeof *search->levels);
    }
    search->levels[search->level_count++] = first;
    SIM_ASSERT(search->level_count <= search->level_room && first <= search->set.count);
}

static void show_progress(const explore *search, const explore_result *result, double start,
                          double *shown)
{
    double now = omp_get_wtime();

    if (!search->options.progress || now - *shown < 0.5)
        return;
    *shown = now;
    (void)fprintf(stderr, "\r%llu states, depth %lld, %.2f M states/s, %llu MiB ",
                  (unsigned long long)search->set.count, (long long)result->depth,
                  (double)search->set.count / (now - start) / 1e6,
                  (unsigned long long)(explore_set_bytes(&search->set) >> 20));
}

/* 0 at the ceiling, and once a stop was requested. */
static int expand_level(explore *search, worker *workers, uint64_t from, uint64_t to)
{
    int threads = to - from >= PARALLEL_STATES ? search->options.threads : 1;
    stretch s = {.search = search, .workers = workers, .to = to, .next = from};

    SIM_ASSERT(from < to && to <= search->set.count);
    s.margin = margin_of(search, threads);
    while (s.next < to) {
        if (explore_stopped(search) || !explore_set_reserve(&search->set, s.margin))
            return 0;
        expand_stretch(&s, threads);
    }
    return 1;
}

static void note_violations(explore *search, worker *workers, int64_t depth, explore_result *result)
{
    uint32_t in_states = 0, in_steps = 0;

    result->transitions = result->ends = 0;
    for (int t = 0; t < search->options.threads; t++) {
        in_states |= workers[t].violated_states;
        in_steps |= workers[t].violated_steps;
        result->transitions += workers[t].transitions;
        result->ends += workers[t].ends;
    }
    in_states &= search->options.watch;
    in_steps &= search->options.watch;
    for (int p = 0; p < EXPLORE_PROPERTIES_MAX; p++) {
        if (result->first[p] != EXPLORE_NO_DEPTH)
            continue;
        if (in_states >> p & 1)
            result->first[p] = depth;
        else if (in_steps >> p & 1)
            result->first[p] = depth + 1;
    }
}

static int any_violation(const explore_result *result)
{
    for (int p = 0; p < EXPLORE_PROPERTIES_MAX; p++)
        if (result->first[p] != EXPLORE_NO_DEPTH)
            return 1;
    return 0;
}

static void search_levels(explore *search, worker *workers, explore_result *result)
{
    double start = omp_get_wtime();
    double shown = start;
    uint64_t from = 0;

    search->deadline = search->options.deadline;
    if (search->options.seconds &&
        (search->deadline <= 0 || start + (double)search->options.seconds < search->deadline))
        search->deadline = start + (double)search->options.seconds;
    for (;;) {
        uint64_t to = search->set.count;

        level_begin(search, from);
        if (from == to) {
            result->all_seen = 1;
            break;
        }
        result->depth = search->level_count - 1;
        if (search->options.deepest && (uint64_t)result->depth > search->options.deepest)
            break;
        if (!expand_level(search, workers, from, to))
            break;
        note_violations(search, workers, result->depth, result);
        if (!search->options.all && any_violation(result)) {
            level_begin(search, to);
            break;
        }
        show_progress(search, result, start, &shown);
        from = to;
    }
    result->seconds = omp_get_wtime() - start;
    if (search->options.progress && shown > start)
        (void)fprintf(stderr, "\r%60s\r", "");
}

/* What only the whole shows: from which states no end can be reached. */
static void judge_terminal(explore *search, worker *workers, explore_result *result)
{
    double start = omp_get_wtime();
    int64_t depth = EXPLORE_NO_DEPTH;

    result->complete = result->all_seen;
    if (!result->all_seen || !(search->options.watch & search->options.livelock))
        return;
    SIM_ASSERT((search->options.livelock & (search->options.livelock - 1)) == 0);
    for (int t = 1; t < search->options.threads; t++)
        explore_terminal_backward_take(&workers[0].backward, &workers[t].backward);
    result->judged_terminal = explore_terminal_judge(search, &workers[0].backward, &depth);
    result->complete = result->judged_terminal;
    result->first[__builtin_ctz(search->options.livelock)] = depth;
    result->seconds += omp_get_wtime() - start;
}

static void insert_first(explore *search, explore_set_writer *writer, const uint64_t *state)
{
    uint64_t hash = explore_set_hash(state, search->model->words);

    if (!explore_set_reserve(&search->set, EXPLORE_SET_TAKEN))
        return;
    (void)explore_set_insert(&search->set, writer, state, hash);
    explore_set_close(&search->set, &writer, 1);
}

sim_status explore_gather(explore_options *options, sim_err *err)
{
    int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    sim_status s;

    threads = threads < EXPLORE_THREADS_MAX ? threads : EXPLORE_THREADS_MAX;
    s = team_gather(threads, &options->threads, err);
    if (s != SIM_OK)
        return s;
    team_tell(options->threads, threads);
    omp_set_num_threads(options->threads); /* for a search that asks for all */
    return SIM_OK;
}

sim_status explore_run(explore *search, const explore_model *model, const explore_options *options,
                       explore_result *result, sim_err *err)
{
    uint64_t state[EXPLORE_WORDS_MAX] = {0};
    worker *workers;
    sim_status status;

    SIM_ASSERT(model->words > 0 && model->words <= EXPLORE_WORDS_MAX);
    *search = (explore){.model = model, .options = *options};
    memset(result, 0, sizeof *result);
    for (int p = 0; p < EXPLORE_PROPERTIES_MAX; p++)
        result->first[p] = EXPLORE_NO_DEPTH;
    if (search->options.threads <= 0)
        search->options.threads = omp_get_max_threads();
    if (search->options.threads > EXPLORE_THREADS_MAX)
        search->options.threads = EXPLORE_THREADS_MAX;
    status = explore_set_init(&search->set, model->words, options->ceiling, err);
    if (status != SIM_OK)
        return status;
    search->set.threads = (uint32_t)search->options.threads;
    workers = sim_alloc((uint64_t)search->options.threads, sizeof *workers);
    for (int t = 0; t < search->options.threads; t++)
        worker_init(&workers[t], model);
    model->initial(model, workers[0].workspace.scratch, state);
    insert_first(search, &workers[0].writer, state);
    search_levels(search, workers, result);
    judge_terminal(search, workers, result);
    result->states = search->set.count;
    SIM_ASSERT(result->states > 0 && search->level_count > 0);
    result->bytes = explore_set_bytes(&search->set);
    result->interrupted = !result->complete && options->stop && *options->stop;
    result->out_of_time = !result->complete && !result->interrupted && out_of_time(search);
    for (int t = 0; t < search->options.threads; t++)
        worker_free(&workers[t]);
    free(workers);
    return SIM_OK;
}

void explore_free(explore *search)
{
    explore_set_free(&search->set);
    free(search->levels);
    free(search->can_terminate);
    *search = (explore){0};
}

/* ---- the way to a violation ------------------------------------------------------------- */

/* Where a walk along shortest ways is. */
typedef struct {
    int64_t depth, length;
    int property;
} way;

/* Does an edge to a marked state of the next level? Others lead back: not a shortest way. */
static int leads(const explore *search, const uint64_t *marks, const way *at, const uint64_t *state)
{
    uint64_t to = explore_set_find(&search->set, state);

    return to != UINT64_MAX && to >= explore_level_first(search, at->depth + 1) &&
           explore_has(marks, to);
}

/* Does edge e, taken here, begin the rest of a shortest way? */
static int edge_on_way(const explore *search, const uint64_t *marks, const way *at,
                       const explore_fan *fan, uint32_t e)
{
    if (at->depth == at->length - 1 && (fan->edges[e].violated >> at->property & 1))
        return 1;
    return !fan->edges[e].dead &&
           leads(search, marks, at, &fan->states[(uint64_t)e * search->model->words]);
}

static int state_on_way(const explore *search, const uint64_t *marks, const way *at,
                        const explore_fan *fan)
{
    if (at->depth == at->length)
        return fan->violated >> at->property & 1;
    for (uint32_t e = 0; e < fan->count; e++)
        if (edge_on_way(search, marks, at, fan, e))
            return 1;
    return 0;
}

static int livelock(const explore *search, const way *at, uint64_t number)
{
    return at->depth == at->length && (search->options.livelock >> at->property & 1) &&
           !explore_has(search->can_terminate, number);
}

static void mark_level(const explore *search, uint64_t *marks, const way *at)
{
    const explore_model *model = search->model;
    uint64_t first = explore_level_first(search, at->depth);
    uint64_t last = explore_level_first(search, at->depth + 1);

#pragma omp parallel num_threads(search->options.threads) if (last - first >= PARALLEL_STATES)
    {
        explore_workspace workspace;

        explore_workspace_init(&workspace, model);
#pragma omp for schedule(dynamic, 64)
        for (uint64_t i = first; i < last; i++) {
            model->expand(model, workspace.scratch, &search->set.states[i * model->words],
                          &workspace.fan);
            if (livelock(search, at, i) || state_on_way(search, marks, at, &workspace.fan))
                explore_put(marks, i);
        }
        explore_workspace_free(&workspace);
    }
}

void explore_trace(const explore *search, int property, int64_t length, uint32_t *labels)
{
    const explore_model *model = search->model;
    uint64_t *marks = sim_alloc(search->set.count / 64 + 1, sizeof *marks);
    uint64_t state[EXPLORE_WORDS_MAX];
    explore_workspace workspace;
    way at = {.length = length, .property = property};

    SIM_ASSERT(property >= 0 && property < EXPLORE_PROPERTIES_MAX);
    SIM_ASSERT(length >= 0 && length <= search->level_count);
    for (at.depth = length; at.depth >= 0; at.depth--)
        mark_level(search, marks, &at);
    SIM_ASSERT(explore_has(marks, 0));
    explore_workspace_init(&workspace, model);
    memcpy(state, search->set.states, model->words * sizeof *state);
    for (at.depth = 0; at.depth < length; at.depth++) {
        uint32_t e = 0;

        model->expand(model, workspace.scratch, state, &workspace.fan);
        while (!edge_on_way(search, marks, &at, &workspace.fan, e)) {
            e++;
            SIM_ASSERT(e < workspace.fan.count);
        }
        labels[at.depth] = workspace.fan.edges[e].label;
        memcpy(state, &workspace.fan.states[(uint64_t)e * model->words],
               model->words * sizeof *state);
    }
    explore_workspace_free(&workspace);
    free(marks);
}
