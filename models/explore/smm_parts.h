/* SPDX-License-Identifier: Apache-2.0 */
/* smm_parts: what the files of explore_smm share among themselves. */
#ifndef SMMSIM_MODELS_EXPLORE_SMM_PARTS_H
#define SMMSIM_MODELS_EXPLORE_SMM_PARTS_H

#include "models/explore/smm.h" /* circle: what its files share */
#include "models/explore/smm_local.h"
#include "models/protocol/handler_plan.h"
#include "models/protocol/steps.h"

enum {
    SMM_POSSIBLE_MAX = EXPLORE_SMM_CPUS_MAX + 2,
    SMM_WORDS_MAX = 7 + 5 * SMM_POSSIBLE_MAX,
    SMM_TSO_CPUS_MAX = 4
};

/* What has happened around the CPUs. */
enum {
    SMM_OWED = 0x01,       /* a trigger that no handler has begun after */
    SMM_OWED_ASYNC = 0x02, /* the same, of the second source */
    SMM_ARRIVED = 0x04,    /* the BSP's wait ended because all had arrived */
    SMM_PROMISED = 0x08,   /* the rendezvous service said success in this handler */
    SMM_SUSPENDED = 0x10   /* the machine has slept and resumed */
};
typedef struct {
    uint64_t latch;       /* CPUs with an SMI pending: a set */
    uint8_t triggers;     /* triggers to come */
    uint8_t handler_plan; /* the handler's next action */
    uint8_t flags;        /* SMM_... */
    uint8_t reserved[5];
} smm_env;
_Static_assert(sizeof(smm_env) == 16, "no padding");

typedef struct {
    uint32_t count;
    struct {
        uint32_t word, value;
    } store[EXPLORE_SMM_BUFFER];
} smm_buffer;

/* A state, unpacked. */
typedef struct {
    smm_env env;
    uint32_t local[EXPLORE_SMM_CPUS_MAX]; /* numbers in `locals` */
    uint32_t words[SMM_WORDS_MAX];
    smm_buffer buffer[SMM_TSO_CPUS_MAX]; /* with TSO */
    uint32_t reserved;
} smm_view;
_Static_assert(sizeof(smm_view) == sizeof(smm_env) + 4 * (EXPLORE_SMM_CPUS_MAX + SMM_WORDS_MAX) +
                                       SMM_TSO_CPUS_MAX * sizeof(smm_buffer) + 4,
               "no padding");

/* Bits of a packed state. A word's value is kept as value + bias. */
typedef struct {
    uint8_t at, shift, width; /* width 0: constant, not kept; then bias makes it of 0 */
    uint8_t folds;            /* FIELD_JOB, whose bit for the token is folded down */
    uint32_t bias;
    uint64_t mask; /* `width` ones */
} smm_field;
_Static_assert(sizeof(smm_field) == 16, "no padding");

/* What a CPU in some row may still do before it leaves: sets of places. */
typedef struct {
    uint32_t reads, writes;
    uint8_t sends; /* a directed SMI */
    uint8_t reserved[3];
} smm_future;
_Static_assert(sizeof(smm_future) == 12, "no padding");

struct explore_smm {
    explore_smm_settings settings;
    step_config config;
    explore_smm_machine machine;
    explore_model model;
    handler_plan services;
    uint32_t differ;              /* fields that between SMIs need not be as at the start: a set */
    uint32_t at[FIELD_KINDS];     /* the first word of the field of each kind, or SMM_NOWHERE */
    uint32_t seen[2], seen_count; /* words that every state is asked for: door and gate */
    uint32_t array[STEP_FIELDS_MAX], arrays; /* the same, of kept fields of every CPU */
    uint32_t scalars;                        /* words in front of them */
    uint32_t word_count;
    uint8_t field_of[SMM_WORDS_MAX];
    uint32_t fresh[SMM_WORDS_MAX]; /* memory at the start */
    smm_field word_field[SMM_WORDS_MAX];
    smm_field local_field[EXPLORE_SMM_CPUS_MAX];
    smm_field latch_field, triggers_field, handler_plan_field, flags_field;
    smm_field buffer_field[SMM_TSO_CPUS_MAX][1 + 2 * EXPLORE_SMM_BUFFER];
    uint16_t kept[SMM_WORDS_MAX]; /* words of width > 0 */
    uint32_t kept_count;
    uint64_t all;  /* CPUs: a set */
    uint64_t same; /* CPUs that are alike but for their number: a set, or 0 */
    uint8_t partial_order;
    uint8_t detours; /* steps need the whole view: TSO, symmetry */
    char reduction[120];
    int first;                           /* the CPU whose rows differ from the others' */
    smm_future future[2][STEP_ROWS_MAX]; /* of the boot CPU, of the others; by row */
    explore_smm_locals locals[EXPLORE_SMM_CPUS_MAX];
};

