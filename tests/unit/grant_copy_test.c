/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grant_copy.c: copies between grants and own pages, what is refused, and that nothing stays
 * marked as in use.
 */
#include "tests/unit/grant_env.h"

static gnttab_copy_t copy_make(bool from_ref, uint64_t from, bool to_ref, uint64_t to, uint16_t len)
{
    gnttab_copy_t op = {
        .source = { .domid = from_ref ? owner->id : DOMID_SELF },
        .dest = { .domid = to_ref ? owner->id : DOMID_SELF },
        .len = len, .status = 99,
        .flags = (from_ref ? GNTCOPY_source_gref : 0) | (to_ref ? GNTCOPY_dest_gref : 0),
    };

    op.source.u.gmfn = from;
    op.dest.u.gmfn = to;
    return op;
}

static int16_t copy(gnttab_copy_t op)
{
    assert_int_equal(GRANT_CALL(copy, &op, 1), 0);
    return op.status;
}

static void fill(char *p, unsigned seed)
{
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        p[i] = (char)(i * 7 + seed + (i >> 8));
}

static void bytes_go_between_all_kinds_of_ends(void **state)
{
    gnttab_copy_t op;
    char *a, *b, *c;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, GTF_readonly);
    grant_env_grant(owner, 10, mapper->id, GRANT_GFN + 1, 0);
    a = grant_env_bytes(owner, GRANT_GFN);
    b = grant_env_bytes(owner, GRANT_GFN + 1);
    c = grant_env_bytes(mapper, GRANT_GFN + 2);
    fill(a, 1);
    assert_int_equal(copy(copy_make(true, 9, true, 10, PAGE_SIZE)), GNTST_okay);
    assert_memory_equal(a, b, PAGE_SIZE);
    op = copy_make(true, 10, false, GRANT_GFN + 2, 100);
    op.source.offset = 4000 - 4;
    op.dest.offset = 33;
    assert_int_equal(copy(op), GNTST_okay);
    assert_memory_equal(c + 33, b + 3996, 100);
    assert_int_equal(c[32], 0);
    assert_int_equal(c[133], 0);
    fill(c, 9);
    assert_int_equal(copy(copy_make(false, GRANT_GFN + 2, true, 10, 1)), GNTST_okay);
    assert_int_equal(b[0], c[0]);
    assert_int_equal(b[1], a[1]);
    assert_int_equal(copy(copy_make(false, GRANT_GFN + 2, false, GRANT_GFN + 3, PAGE_SIZE)),
                     GNTST_okay);
    assert_memory_equal(c, grant_env_bytes(mapper, GRANT_GFN + 3), PAGE_SIZE);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access | GTF_readonly);
    assert_int_equal(grant_env_entry(owner, 10)->flags, GTF_permit_access);
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 1);
    assert_int_equal(grant_env_page(mapper, GRANT_GFN + 2)->refs, 1);
}

static void copies_within_one_grant_work(void **state)
{
    gnttab_copy_t op;
    char *a;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    a = grant_env_bytes(owner, GRANT_GFN);
    fill(a, 3);
    op = copy_make(true, 9, true, 9, 64);
    op.dest.offset = 1024;
    assert_int_equal(copy(op), GNTST_okay);
    assert_memory_equal(a, a + 1024, 64);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access);
    assert_true(lock_try(&grant_env_active(owner, 9)->lock));
}

