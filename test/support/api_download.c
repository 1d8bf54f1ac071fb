/* SPDX-License-Identifier: MIT */
/* One lock for all downloads: callbacks count under it and call the library without it. */
#include "support/api_download.h"

#include "support/pattern.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void count_call(struct download *d, BOOL ok)
{
    pthread_mutex_lock(&lock);
    d->calls += ok ? 1 : 0;
    d->refused += ok ? 0 : 1;
    pthread_mutex_unlock(&lock);
}

static void take_bytes(struct download *d, const char *bytes, size_t len)
{
    d->wrong_bytes += d->is_pattern ? len - pattern_match(bytes, len, d->bytes) : 0;
    d->bytes += len;
    d->ends += len == 0 ? 1 : 0;
}

static int is_completion(DWORD status)
{
    return (status & API_COMPLETIONS) != 0;
}

/* Under the lock. */
static void count(struct download *d, DWORD status, const void *info, DWORD len)
{
    d->late += d->closings ? 1 : 0;
    d->completions += is_completion(status) ? 1 : 0;
    if (status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        d->sent++;
    } else if (status == WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE) {
        d->heads++;
    } else if (status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE) {
        take_bytes(d, info, len);
    } else if (status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        d->errors++;
        d->error = ((const WINHTTP_ASYNC_RESULT *)info)->dwError;
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        d->closings++;
        d->overlaps += d->inside;
    }
}

void CALLBACK download_on_status(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                                 DWORD len)
{
    struct download *d = (struct download *)context;
    (void)request;
    if (!d) {
        return;
    }
    pthread_mutex_lock(&lock);
    count(d, status, info, len);
    int is_last = status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    d->inside += is_last ? 0 : 1;
    int goes_on = d->goes_on;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (is_last) {
        return; /* whoever waited for this may have freed the download */
    }
    if (goes_on && status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        download_receive(d);
    } else if (goes_on && (status == WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE ||
                           (status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE && len > 0))) {
        download_read(d);
    }
    pthread_mutex_lock(&lock);
    d->inside--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void download_open(struct download *d, HINTERNET connect, const char *path, DWORD flags)
{
    DWORD_PTR context = (DWORD_PTR)d;
    DWORD wanted = WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS | WINHTTP_CALLBACK_FLAG_HANDLES;
    d->request = WinHttpOpenRequest(connect, NULL, wide(path), NULL, NULL, NULL, flags);
    assert_non_null(d->request);
    assert_works(
        WinHttpSetOption(d->request, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)));
    WinHttpSetStatusCallback(d->request, download_on_status, wanted, 0);
}

void download_send(struct download *d)
{
    count_call(d, WinHttpSendRequest(d->request, NULL, 0, NULL, 0, 0, 0));
}

void download_receive(struct download *d)
{
    count_call(d, WinHttpReceiveResponse(d->request, NULL));
}

void download_read(struct download *d)
{
    count_call(d, WinHttpReadData(d->request, d->buffer, sizeof(d->buffer), NULL));
}

void download_close(struct download *d)
{
    WinHttpCloseHandle(d->request);
}

static size_t sum_of(const struct download *all, size_t count, enum download_count what)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += what == DOWNLOAD_SENT    ? all[i].sent
               : what == DOWNLOAD_HEADS ? all[i].heads
               : what == DOWNLOAD_OVER  ? all[i].ends + all[i].errors
                                        : all[i].closings;
    }
    return sum;
}

/* Of the first downloads that have an error, for the message. */
static DWORD first_error(const struct download *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (all[i].errors) {
            return all[i].error;
        }
    }
    return 0;
}

void download_await(struct download *all, size_t count, enum download_count what, size_t sum)
{
    struct timespec end = patience_ends_in(2 * PATIENCE_SECONDS);
    int rc = 0;
    pthread_mutex_lock(&lock);
    while (sum_of(all, count, what) < sum && rc == 0) {
        rc = pthread_cond_timedwait(&changed, &lock, &end);
    }
    size_t seen = sum_of(all, count, what);
    DWORD error = first_error(all, count);
    pthread_mutex_unlock(&lock);
    if (seen < sum) {
        fail_msg("%zu of %zu after a long time; errors: %lu", seen, sum, (unsigned long)error);
    }
}

/* After it nothing of the library looks at the download any more. */
static void await_return(struct download *d)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int rc = 0;
    pthread_mutex_lock(&lock);
    while (d->inside > 0 && rc == 0) {
        rc = pthread_cond_timedwait(&changed, &lock, &end);
    }
    pthread_mutex_unlock(&lock);
    assert_int_equal(rc, 0);
}

struct download download_look(struct download *d)
{
    pthread_mutex_lock(&lock);
    struct download seen = {.request = d->request,
                            .calls = d->calls,
                            .completions = d->completions,
                            .sent = d->sent,
                            .heads = d->heads,
                            .ends = d->ends,
                            .errors = d->errors,
                            .error = d->error,
                            .closings = d->closings,
                            .late = d->late,
                            .overlaps = d->overlaps,
                            .refused = d->refused,
                            .bytes = d->bytes,
                            .wrong_bytes = d->wrong_bytes};
    pthread_mutex_unlock(&lock);
    return seen;
}

void download_check_closed(struct download *d)
{
    download_await(d, 1, DOWNLOAD_CLOSINGS, 1);
    await_return(d);
    struct download seen = download_look(d);
    if (seen.completions != seen.calls || seen.closings != 1 || seen.late || seen.overlaps) {
        fail_msg(
            "%zu calls and %zu refused, %zu completions; %zu HANDLE_CLOSING, %zu notifications "
            "behind it, %zu beside it; error %lu",
            seen.calls, seen.refused, seen.completions, seen.closings, seen.late, seen.overlaps,
            (unsigned long)seen.error);
    }
    assert_int_equal(seen.wrong_bytes, 0);
}
