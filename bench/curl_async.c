/* SPDX-License-Identifier: MIT */
/*
 * GETs with libcurl's multi interface on epoll (curl_multi_socket_action), `width` in flight. Each
 * place has an easy handle, which is added again when it is done.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#include "curl_load.h"

enum { MAX_EVENTS = 256, NEVER = -1 };

struct place {
    CURL *handle;
    uint64_t bytes;
};

static struct place *places;
static CURLM *multi;
static int epoll;
static int64_t deadline_ms = NEVER;
static unsigned over;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int on_socket(CURL *handle, curl_socket_t fd, int what, void *unused, void *known)
{
    (void)handle;
    (void)unused;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(multi, fd, &epoll); /* known from now on */
    return 0;
}

static int on_timer(CURLM *unused, long ms, void *data)
{
    (void)unused;
    (void)data;
    deadline_ms = ms < 0 ? NEVER : ms == 0 ? 0 : now_ms() + ms;
    return 0;
}

static size_t on_held(char *data, size_t size, size_t count, void *context);

static void begin(struct place *place)
{
    place->bytes = 0;
    if (!place->handle) {
        place->handle = curl_load_handle(&place->bytes);
        curl_easy_setopt(place->handle, CURLOPT_PRIVATE, place);
        if (load.is_held) {
            curl_easy_setopt(place->handle, CURLOPT_WRITEFUNCTION, on_held);
            curl_easy_setopt(place->handle, CURLOPT_WRITEDATA, place);
        }
    }
    curl_multi_add_handle(multi, place->handle);
}

static void widen(void)
{
    int more = load_widen();
    if (more >= 0) {
        begin(&places[more]);
    }
}

static size_t on_held(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    struct place *place = context;
    over += place->bytes == 0;
    place->bytes += size * count;
    return size * count;
}

static void finish(struct place *place)
{
    load_count(place->bytes);
    if (load_goes_on()) {
        begin(place);
    } else {
        over++;
    }
    widen();
}

static void take_finished(void)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        struct place *place;
        CURL *handle = message->easy_handle;
        curl_load_check(handle, message->data.result);
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &place);
        curl_multi_remove_handle(multi, handle);
        finish(place);
    }
}

/* What is due now is done; answers how long to wait for what is due later. */
static int run_timer(void)
{
    int running;
    while (deadline_ms != NEVER) {
        int64_t left = deadline_ms == 0 ? 0 : deadline_ms - now_ms();
        if (left > 0) {
            return (int)left;
        }
        deadline_ms = NEVER;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        take_finished();
    }
    return -1;
}

static void run_once(void)
{
    struct epoll_event events[MAX_EVENTS];
    int running;
    int wait_ms = run_timer();
    if (over == load.width) {
        return;
    }
    int count = epoll_wait(epoll, events, MAX_EVENTS, wait_ms);
    if (count < 0 && errno != EINTR) {
        load_fail("epoll_wait", errno);
    }
    for (int i = 0; i < count; i++) {
        int what = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(multi, events[i].data.fd, what, &running);
    }
    take_finished();
}

static void open_multi(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)load.width);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    load_need_descriptors();
    open_multi();
    places = calloc(load.width, sizeof(*places));
    load_start();
    unsigned first = load_first();
    for (unsigned i = 0; i < first; i++) {
        begin(&places[i]);
    }
    while (over < load.width) {
        unsigned before = over;
        run_once();
        for (; load.is_held && before < over; before++) {
            widen(); /* not inside the callback that counts them */
        }
    }
    load_report();
    return 0;
}
