/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first frame of a guest's grant table, mapped for as long as it takes to write one entry.
 */
#include "dom0/grant_seed.h"

#include <sys/mman.h>
#include <xen/grant_table.h>

int grant_seed(struct hyper *hyper, domid_t domid, unsigned ref, uint64_t gfn, struct error *err)
{
    xenforeignmemory_resource_handle *resource;
    void *table = NULL;
    grant_entry_v1_t *entry;

    resource = xenforeignmemory_map_resource(hyper->memory, domid, XENMEM_resource_grant_table,
                                             XENMEM_resource_grant_table_id_shared, 0, 1, &table,
                                             PROT_READ | PROT_WRITE, 0);
    if (!resource)
        return error_errno(err, "cannot map the guest's grant table");
    entry = (grant_entry_v1_t *)table + ref;
    entry->domid = 0;
    entry->frame = (uint32_t)gfn;
    /* release: an entry is complete before it is valid; pairs with the hypervisor's single read */
    __atomic_store_n(&entry->flags, GTF_permit_access, __ATOMIC_RELEASE);
    xenforeignmemory_unmap_resource(hyper->memory, resource);
    return 0;
}
