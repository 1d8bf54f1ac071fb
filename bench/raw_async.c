/* SPDX-License-Identifier: MIT */
/* GETs on sockets in an epoll loop, `width` in flight, each place with a connection of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "raw.h"

enum { MAX_EVENTS = 256 };

struct place {
    struct raw raw;
    struct raw_response response;
};

static struct place **places; /* those that have begun */
static const char *request;
static size_t request_len;
static char *buffer;
static int epoll;
static unsigned over;

static void begin(struct place *place)
{
    place->response.head_len = 0;
    place->response.has_head = false;
    place->response.bytes = place->response.left = 0;
    raw_send(&place->raw, request, request_len);
}

static void open_place(unsigned number)
{
    struct place *place = places[number] = malloc(sizeof(*place));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = place};
    raw_open(&place->raw);
    epoll_ctl(epoll, EPOLL_CTL_ADD, place->raw.fd, &event);
    begin(place);
}

static void widen(void)
{
    int more = load_widen();
    if (more >= 0) {
        open_place((unsigned)more);
    }
}

static void on_complete(struct place *place)
{
    load_count(place->response.bytes);
    if (load_goes_on()) {
        begin(place);
    } else {
        over++;
    }
    widen();
}

static void on_readable(struct place *place)
{
    ssize_t got = recv(place->raw.fd, buffer, load.buffer, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        load_fail("recv", errno);
    }
    bool is_first = place->response.bytes == 0;
    if (got > 0 && raw_take(&place->response, buffer, (size_t)got)) {
        on_complete(place);
    } else if (load.is_held && is_first && place->response.bytes > 0) {
        over++;
        widen();
    }
}

static void run_once(void)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(epoll, events, MAX_EVENTS, -1);
    if (count < 0 && errno != EINTR) {
        load_fail("epoll_wait", errno);
    }
    for (int i = 0; i < count; i++) {
        on_readable(events[i].data.ptr);
    }
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    load_need_descriptors();
    raw_init();
    request = raw_get_request();
    request_len = strlen(request);
    buffer = malloc(load.buffer);
    places = calloc(load.width, sizeof(struct place *));
    epoll = epoll_create1(EPOLL_CLOEXEC);
    load_start();
    unsigned first = load_first();
    for (unsigned i = 0; i < first; i++) {
        open_place(i);
    }
    while (over < load.width) {
        run_once();
    }
    load_report();
    return 0;
}
