/* SPDX-License-Identifier: MIT */
#include "support/race_case.h"

#include "net/channel.h"
#include "support/loopback.h"
#include "support/patience.h"

enum { DESCRIPTORS = 1024 };

struct race_case race;

size_t race_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

int race_begin(void **state)
{
    machine_begin(state);
    memset(&race, 0, sizeof race);
    race.descriptors = race_descriptors();
    return 0;
}

void race_close(void)
{
    wh_attempts_close(&race.attempts);
    if (race.winner) {
        wh_channel_close(wh_socket_channel(race.winner));
        race.winner = NULL;
    }
    wh_object_deliver(&machine.object);
    machine.told[0] = '\0';
}

int race_end(void **state)
{
    race_close();
    size_t descriptors = race_descriptors();
    for (size_t i = 0; i < race.count; i++) {
        close(race.fds[i]);
    }
    machine_end(state);
    assert_int_equal(descriptors, race.descriptors);
    return 0;
}

void race_add(enum race_peer peer, const char *host)
{
    int fd = loopback_bind_to(host, 0);
    if (fd < 0) {
        skip();
    }
    race.descriptors++;
    race.fds[race.count] = fd;
    struct wh_address *address = &race.addresses[race.count++];
    address->len = sizeof address->storage;
    getsockname(fd, (struct sockaddr *)&address->storage, &address->len);
    if (peer == RACE_ANSWERS) {
        assert_int_equal(listen(fd, 16), 0);
    } else if (peer == RACE_SILENT && !loopback_silence(fd)) {
        skip();
    }
}

void race_start(void)
{
    wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
    wh_attempts_start(&race.attempts, race.addresses, race.count);
}

int race_step(void)
{
    return wh_attempts_run(&race.attempts, &race.winner);
}

int race_go(void)
{
    int error;
    do {
        wh_object_deliver(&machine.object);
        error = race_step();
    } while (error == WH_AGAIN && wh_object_has_notices(&machine.object));
    wh_object_deliver(&machine.object);
    return error;
}

int race_go_after(uint64_t ms)
{
    machine.now_ms += ms;
    return race_go();
}

int race_go_to_end(void)
{
    int64_t end_ms = patience_clock_ms() + PATIENCE_SECONDS * 1000;
    int error;
    while ((error = race_go()) == WH_AGAIN) {
        assert_true(patience_clock_ms() < end_ms);
        machine.task.deadline_ms = machine.now_ms + 1000; /* for the loop, which waits for real */
        wh_loop_wait(machine.loop, &machine.task);
    }
    return error;
}

uint64_t race_wait_ms(void)
{
    uint64_t deadline_ms = wh_attempts_deadline(&race.attempts);
    assert_true(deadline_ms > machine.now_ms);
    return deadline_ms - machine.now_ms;
}

size_t race_tries(void)
{
    size_t count = 0;
    for (const char *at = machine.told; (at = strstr(at, "connecting:")); at++) {
        count++;
    }
    return count;
}

bool race_is_left_alone(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 0;
}

void race_let_in(int fd)
{
    close(loopback_accept(fd));
}

void race_let_first_in(int fd)
{
    struct wh_watch *watch = WH_CONTAINER_OF(machine.task.watches.next, struct wh_watch, link);
    struct pollfd poll_fd = {.fd = watch->fd, .events = POLLOUT};
    race_let_in(fd);
    assert_int_equal(poll(&poll_fd, 1, PATIENCE_SECONDS * 1000), 1);
}
