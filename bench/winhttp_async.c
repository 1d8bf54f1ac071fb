/* SPDX-License-Identifier: MIT */
/*
 * GETs in an asynchronous session, `width` in flight. The callback takes each to its end and then
 * begins another one in its place.
 */
#include <semaphore.h>
#include <stdlib.h>

#include "winhttp_load.h"

/* A place for a request in flight; the context of those that come there. */
struct place {
    uint64_t bytes;
    char *buffer;
};

static HINTERNET origin;
static struct place *places;
static sem_t over; /* one for each place that is not filled again, or held */

static void begin(struct place *place)
{
    HINTERNET request = winhttp_request(origin, L"GET");
    place->bytes = 0;
    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0,
                            0, (DWORD_PTR)place)) {
        winhttp_fail("WinHttpSendRequest");
    }
}

static void widen(void)
{
    int more = load_widen();
    if (more >= 0) {
        begin(&places[more]);
    }
}

static void finish(struct place *place)
{
    load_count(place->bytes);
    if (load_goes_on()) {
        begin(place);
    } else {
        sem_post(&over);
    }
    widen();
}

static void on_read(struct place *place, HINTERNET request, DWORD len)
{
    if (len == 0) {
        WinHttpCloseHandle(request);
        finish(place);
        return;
    }
    if (load.is_held && place->bytes == 0) {
        sem_post(&over);
        widen();
    }
    place->bytes += len;
    if (!WinHttpReadData(request, place->buffer, (DWORD)load.buffer, NULL)) {
        winhttp_fail("WinHttpReadData");
    }
}

static void CALLBACK on_status(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    struct place *place = (struct place *)context;
    switch (status) {
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        if (!WinHttpReceiveResponse(request, NULL)) {
            winhttp_fail("WinHttpReceiveResponse");
        }
        break;
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        winhttp_check_status(request);
        if (!WinHttpReadData(request, place->buffer, (DWORD)load.buffer, NULL)) {
            winhttp_fail("WinHttpReadData");
        }
        break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        on_read(place, request, len);
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        load_fail("request", (long)((const WINHTTP_ASYNC_RESULT *)info)->dwError);
    default:
        break;
    }
}

static void make_places(void)
{
    places = calloc(load.width, sizeof(*places));
    for (unsigned i = 0; i < load.width; i++) {
        places[i].buffer = malloc(load.buffer);
    }
    sem_init(&over, 0, 0);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    load_need_descriptors();
    make_places();
    origin = winhttp_connect(on_status, load.wants_all ? WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS
                                                       : WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS);
    load_start();
    unsigned first = load_first();
    for (unsigned i = 0; i < first; i++) {
        begin(&places[i]);
    }
    for (unsigned i = 0; i < load.width; i++) {
        sem_wait(&over);
    }
    load_report();
    return 0; /* the system takes back what is held */
}
