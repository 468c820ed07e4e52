/* SPDX-License-Identifier: Apache-2.0 */
/* protocols_list: the protocols, and of edk2's versions what each changed. */
#include "sim/cli/protocols_list.h"

#include "models/machine/setup.h"
#include "models/protocol/edk2.h"

/* The first version that is the same rendezvous as this one. */
static const step_protocol *same_rendezvous(const step_protocol *version)
{
    const step_protocol *first = version;

    while (first > edk2_protocols && ((first[-1].era ^ version->era) & EDK2_RENDEZVOUS) == 0)
        first--;
    return first;
}

static void print_changes(uint64_t changed, FILE *out)
{
    static const char *const parts[] = {
        [EDK2_STEPS] = "", [EDK2_DEFAULTS] = "default: ", [EDK2_LEFT_OUT] = "not modelled: "};

    for (int i = 0; i < EDK2_CHANGE_COUNT; i++) {
        const edk2_change *c = &edk2_changes[i];

        if (changed >> i & 1)
            (void)fprintf(out, "      %s%s%s%s%s\n", parts[c->part], c->what,
                          *c->commit ? " (" : "", c->commit, *c->commit ? ")" : "");
    }
}

void protocols_list_print(FILE *out)
{
    const step_protocol *p;

    for (int i = 0; (p = setup_protocol_at(i)); i++) {
        int later = i > 0 && i < edk2_protocol_count;
        const step_protocol *first = later ? same_rendezvous(p) : p;

        (void)fprintf(out, "  %-15s %s%s%s\n", p->name, p->summary,
                      first == p ? "" : ": the rendezvous of ", first == p ? "" : first->name);
        if (later)
            print_changes(p->era & ~p[-1].era, out);
    }
}
