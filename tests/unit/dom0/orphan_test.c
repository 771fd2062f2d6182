/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Marks of domains in the making: who made them lives as long as their descriptors are open, in
 * this process or another. Domains and their destruction are replaced by a count.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "dom0/record.h"
#undef RECORD_DIR
#define RECORD_DIR "/tmp/purlin-orphan-test"
#include "dom0/orphan.c"

#define DOMID 7u
#define ROUNDS 2000u

static unsigned destroyed;
static struct purlin session;

int domain_list(struct purlin *s, struct domain **domains, struct error *err)
{
    (void)s, (void)err;
    *domains = NULL;
    return 0;
}

int domain_destroy(struct purlin *s, uint32_t domid, struct error *err)
{
    (void)s, (void)err;
    destroyed++;
    orphan_forget(domid);
    return 0;
}

void purlin_progress(struct purlin *s, const char *format, ...)
{
    (void)s, (void)format;
}

static int clean(void **state)
{
    (void)state;
    destroyed = 0;
    return system("rm -rf " RECORD_DIR) == 0 ? 0 : -1;
}

static void what_another_session_of_the_process_makes_is_no_orphan(void **state)
{
    static const uint8_t uuid[16] = {1};
    int made = orphan_mark(DOMID);
    int unborn = orphan_begin(uuid);
    char path[PATH_SIZE];

    (void)state;
    unborn_path(uuid, path);
    assert_true(made >= 0 && unborn >= 0);
    orphan_reap(&session);
    assert_int_equal(destroyed, 0);
    assert_true(orphan_is_marked(DOMID) && access(path, F_OK) == 0);
    close(made);
    close(unborn);
    orphan_reap(&session);
    assert_int_equal(destroyed, 1);
    assert_int_equal(access(path, F_OK), -1);
}

static void an_orphan_of_a_process_that_has_died_is_destroyed(void **state)
{
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(orphan_mark(DOMID) >= 0 ? 0 : 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(orphan_is_marked(DOMID));
    orphan_reap(&session);
    assert_int_equal(destroyed, 1);
}

static void *let_go(void *fd)
{
    usleep(20000);
    close(*(int *)fd);
    return NULL;
}

static void who_destroys_waits_for_its_maker_alone(void **state)
{
    int made = orphan_mark(DOMID);
    int watched = orphan_watch(DOMID);
    int own = orphan_mark(DOMID);
    pthread_t maker;

    (void)state;
    assert_true(watched >= 0 && own >= 0);
    orphan_wait(-1, 1000);
    orphan_wait(watched, 10);
    assert_false(lock(watched)); /* in vain, so far */
    assert_int_equal(pthread_create(&maker, NULL, let_go, &made), 0);
    orphan_wait(watched, 10000);
    assert_true(lock(watched));
    pthread_join(maker, NULL);
    close(watched);
    close(own);
}

static void a_mark_that_another_has_replaced_stays(void **state)
{
    int made = orphan_mark(DOMID);
    int other = orphan_mark(DOMID);

    (void)state;
    assert_true(orphan_is_overtaken(made));
    assert_false(orphan_is_overtaken(other));
    orphan_adopt(DOMID, made);
    assert_true(orphan_is_marked(DOMID));
    orphan_adopt(DOMID, other);
    assert_false(orphan_is_marked(DOMID));
}

static void *mark_many(void *first)
{
    uintptr_t failures = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t domid = *(uint32_t *)first + i;
        int fd = orphan_mark(domid);

        failures += fd < 0;
        orphan_adopt(domid, fd);
    }
    return (void *)failures;
}

static void threads_that_begin_at_once_are_not_in_each_others_way(void **state)
{
    uint32_t first[] = {1, 1 + ROUNDS};
    pthread_t threads[2];
    void *failures;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, mark_many, &first[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
}

static pthread_barrier_t both;

/* Two of a barrier: both have begun, and one has ended. */
static void *make_one(void *is_first)
{
    static const uint8_t uuid[16] = {1};
    char path[PATH_SIZE];
    uintptr_t failures;
    int fd = orphan_begin(uuid);

    unborn_path(uuid, path);
    failures = fd < 0 || access(path, F_OK);
    pthread_barrier_wait(&both);
    if (is_first)
        orphan_unborn(uuid, fd);
    pthread_barrier_wait(&both);
    if (is_first)
        return (void *)failures;
    failures += access(path, F_OK) != 0;
    orphan_born(uuid, DOMID, fd);
    failures += !orphan_is_marked(DOMID);
    orphan_adopt(DOMID, fd);
    return (void *)failures;
}

static void threads_with_one_uuid_have_marks_of_their_own(void **state)
{
    pthread_t threads[2];
    void *failures;

    (void)state;
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_one, i ? &both : NULL), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
    pthread_barrier_destroy(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_another_session_of_the_process_makes_is_no_orphan,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(an_orphan_of_a_process_that_has_died_is_destroyed, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(who_destroys_waits_for_its_maker_alone, clean, clean),
        cmocka_unit_test_setup_teardown(a_mark_that_another_has_replaced_stays, clean, clean),
        cmocka_unit_test_setup_teardown(threads_that_begin_at_once_are_not_in_each_others_way,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(threads_with_one_uuid_have_marks_of_their_own, clean,
                                        clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