static void wrong_copies_get_their_status(void **state)
{
    gnttab_copy_t op;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, GTF_readonly);
    grant_env_grant(owner, 10, 0, GRANT_GFN, 0);
    grant_env_grant(owner, 11, mapper->id, GRANT_GFN + 5000, 0);
    grant_env_grant(owner, 12, mapper->id, GRANT_GFN + 1, 0);
    assert_int_equal(copy(copy_make(true, 12, true, 9, 8)), GNTST_general_error);
    assert_int_equal(copy(copy_make(true, 10, true, 12, 8)), GNTST_general_error);
    assert_int_equal(copy(copy_make(true, 13, true, 12, 8)), GNTST_general_error);
    assert_int_equal(copy(copy_make(true, 11, true, 12, 8)), GNTST_bad_page);
    assert_int_equal(copy(copy_make(true, 12, true, 11, 8)), GNTST_bad_page);
    assert_int_equal(copy(copy_make(true, 5000, true, 12, 8)), GNTST_bad_gntref);
    assert_int_equal(copy(copy_make(false, GRANT_GFN + 5000, true, 12, 8)), GNTST_bad_page);
    assert_int_equal(copy(copy_make(false, ~0ul, true, 12, 8)), GNTST_bad_page);
    assert_int_equal(copy(copy_make(false, 1ul << 52, true, 12, 8)), GNTST_bad_page);
    op = copy_make(false, GRANT_GFN, true, 12, 8);
    op.source.domid = owner->id;
    assert_int_equal(copy(op), GNTST_permission_denied);
    op = copy_make(true, 12, false, GRANT_GFN, 8);
    op.source.domid = 7777;
    assert_int_equal(copy(op), GNTST_bad_domain);
    op = copy_make(true, 12, false, GRANT_GFN, 8);
    op.source.offset = PAGE_SIZE - 7;
    assert_int_equal(copy(op), GNTST_bad_copy_arg);
    op.source.offset = 0xffff;
    op.len = 0xffff;
    assert_int_equal(copy(op), GNTST_bad_copy_arg);
    op = copy_make(true, 12, false, GRANT_GFN, 8);
    op.dest.offset = PAGE_SIZE - 7;
    assert_int_equal(copy(op), GNTST_bad_copy_arg);
    assert_int_equal(copy(copy_make(true, 10, true, 9, 0)), GNTST_okay);
    for (grant_ref_t ref = 9; ref <= 12; ref++) {
        assert_int_equal(grant_env_entry(owner, ref)->flags & (GTF_reading | GTF_writing), 0);
        assert_true(lock_try(&grant_env_active(owner, ref)->lock));
    }
}

static void a_mapped_grant_stays_marked_after_a_copy(void **state)
{
    gnttab_map_grant_ref_t map;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    map = grant_env_map(9, MAP_GFN, GNTMAP_readonly);
    /* The active entry is the truth, not what the guest writes now. */
    grant_env_entry(owner, 9)->frame = GRANT_GFN + 1;
    fill(grant_env_bytes(mapper, GRANT_GFN), 5);
    assert_int_equal(copy(copy_make(false, GRANT_GFN, true, 9, 500)), GNTST_okay);
    assert_memory_equal(grant_env_bytes(owner, GRANT_GFN), grant_env_bytes(mapper, GRANT_GFN),
                        500);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access | GTF_reading);
    assert_int_equal(grant_env_unmap(map.handle, MAP_GFN), GNTST_okay);
    map = grant_env_map(9, MAP_GFN, 0);
    assert_int_equal(copy(copy_make(false, GRANT_GFN, true, 9, 500)), GNTST_okay);
    assert_int_equal(grant_env_entry(owner, 9)->flags,
                     GTF_permit_access | GTF_reading | GTF_writing);
    /* In use by another domain. */
    fake_percpu->current = domain0->vcpu[0];
    assert_int_equal(copy(copy_make(true, 9, true, 9, 8)), GNTST_general_error);
}

static void only_ram_is_copied(void **state)
{
    gnttab_map_grant_ref_t map;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    map = grant_env_map(9, MAP_GFN, 0);
    assert_int_equal(map.status, GNTST_okay);
    /* Its own mapping of another's page is not its own page. */
    assert_int_equal(copy(copy_make(false, MAP_GFN, false, GRANT_GFN, 8)), GNTST_bad_page);
    grant_env_grant(mapper, 9, owner->id, MAP_GFN, 0);
    fake_percpu->current = owner->vcpu[0];
    owner = mapper;
    assert_int_equal(copy(copy_make(true, 9, false, GRANT_GFN, 8)), GNTST_bad_page);
}

static void long_batches_of_copies_continue(void **state)
{
    static gnttab_copy_t ops[150];

    (void)state;
    grant_env_up();
    for (unsigned i = 0; i < 150; i++) {
        grant_env_grant(owner, i, mapper->id, GRANT_GFN + i % GRANT_PAGES, 0);
        ops[i] = copy_make(true, i, false, GRANT_GFN + i % GRANT_PAGES, PAGE_SIZE);
    }
    for (unsigned i = 0; i < GRANT_PAGES; i++)
        fill(grant_env_bytes(owner, GRANT_GFN + i), i);
    ops[149].source.u.ref = 3000;
    assert_int_equal(GRANT_CALL(copy, ops, 150), 0);
    assert_true(env_chunks >= 5);
    for (unsigned i = 0; i < 150; i++)
        assert_int_equal(ops[i].status, i == 149 ? GNTST_bad_gntref : GNTST_okay);
    for (unsigned i = 0; i < GRANT_PAGES; i++)
        assert_memory_equal(grant_env_bytes(owner, GRANT_GFN + i),
                            grant_env_bytes(mapper, GRANT_GFN + i), PAGE_SIZE);
}

