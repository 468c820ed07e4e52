/* SPDX-License-Identifier: Apache-2.0 */
/* program: what the threads of the operating system do, as a flat list of calls. */
#ifndef SMMSIM_MODELS_PROTOCOL_PROGRAM_H
#define SMMSIM_MODELS_PROTOCOL_PROGRAM_H

#include "sim/lib/base.h"
#include "sim/lib/dist.h"

#define CALL_KINDS(X)                                                  \
    X(GET, "get", "GetVariable")                                       \
    X(SIZE, "size", "GetVariable without a buffer, to learn the size") \
    X(NEXT, "next", "GetNextVariableName")                             \
    X(SET, "set", "SetVariable")                                       \
    X(APPEND, "append", "SetVariable with the append attribute")       \
    X(DELETE, "delete", "SetVariable of size 0")                       \
    X(QUERY, "query", "QueryVariableInfo")                             \
    X(SMI, "smi", "a write to port 0xB2 that no handler knows")        \
    X(JOB, "job", "an SMI whose handler starts procedures on APs")     \
    X(COMPUTE, "compute", "the thread uses its CPU")                   \
    X(HOLD, "hold", "a CPU is held")

#define CALL_ID(id, name, meaning) CALL_##id,
typedef enum { CALL_KINDS(CALL_ID) CALL_KIND_COUNT } call_kind;
#undef CALL_ID
extern const char *const call_names[CALL_KIND_COUNT];

/* What the caller sees. */
typedef enum {
    STATUS_SUCCESS,
    STATUS_NOT_FOUND,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_OUT_OF_RESOURCES,
    STATUS_NOT_STARTED, /* the procedure of a job */
    STATUS_COUNT
} call_status;
extern const char *const status_names[STATUS_COUNT];

#define PROGRAM_CALLER (-1)  /* on caller.cpu */
#define PROGRAM_ALL_APS (-1) /* a job for every AP */
enum { PROGRAM_VARIABLES_MAX = 4096, PROGRAM_THREADS_MAX = 8192 };

typedef struct {
    dist *think;       /* before the call; NULL: none; shared by the calls of a line */
    dist *time;        /* CALL_COMPUTE, CALL_HOLD: how long; else NULL; shared likewise */
    uint32_t variable; /* its number */
    uint32_t bytes;    /* of data */
    uint32_t skip;     /* index of the call to go on with when this one fails */
    uint32_t line;     /* of the file */
    int32_t cpu;       /* or PROGRAM_CALLER */
    int32_t target;    /* CALL_JOB: AP, or PROGRAM_ALL_APS */
    uint8_t kind;      /* call_kind */
    uint8_t first;     /* first call of the operation written in the file */
    uint8_t syscall;   /* a read or write of a file begins here */
    uint8_t reserved[5];
} program_call;
_Static_assert(sizeof(program_call) == 48, "no padding");

typedef struct {
    uint32_t from, to; /* its calls */
} program_thread;
_Static_assert(sizeof(program_thread) == 8, "no padding");

typedef struct {
    uint32_t name_bytes; /* UCS-2, with the terminating NUL */
    uint32_t bytes;      /* stored at the start */
    uint8_t exists;      /* at the start */
    uint8_t reserved[3];
} program_variable;
_Static_assert(sizeof(program_variable) == 12, "no padding");

typedef struct {
    program_call *call;
    program_thread *thread;
    program_variable *variable;
    dist **dist; /* all that calls of a file point to */
    uint32_t calls, threads, variables, dists;
    uint64_t digest; /* of the file's bytes */
} program;
_Static_assert(sizeof(program) == 56, "no padding");

#endif
