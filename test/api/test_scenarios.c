/* SPDX-License-Identifier: MIT */
/*
 * Plays every scenario in both modes, with the server's bytes in one piece and one at a time, and with
 * nginx where it can play the part. With --markdown it draws them instead: docs/notifications.md.
 */
#include <stdio.h>

#include "scenario/markdown.h"
#include "scenario/play.h"

enum { TESTS_MAX = 1024, NAME_MAX_LEN = 192, ATTEMPTS = 100 };

struct job {
    const struct scenario *scenario;
    enum delivery delivery;
    char name[NAME_MAX_LEN];
};

static struct job jobs[TESTS_MAX];
static struct CMUnitTest tests[TESTS_MAX]; /* those without a name are left out */
static size_t count;

/* Of the running test. A job comes as the state, and the set-up puts the case in its place. */
static const struct job *job;

static int setup_sync(void **state)
{
    job = *state;
    return api_setup_sync(state);
}

static int setup_async(void **state)
{
    job = *state;
    return api_setup_async(state);
}

/* What depends on the machine having time for two threads within 5 ms is tried several times. */
static void plays(void **state)
{
    enum verdict verdict = VERDICT_SLOW;
    for (int i = 0; i < ATTEMPTS && verdict == VERDICT_SLOW; i++) {
        verdict = play_scenario(*state, job->scenario, job->delivery);
    }
    if (verdict == VERDICT_NONE) {
        skip();
    }
    if (verdict == VERDICT_SLOW) {
        recorder_print();
        fail_msg("%s: never inside the call", job->scenario->title);
    }
}

static void add(const struct scenario *scenario, enum modes mode, enum delivery delivery)
{
    static const char *const modes[] = {[MODES_SYNC] = "sync", [MODES_ASYNC] = "async"};
    static const char *const deliveries[] = {"whole", "bytewise", "nginx"};
    if (scenario->modes != MODES_BOTH && scenario->modes != mode) {
        return;
    }
    if (count == TESTS_MAX) {
        fputs("TESTS_MAX is too small for the scenarios\n", stderr);
        abort();
    }
    struct job *added = &jobs[count];
    added->scenario = scenario;
    added->delivery = delivery;
    snprintf(added->name, sizeof(added->name), "%s/%s/%s", scenario->title, modes[mode],
             deliveries[delivery]);
    tests[count++] = (struct CMUnitTest){
        added->name, plays, mode == MODES_SYNC ? setup_sync : setup_async, api_teardown, added};
}

static void add_all(const struct scenario *scenario)
{
    for (enum modes mode = MODES_SYNC; mode <= MODES_ASYNC; mode++) {
        if (scenario->script) {
            add(scenario, mode, DELIVERY_WHOLE);
        }
        if (scenario->script && !scenario->is_whole) {
            add(scenario, mode, DELIVERY_BYTEWISE);
        }
        if (scenario->nginx.path) {
            add(scenario, mode, DELIVERY_NGINX);
        }
        if (scenario->peer != PEER_SERVER) {
            add(scenario, mode, DELIVERY_WHOLE);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--markdown") == 0) {
        markdown_print(stdout);
        return 0;
    }
    api_begin(argc, argv);
    for (const struct scenario_list *list = scenario_lists; list->title; list++) {
        for (const struct scenario *scenario = list->scenarios; scenario->title; scenario++) {
            add_all(scenario);
        }
    }
    return cmocka_run_group_tests_name("scenarios", tests, nginx_begin, nginx_end);
}