static void a_copy_ends_its_chunk_when_something_waits(void **state)
{
    static gnttab_copy_t ops[3];

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    for (unsigned i = 0; i < 3; i++)
        ops[i] = copy_make(true, 9, false, GRANT_GFN, 8);
    fake_percpu->todo = TODO_RESCHED;
    assert_int_equal(GRANT_CALL(copy, ops, 3), 0);
    assert_int_equal(env_chunks, 2); /* env_call takes the todo away in between */
}

#define MIX 300u /* operations */
#define STRANGER 0x7000 /* no domain */

/* Of few ends, so that many meet; some are no ends, or another domain's of the same name. */
static void mix_make(gnttab_copy_t *ops)
{
    uint32_t seed = 12345;

    for (unsigned i = 0; i < MIX; i++) {
        unsigned r = (seed = seed * 1664525 + 1013904223) >> 12;
        bool from_ref = r & 1, to_ref = r & 2;

        ops[i] = copy_make(from_ref, from_ref ? 9 + (r >> 2) % 4 : GRANT_GFN + (r >> 2) % 3, to_ref,
                           to_ref ? 9 + (r >> 4) % 4 : GRANT_GFN + (r >> 4) % 3,
                           (uint16_t)(1 + (r >> 8) % 2048));
        ops[i].dest.offset = 2048;
        if ((r >> 6) % 4 == 0)
            ops[i].source.domid = STRANGER;
        if ((r >> 6) % 4 == 1)
            ops[i].dest.domid = STRANGER;
    }
}

static bool mix_is_right(const gnttab_copy_t *op)
{
    return op->source.domid != STRANGER && op->dest.domid != STRANGER &&
           !(op->flags & GNTCOPY_dest_gref && op->dest.u.ref > 10) &&
           !(op->flags & GNTCOPY_source_gref && op->source.u.ref > 11);
}

static char *mix_page(unsigned i)
{
    return grant_env_bytes(i < 3 ? owner : mapper, GRANT_GFN + i % 3);
}

/* Ends that stay open from one operation to the next change nothing. */
static void a_batch_does_what_its_operations_do_alone(void **state)
{
    static gnttab_copy_t ops[MIX], alone[MIX];
    static char after[6][PAGE_SIZE];

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    grant_env_grant(owner, 10, mapper->id, GRANT_GFN + 1, 0);
    grant_env_grant(owner, 11, mapper->id, GRANT_GFN + 2, GTF_readonly);
    mix_make(ops);
    mix_make(alone);
    for (unsigned i = 0; i < 6; i++)
        fill(mix_page(i), i * 50);
    assert_int_equal(GRANT_CALL(copy, ops, MIX), 0);
    for (unsigned i = 0; i < 6; i++) {
        memcpy(after[i], mix_page(i), PAGE_SIZE);
        fill(mix_page(i), i * 50);
    }
    for (grant_ref_t ref = 9; ref < 12; ref++)
        assert_false(grant_env_entry(owner, ref)->flags & (GTF_reading | GTF_writing));
    for (unsigned i = 0; i < MIX; i++) {
        assert_int_equal(copy(alone[i]), ops[i].status);
        assert_int_equal(ops[i].status == GNTST_okay, mix_is_right(&ops[i]));
    }
    for (unsigned i = 0; i < 6; i++)
        assert_memory_equal(after[i], mix_page(i), PAGE_SIZE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(bytes_go_between_all_kinds_of_ends),
    cmocka_unit_test(copies_within_one_grant_work),
    cmocka_unit_test(wrong_copies_get_their_status),
    cmocka_unit_test(a_mapped_grant_stays_marked_after_a_copy),
    cmocka_unit_test(only_ram_is_copied),
    cmocka_unit_test(long_batches_of_copies_continue),
    cmocka_unit_test(a_copy_ends_its_chunk_when_something_waits),
    cmocka_unit_test(a_batch_does_what_its_operations_do_alone),
};

FAKE_TEST_MAIN(tests)
