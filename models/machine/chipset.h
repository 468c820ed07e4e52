/* SPDX-License-Identifier: Apache-2.0 */
/* chipset: ports 0xB2 and 0xB3, the SMI enables, and the negotiation of SMI features by fw_cfg. */
#ifndef SMMSIM_MODELS_MACHINE_CHIPSET_H
#define SMMSIM_MODELS_MACHINE_CHIPSET_H

#include "sim/lib/base.h"

enum { CHIPSET_APM_CNT = 0xB2, CHIPSET_APM_STS = 0xB3 };

/* SMI_EN bits that the model knows (ICH9). */
#define CHIPSET_GBL_SMI_EN 0x01u
#define CHIPSET_APMC_EN 0x20u

/* SMI feature bits (QEMU ICH9-LPC x-smi-*). */
#define CHIPSET_BROADCAST 0x1u
#define CHIPSET_HOTPLUG 0x2u
#define CHIPSET_HOTUNPLUG 0x4u

typedef struct {
    uint64_t supported;  /* etc/smi/supported-features */
    uint64_t requested;  /* etc/smi/requested-features */
    uint64_t negotiated; /* in force; 0 until features-ok was read as 1 */
    uint32_t smi_en;
    uint8_t apm_cnt, apm_sts;
    uint8_t features_ok; /* etc/smi/features-ok: 1 locks the word until reset */
    uint8_t physical;    /* a real SMI# that reaches every CPU */
} chipset;
_Static_assert(sizeof(chipset) == 32, "no padding");

/* Who gets the SMI of a write to 0xB2: the CPU that writes; each, one after the other; each, by a
 * pin. The order is that of the choices of smi.delivery. */
typedef enum { DELIVERY_UNICAST, DELIVERY_BROADCAST, DELIVERY_HARDWARE } smi_delivery;

/* Reset zeroes requested, features-ok, negotiated and SMI_EN. */
void chipset_reset(chipset *c, uint64_t supported, int physical);

/* The guest writes the requested word; refused (no effect) once locked. */
void chipset_request(chipset *c, uint64_t features);

/* The guest selects features-ok: the request is checked and taken or not. Returns features-ok. */
int chipset_validate(chipset *c);

/* After the negotiation. */
smi_delivery chipset_delivery(const chipset *c);

/* A byte is written to a port: 1 if that raises an SMI, as only 0xB2 does. Values 2 and 3 (ACPI
 * enable, disable) raise none under QEMU. */
int chipset_write(chipset *c, uint16_t port, uint8_t value);

#endif
