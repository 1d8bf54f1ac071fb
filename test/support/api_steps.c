/* SPDX-License-Identifier: MIT */
/*
 * The steps of a request. In an asynchronous session each waits for exactly one completion of the
 * kind that belongs to the call, and checks what the last error has promised about it.
 */
#include "support/api_case.h"

#include "support/pattern.h"

#define UNTOUCHED 0xAAAAAAAAU

/* What is special about a step. */
struct step {
    DWORD api; /* API_ of its REQUEST_ERROR */
    DWORD completion;
    int may_be_pending; /* ERROR_IO_PENDING is an answer (A34) */
};

static const struct step send_step = {API_SEND_REQUEST,
                                      WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0};
static const struct step write_step = {API_WRITE_DATA, WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE, 0};
static const struct step receive_step = {API_RECEIVE_RESPONSE,
                                         WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0};
static const struct step available_step = {API_QUERY_DATA_AVAILABLE,
                                           WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, 1};
static const struct step read_step = {API_READ_DATA, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 1};

static int keeps_promise(const struct step *step, DWORD last_error, int is_inside, int is_mine)
{
    if (last_error == ERROR_IO_PENDING) {
        return step->may_be_pending && !is_mine;
    }
    return last_error == 0 && (!step->may_be_pending || (is_mine && is_inside));
}

/* C60: last error 0 says that the completion has come inside the call, 997 that it has not. */
static void check_promise(const struct step *step, DWORD last_error, size_t seen, size_t index,
                          const struct event *event)
{
    int is_mine = pthread_equal(event->thread, pthread_self());
    if (!keeps_promise(step, last_error, index < seen, is_mine)) {
        recorder_print();
        fail_msg("last error %lu, but %s came as event %zu on %s thread, %zu at the return",
                 (unsigned long)last_error, recorder_name(event->status), index,
                 is_mine ? "this" : "another", seen);
    }
}

/* The outcome of a call that began when the record had `from` events. */
static DWORD outcome(struct api *a, const struct step *step, BOOL ok, size_t from,
                     struct event *out)
{
    DWORD last_error = GetLastError();
    size_t seen = recorder_count();
    if (!ok) {
        assert_int_not_equal(last_error, 0);
        assert_int_not_equal(last_error, ERROR_IO_PENDING);
        return last_error;
    }
    if (a->mode == API_SYNC) {
        assert_int_equal(last_error, 0);
        return 0;
    }
    size_t index = recorder_await(a->request, API_COMPLETIONS, from, out);
    check_promise(step, last_error, seen, index, out);
    if (out->status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        assert_int_equal(out->len, sizeof(WINHTTP_ASYNC_RESULT));
        assert_int_equal(out->result.dwResult, step->api);
        assert_int_not_equal(out->result.dwError, 0);
        return out->result.dwError;
    }
    assert_string_equal(recorder_name(out->status), recorder_name(step->completion));
    return 0;
}

/* Of a synchronous call that failed: the count is untouched, or 0 already (C69). */
static void check_failed_count(struct api *a, DWORD error, DWORD count)
{
    if (error && a->mode == API_SYNC) {
        assert_true(count == UNTOUCHED || count == 0);
    }
}

DWORD api_send_body(struct api *a, const char *headers, const void *data, DWORD len, DWORD total)
{
    struct event event = {0};
    size_t from = recorder_count();
    void *body = (void *)(uintptr_t)data;
    SetLastError(0xBAD);
    BOOL ok = WinHttpSendRequest(a->request, headers ? wide(headers) : NULL,
                                 headers ? (DWORD)-1 : 0, body, len, total, 0);
    return outcome(a, &send_step, ok, from, &event);
}

DWORD api_send_headers(struct api *a, const char *headers)
{
    return api_send_body(a, headers, NULL, 0, 0);
}

DWORD api_send(struct api *a)
{
    return api_send_body(a, NULL, NULL, 0, 0);
}

DWORD api_write(struct api *a, const void *data, DWORD len)
{
    struct event event = {0};
    size_t from = recorder_count();
    DWORD written = UNTOUCHED;
    SetLastError(0xBAD);
    BOOL ok = WinHttpWriteData(a->request, data, len, a->mode == API_SYNC ? &written : NULL);
    DWORD error = outcome(a, &write_step, ok, from, &event);
    check_failed_count(a, error, written);
    if (error == 0) {
        assert_int_equal(a->mode == API_SYNC ? written : event.number, len);
    }
    return error;
}

DWORD api_receive(struct api *a)
{
    struct event event = {0};
    size_t from = recorder_count();
    SetLastError(0xBAD);
    BOOL ok = WinHttpReceiveResponse(a->request, NULL);
    return outcome(a, &receive_step, ok, from, &event);
}

DWORD api_available(struct api *a, DWORD *out_len)
{
    struct event event = {0};
    size_t from = recorder_count();
    DWORD available = UNTOUCHED;
    SetLastError(0xBAD);
    BOOL ok = WinHttpQueryDataAvailable(a->request, a->mode == API_SYNC ? &available : NULL);
    DWORD error = outcome(a, &available_step, ok, from, &event);
    if (error) {
        assert_int_equal(available, UNTOUCHED); /* C17 */
    } else {
        *out_len = a->mode == API_SYNC ? available : event.number;
    }
    return error;
}

DWORD api_read(struct api *a, void *buffer, DWORD size, DWORD *out_len)
{
    struct event event = {0};
    size_t from = recorder_count();
    DWORD read = UNTOUCHED;
    SetLastError(0xBAD);
    BOOL ok = WinHttpReadData(a->request, buffer, size, a->mode == API_SYNC ? &read : NULL);
    DWORD error = outcome(a, &read_step, ok, from, &event);
    check_failed_count(a, error, read);
    if (error == 0 && a->mode == API_ASYNC) {
        assert_ptr_equal(event.info, buffer); /* D6 */
        read = event.len;
    }
    if (error == 0) {
        assert_true(read <= size);
        *out_len = read;
    }
    return error;
}

DWORD api_read_all(struct api *a)
{
    DWORD error;
    DWORD got = 0;
    size_t room = 0;
    a->body_len = 0;
    do {
        if (room - a->body_len < 4096) {
            room = room ? room * 2 : 16 * 1024;
            a->body = realloc(a->body, room + 1);
            assert_non_null(a->body);
        }
        error = api_read(a, a->body + a->body_len, (DWORD)(room - a->body_len), &got);
        a->body_len += error ? 0 : got;
    } while (error == 0 && got > 0);
    a->body[a->body_len] = '\0';
    return error;
}

void api_assert_pattern(struct api *a, size_t len)
{
    assert_int_equal(a->body_len, len);
    assert_int_equal(pattern_match(a->body, len, 0), len);
}

void api_must_be(DWORD seen, DWORD expected, const char *step, const char *file, int line)
{
    if (seen != expected) {
        recorder_print();
        print_error("%s:%d: %s answered %lu, expected %lu\n", file, line, step, (unsigned long)seen,
                    (unsigned long)expected);
        _fail(file, line);
    }
}

DWORD api_exchange(struct api *a)
{
    DWORD error = api_send(a);
    if (error == 0) {
        error = api_receive(a);
    }
    if (error == 0) {
        a->status = api_status(a);
        error = api_read_all(a);
    }
    return error;
}

DWORD api_try(struct api *a, const char *path)
{
    api_request(a, NULL, path);
    DWORD error = api_exchange(a);
    api_close_request(a);
    return error;
}

void api_get(struct api *a, const char *path)
{
    api_must(api_try(a, path));
}