static inline const explore_smm_local *smm_local(const explore_smm *smm, const smm_view *view,
                                                 int cpu)
{
    return explore_smm_local_at(&smm->locals[cpu], view->local[cpu]);
}
#define SMM_NOWHERE UINT32_MAX
static inline uint32_t smm_array(const explore_smm *smm, step_kind kind, int cpu)
{
    return smm->at[kind] + (uint32_t)cpu;
}

#define SMM_NOTED_MARKS (1u << MARK_WAITED_APS | 1u << MARK_HANDLER | 1u << MARK_HANDLER_END)

/* Without reductions; `bits`: 2^bits private states of each CPU, 0: what the packing allows. */
explore_smm *explore_smm_build(const explore_smm_settings *settings, const step_config *config,
                               int bits);

/* pack */
void explore_smm_pack_layout(explore_smm *smm);
void explore_smm_pack(const explore_smm *smm, const smm_view *view, uint64_t *state);
void explore_smm_unpack(const explore_smm *smm, const uint64_t *state, smm_view *view);
/* All but the words, and only those. */
void explore_smm_unpack_cpus(const explore_smm *smm, const uint64_t *state, smm_view *view);
void explore_smm_unpack_words(const explore_smm *smm, const uint64_t *state, smm_view *view);
enum { SMM_TOKEN = STEP_JOB_TOKEN, SMM_TOKEN_FOLDED = 8 };
static inline uint32_t explore_smm_pack_code(const explore_smm *smm, uint32_t word, uint32_t value)
{
    const smm_field *field = &smm->word_field[word];

    if (field->folds && (value & ~0xfffu) == SMM_TOKEN)
        value = (value & ~(uint32_t)SMM_TOKEN) | SMM_TOKEN_FOLDED;
    return value + field->bias;
}
static inline uint32_t explore_smm_pack_value(const explore_smm *smm, uint32_t word, uint32_t code)
{
    const smm_field *field = &smm->word_field[word];
    uint32_t value = code - field->bias;

    if (field->folds && (value & SMM_TOKEN_FOLDED))
        value = (value & ~(uint32_t)SMM_TOKEN_FOLDED) | SMM_TOKEN;
    return value;
}
static inline int explore_smm_pack_fits(const explore_smm *smm, uint32_t word, uint32_t value)
{
    return (explore_smm_pack_code(smm, word, value) & ~smm->word_field[word].mask) == 0;
}
static inline void smm_put(uint64_t *state, smm_field field, uint64_t value)
{
    state[field.at] = (state[field.at] & ~(field.mask << field.shift)) | value << field.shift;
}
static inline uint64_t smm_get(const uint64_t *state, smm_field field)
{
    return state[field.at] >> field.shift & field.mask;
}
/* One word of a packed state. */
static inline uint32_t smm_word(const explore_smm *smm, const uint64_t *state, uint32_t word)
{
    return explore_smm_pack_value(smm, word, (uint32_t)smm_get(state, smm->word_field[word]));
}
void explore_smm_pack_env(const explore_smm *smm, const smm_env *env, uint64_t *state);
void explore_smm_pack_buffer(const explore_smm *smm, const smm_view *view, int cpu,
                             uint64_t *state);

/* step */
typedef struct {
    uint32_t violated;
    int word;       /* that changed, or -1 */
    uint32_t value; /* it had before */
    uint8_t dead, whole, mark, timed_out;
    const smm_env *env; /* as it was before; packing needs it */
} smm_effect;
typedef enum { SMM_STUCK, SMM_READY, SMM_WAITS } smm_readiness;
smm_readiness explore_smm_readiness(const explore_smm *smm, const smm_view *view, int cpu);
/* Performs one choice, which must be possible, on the view itself. */
void explore_smm_apply(const explore_smm *smm, smm_view *view, uint32_t label, smm_effect *effect);
void explore_smm_initial(const explore_smm *smm, smm_view *view);

/* expand */
uint64_t explore_smm_scratch_bytes(void);
void explore_smm_expand(const explore_model *model, void *scratch, const uint64_t *state,
                        explore_fan *fan);

/* check: properties that a state violates */
typedef struct {
    const smm_view *view;
    const explore_smm_local *const *local; /* of each CPU */
    uint64_t inside;                       /* CPUs: a set */
    uint32_t sections;                     /* of all CPUs together */
} smm_sight;
int explore_smm_check_present(const explore_smm *smm, const smm_view *view); /* every CPU */
/* Does a property ask for more of the memory than smm->seen? */
static inline int explore_smm_check_asks(const explore_smm *smm, const smm_sight *sight)
{
    return smm->settings.handler_plan_length || (sight->sections & STEP_AT_JOB) ||
           (!sight->inside && !(sight->view->env.latch & ~smm->settings.blocked));
}
uint32_t explore_smm_check_state(const explore_smm *smm, const smm_sight *sight);

/* reduce */
void explore_smm_reduce_plan(explore_smm *smm);
int explore_smm_reduce_symmetric(const explore_smm_settings *settings, const step_config *config);
int explore_smm_reduce_single(const explore_smm *smm, const smm_view *view); /* a CPU, or -1 */
int explore_smm_reduce_sort(const explore_smm *smm, const smm_view *view, smm_view *sorted);

#endif
