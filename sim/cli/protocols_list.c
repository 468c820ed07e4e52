/* SPDX-License-Identifier: Apache-2.0 */
/* protocols_list: the protocols, and of edk2's versions what each changed. */
#include "sim/cli/protocols_list.h"

#include "models/machine/setup.h"
#include "models/protocol/edk2.h"
#include "sim/lib/table.h"

/* The first version that is the same rendezvous as this one. */
static const step_protocol *same_rendezvous(const step_protocol *version)
{
    const step_protocol *first = version;

    while (first > edk2_protocols &&
           ((first[-1].features ^ version->features) & EDK2_RENDEZVOUS) == 0)
        first--;
    return first;
}

static void add_changes(uint64_t changed, text_table *t)
{
    static const char *const parts[] = {
        [EDK2_STEPS] = "", [EDK2_DEFAULTS] = "default: ", [EDK2_LEFT_OUT] = "not modelled: "};

    for (int i = 0; i < EDK2_CHANGE_COUNT; i++) {
        const edk2_change *c = &edk2_changes[i];

        if (!(changed >> i & 1))
            continue;
        table_add(t, "%s", "");
        table_add(t, "%s%s%s%s%s", parts[c->part], c->what, *c->commit ? " (" : "", c->commit,
                  *c->commit ? ")" : "");
    }
}

void protocols_list_print(FILE *out)
{
    const step_protocol *p;
    text_table *t = table_new("lw");

    for (int i = 0; (p = setup_protocol_at(i)); i++) {
        int later = i > 0 && i < edk2_protocol_count;
        const step_protocol *first = later ? same_rendezvous(p) : p;

        table_add(t, "%s", p->name);
        table_add(t, "%s%s%s", p->summary, first == p ? "" : ": the rendezvous of ",
                  first == p ? "" : first->name);
        if (later)
            add_changes(p->features & ~p[-1].features, t);
    }
    table_print(t, 2, out);
}
