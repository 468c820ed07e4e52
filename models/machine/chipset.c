/* SPDX-License-Identifier: Apache-2.0 */
/* chipset: the rules of ICH9 as QEMU has them (hw/isa/lpc_ich9.c, hw/isa/apm.c). */
#include "models/machine/chipset.h"

#include <string.h>

enum { ACPI_ENABLE = 2, ACPI_DISABLE = 3 };

void chipset_reset(chipset *c, uint64_t supported, int physical)
{
    memset(c, 0, sizeof *c);
    c->supported = supported;
    c->physical = physical != 0;
}

void chipset_request(chipset *c, uint64_t features)
{
    if (!c->features_ok)
        c->requested = features;
}

int chipset_validate(chipset *c)
{
    uint64_t want = c->requested;

    if (c->features_ok)
        return 1;
    if (want & ~c->supported)
        return 0;
    if ((want & (CHIPSET_HOTPLUG | CHIPSET_HOTUNPLUG)) && !(want & CHIPSET_BROADCAST))
        return 0;
    if ((want & CHIPSET_HOTUNPLUG) && !(want & CHIPSET_HOTPLUG))
        return 0;
    c->negotiated = want;
    c->features_ok = 1;
    return 1;
}

smi_delivery chipset_delivery(const chipset *c)
{
    if (c->physical)
        return DELIVERY_HARDWARE;
    return c->negotiated & CHIPSET_BROADCAST ? DELIVERY_BROADCAST : DELIVERY_UNICAST;
}

int chipset_write(chipset *c, uint16_t port, uint8_t value)
{
    if (port == CHIPSET_APM_STS)
        c->apm_sts = value;
    if (port != CHIPSET_APM_CNT)
        return 0;
    c->apm_cnt = value;
    if (c->physical) /* a PCH has a master enable, and no exception for 2 and 3 */
        return (c->smi_en & CHIPSET_APMC_EN) && (c->smi_en & CHIPSET_GBL_SMI_EN);
    return value != ACPI_ENABLE && value != ACPI_DISABLE && (c->smi_en & CHIPSET_APMC_EN);
}
