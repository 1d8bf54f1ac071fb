/* SPDX-License-Identifier: MIT */
/*
 * Bodies of 5 GB, more than 32 bits can count, in either direction and framing and in both modes, in
 * little memory. Other builds than gcc's plain one have a fiftieth of that to do.
 */
#include <pthread.h>
#include <stdio.h>

#include "bulk/pattern.h"
#include "bulk/peer.h"
#include "support/api_case.h"

#if TEST_IS_SANITIZED || defined(__clang__)
#define SIZE UINT64_C(100000001)
#else
#define SIZE UINT64_C(5000000001)
#endif

enum { DAMAGED_SIZE = 1000000, MEMORY_MAX_KB = 20 * 1000, READ_SIZE = 256 * 1024 };

static uint16_t port;

/* ---- One transfer ---- */

enum act { WRITE, RECEIVE, READ, OVER };

struct transfer {
    HINTERNET request;
    struct pattern pattern;
    uint64_t left; /* to be written */
    int is_upload;
    int is_right;
    char answer[64]; /* to an upload */
    size_t answer_len;
    char buffer[READ_SIZE];
    /* Asynchronously, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int is_over;
    DWORD error;
};

static void take(struct transfer *t, size_t count)
{
    if (!t->is_upload) {
        t->is_right &= pattern_take(&t->pattern, t->buffer, count);
    } else if (count < sizeof(t->answer) - t->answer_len) {
        memcpy(t->answer + t->answer_len, t->buffer, count);
        t->answer_len += count;
    }
}

/* What comes next, behind the call that has completed with this status. */
static enum act proceed(struct transfer *t, DWORD status, DWORD count)
{
    switch (status) {
    case WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE:
        pattern_advance(&t->pattern, count);
        t->left -= count;
        return t->left ? WRITE : RECEIVE;
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        return t->left ? WRITE : RECEIVE;
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        return READ;
    default:
        break;
    }
    take(t, count);
    return count ? READ : OVER;
}

static BOOL perform(struct transfer *t, enum act act, DWORD *count)
{
    if (act == RECEIVE) {
        return WinHttpReceiveResponse(t->request, NULL);
    }
    if (act == READ) {
        return WinHttpReadData(t->request, t->buffer, READ_SIZE, count);
    }
    size_t len;
    const void *bytes = pattern_next(&t->pattern, &len);
    return WinHttpWriteData(t->request, bytes, (DWORD)(len < t->left ? len : t->left), count);
}

static DWORD run_sync(struct transfer *t)
{
    static const DWORD statuses[] = {
        [WRITE] = WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE,
        [RECEIVE] = WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE,
        [READ] = WINHTTP_CALLBACK_STATUS_READ_COMPLETE,
    };
    DWORD count = 0;
    enum act act = proceed(t, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0);
    while (act != OVER) {
        if (!perform(t, act, &count)) {
            return GetLastError();
        }
        act = proceed(t, statuses[act], count);
    }
    return 0;
}

static void finish(struct transfer *t, DWORD error)
{
    pthread_mutex_lock(&t->lock);
    t->is_over = 1;
    t->error = error;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static void CALLBACK on_status(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    struct transfer *t = (struct transfer *)context;
    (void)request;
    if (status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        finish(t, ((const WINHTTP_ASYNC_RESULT *)info)->dwError);
        return;
    }
    int is_read = status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE;
    enum act act = proceed(t, status, is_read || !info ? len : *(const DWORD *)info);
    if (act == OVER) {
        finish(t, 0);
    } else if (!perform(t, act, NULL)) {
        finish(t, GetLastError());
    }
}

static DWORD await(struct transfer *t)
{
    pthread_mutex_lock(&t->lock);
    while (!t->is_over) {
        pthread_cond_wait(&t->changed, &t->lock);
    }
    DWORD error = t->error;
    pthread_mutex_unlock(&t->lock);
    return error;
}

static void begin(struct api *a, struct transfer *t, const char *verb, const char *path,
                  DWORD flags)
{
    DWORD mode = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    a->session = WinHttpOpen(L"test/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, mode);
    assert_non_null(a->session);
    api_open_at(a, "127.0.0.1", port);
    api_request_flags(a, verb, path, flags);
    memset(t, 0, sizeof(*t));
    t->request = a->request;
    t->is_right = 1;
    t->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    t->changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    pattern_begin(&t->pattern);
    WinHttpSetStatusCallback(a->request, on_status, WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS, 0);
}

static void run(struct api *a, struct transfer *t, const char *headers, DWORD total)
{
    assert_works(WinHttpSendRequest(t->request, headers ? wide(headers) : NULL, (DWORD)-1, NULL, 0,
                                    total, (DWORD_PTR)t));
    assert_int_equal(a->mode == API_ASYNC ? await(t) : run_sync(t), 0);
    assert_int_equal(api_status(a), 200);
}

/* ---- Whole bodies ---- */

/* The most that this process has ever had in memory. */
static long peak_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && kb < 0 && fgets(line, sizeof(line), file)) {
        sscanf(line, "VmHWM: %ld kB", &kb);
    }
    if (file) {
        fclose(file);
    }
    return kb;
}

static void assert_little_memory(void)
{
    long kb = peak_kb();
    if (!TEST_IS_SANITIZED && (kb < 0 || kb > MEMORY_MAX_KB)) {
        fail_msg("%ld kB", kb);
    }
}

static struct transfer transfer;

static void download(struct api *a, const char *framing, uint64_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/%s/%llu", framing, (unsigned long long)size);
    begin(a, &transfer, "GET", path, 0);
    run(a, &transfer, NULL, 0);
    assert_true(transfer.pattern.at == size);
    assert_little_memory();
}

static void download_with_a_length(void **state)
{
    struct api *a = *state;
    ULONGLONG len = 0;
    DWORD size = sizeof(len);
    download(a, "length", SIZE);
    assert_true(transfer.is_right);
    assert_works(WinHttpQueryHeaders(a->request,
                                     WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER64,
                                     NULL, &len, &size, NULL));
    assert_true(len == SIZE);
}

static void download_in_chunks(void **state)
{
    download(*state, "chunked", SIZE);
    assert_true(transfer.is_right);
}

/* Without headers the library makes chunks of it. */
static void upload(struct api *a, const char *headers, DWORD total, uint64_t size)
{
    begin(a, &transfer, "PUT", "/", headers ? 0 : WINHTTP_FLAG_AUTOMATIC_CHUNKING);
    transfer.is_upload = 1;
    transfer.left = size;
    run(a, &transfer, headers, total);
}

static void assert_answer(const char *framing, uint64_t size, const char *verdict)
{
    char expected[64];
    snprintf(expected, sizeof(expected), "%s %llu %s\n", framing, (unsigned long long)size,
             verdict);
    assert_string_equal(transfer.answer, expected);
}

/* Beyond the 32 bits of the total the length is the application's own. */
static void C56_upload_with_a_length(void **state)
{
    char header[64];
    snprintf(header, sizeof(header), "Content-Length: %llu", (unsigned long long)SIZE);
    upload(*state, header, WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH, SIZE);
    assert_answer("length", SIZE, "right");
    assert_little_memory();
}

static void upload_in_chunks(void **state)
{
    upload(*state, NULL, 0, SIZE);
    assert_answer("chunked", SIZE, "right");
    assert_little_memory();
}

/* ---- That all this can fail ---- */

static void a_wrong_byte_of_a_download_is_noticed(void **state)
{
    download(*state, "damaged", DAMAGED_SIZE);
    assert_false(transfer.is_right);
}

static void a_wrong_byte_of_an_upload_is_noticed(void **state)
{
    struct api *a = *state;
    begin(a, &transfer, "PUT", "/", 0);
    transfer.is_upload = 1;
    transfer.left = DAMAGED_SIZE;
    transfer.pattern.block[PATTERN_BLOCK - 1] ^= 1;
    run(a, &transfer, NULL, DAMAGED_SIZE);
    assert_answer("length", DAMAGED_SIZE, "wrong");
}

static void lost_bytes_are_noticed(void **state)
{
    static const size_t lost[] = {0, 1, 8, 4096, PATTERN_BLOCK, 3 * PATTERN_BLOCK};
    static struct pattern there;
    static struct pattern here;
    (void)state;
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        size_t len;
        pattern_begin(&there);
        pattern_begin(&here);
        for (size_t gone = 0; gone < lost[i]; gone += len) {
            pattern_next(&there, &len);
            len = len < lost[i] - gone ? len : lost[i] - gone;
            pattern_advance(&there, len);
        }
        const void *bytes = pattern_next(&there, &len);
        assert_int_equal(pattern_take(&here, bytes, len), lost[i] == 0);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lost_bytes_are_noticed),
    API_BOTH(a_wrong_byte_of_a_download_is_noticed),
    API_BOTH(a_wrong_byte_of_an_upload_is_noticed),
    API_BOTH(download_with_a_length),
    API_BOTH(download_in_chunks),
    API_BOTH(C56_upload_with_a_length),
    API_BOTH(upload_in_chunks),
};

int main(int argc, char **argv)
{
    port = peer_start();
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
