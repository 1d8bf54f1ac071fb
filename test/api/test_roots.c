/* SPDX-License-Identifier: MIT */
/* winhttp/extensions.h: whom a session trusts, besides the system's authorities or in their place. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include <winhttp/extensions.h>

#include "support/api_case.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
#define ROOTS WINHTTP_POSIX_OPTION_ROOTS
#define ROOTS_FILE WINHTTP_POSIX_OPTION_ROOTS_FILE
#define SYSTEM_ROOTS WINHTTP_POSIX_OPTION_SYSTEM_ROOTS
#define FAULT_CA WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA
#define HELLO "Hello from nginx.\n"

/* Of the authority that no system knows; unknown_ca_port has a certificate of it. */
static char stranger_file[192];
static char stranger[4096];
/* Of the one that SSL_CERT_FILE names; https_port has one of that. */
static char known[4096];
/* That a test may write. */
static char own_file[192];

static void read_text(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, size - 1, file);
    out[len] = '\0';
    fclose(file);
}

/* At once for whoever reads it meanwhile. */
static void write_own(const char *text)
{
    char fresh[sizeof(own_file) + 8];
    snprintf(fresh, sizeof(fresh), "%s.new", own_file);
    FILE *file = fopen(fresh, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, own_file), 0);
}

static int begin(void **state)
{
    if (nginx_begin(state)) {
        return -1;
    }
    snprintf(stranger_file, sizeof(stranger_file), "%s/stranger.crt", nginx->root);
    snprintf(own_file, sizeof(own_file), "%s/own.pem", nginx->root);
    read_text(stranger_file, stranger, sizeof(stranger));
    read_text(nginx->ca_file, known, sizeof(known));
    return 0;
}

static DWORD set(HINTERNET handle, DWORD option, const void *buffer, size_t len)
{
    char copy[8192];
    assert_true(len <= sizeof(copy));
    if (buffer) {
        memcpy(copy, buffer, len);
    }
    SetLastError(0xBAD);
    BOOL ok = WinHttpSetOption(handle, option, buffer ? copy : NULL, (DWORD)len);
    assert_int_equal(ok, GetLastError() == 0);
    return GetLastError();
}

static DWORD set_roots(HINTERNET session, const char *text)
{
    return set(session, ROOTS, text, strlen(text));
}

static DWORD set_file(HINTERNET session, const char *path)
{
    const WCHAR *text = wide(path);
    return set(session, ROOTS_FILE, text, wide_len(text) * sizeof(WCHAR));
}

static DWORD set_system(HINTERNET session, BOOL value)
{
    return set(session, SYSTEM_ROOTS, &value, sizeof(value));
}

/* ERROR_SUCCESS, or 12175 after having been told that the authority is unknown, and nothing else. */
static DWORD fetch(struct api *a, uint16_t port, const char *path)
{
    struct event event = {0};
    recorder_reset();
    api_open_at(a, "localhost", port);
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
    DWORD error = api_exchange(a);
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
    assert_int_equal(at >= 0, error != 0);
    if (error) {
        assert_int_equal(error, ERROR_WINHTTP_SECURE_FAILURE);
        assert_int_equal(event.number, FAULT_CA);
    } else {
        assert_string_equal(a->body, HELLO);
    }
    api_close_request(a);
    api_close_connect(a);
    return error;
}

/* Both ports, each twice: over a connection of its own, or over one that is there. */
static void assert_trusts(struct api *a, int the_known, int the_stranger)
{
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fetch(a, nginx->https_port, "/small.txt") == 0, the_known);
        assert_int_equal(fetch(a, nginx->unknown_ca_port, "/small.txt") == 0, the_stranger);
    }
}

/* ---- Who is trusted ---- */

static void added_roots_are_trusted(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    assert_trusts(a, 1, 0);
    assert_int_equal(set_roots(a->session, stranger), 0);
    assert_trusts(a, 1, 1);
    assert_int_equal(set(a->session, ROOTS, "", 0), 0);
    assert_trusts(a, 1, 0);
    assert_int_equal(set_file(a->session, stranger_file), 0);
    assert_trusts(a, 1, 1);
    assert_int_equal(set_file(a->session, ""), 0);
    assert_trusts(a, 1, 0);
}

/* Not even over a connection that the system's authority was trusted for. */
static void own_roots_stand_in_the_place_of_the_systems(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    assert_trusts(a, 1, 0);
    assert_int_equal(set_roots(a->session, stranger), 0);
    assert_int_equal(set_system(a->session, FALSE), 0);
    assert_trusts(a, 0, 1);
    assert_int_equal(set(a->session, ROOTS, NULL, 0), 0);
    assert_trusts(a, 0, 0);
    assert_int_equal(set_roots(a->session, known), 0);
    assert_trusts(a, 1, 0);
    assert_int_equal(set_file(a->session, stranger_file), 0);
    assert_trusts(a, 1, 1);
    assert_int_equal(set_system(a->session, TRUE), 0);
    assert_int_equal(set_file(a->session, ""), 0);
    assert_trusts(a, 1, 0);
}

/* The connections that it leaves behind are nobody else's, and neither are its TLS sessions. */
static void roots_are_of_one_session(void **state)
{
    struct api *a = *state;
    struct api other = {.mode = a->mode};
    api_open_session(a);
    api_open_session(&other);
    assert_int_equal(set_roots(a->session, stranger), 0);
    for (int i = 0; i < 3; i++) {
        const char *path = i % 2 ? "/close/small.txt" : "/small.txt";
        assert_int_equal(fetch(a, nginx->unknown_ca_port, path), 0);
        assert_int_equal(fetch(&other, nginx->unknown_ca_port, path), ERROR_WINHTTP_SECURE_FAILURE);
    }
    api_close_session(&other);
    free(other.body);
}

/* Sessions that trust the same do share: so roots cost nobody a handshake. */
static void connections_are_shared_with_the_same_roots(void **state)
{
    struct api *a = *state;
    struct api other = {.mode = a->mode};
    api_open_session(a);
    api_open_session(&other);
    assert_int_equal(set_roots(a->session, stranger), 0);
    assert_int_equal(set_roots(other.session, stranger), 0);
    assert_int_equal(fetch(a, nginx->unknown_ca_port, "/small.txt"), 0);
    assert_int_equal(fetch(&other, nginx->unknown_ca_port, "/small.txt"), 0);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER), 0);
    api_close_session(&other);
    free(other.body);
}

static void a_request_takes_them_when_it_is_sent(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->unknown_ca_port);
    api_request_flags(a, NULL, "/close/small.txt", WINHTTP_FLAG_SECURE);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(set_roots(a->session, stranger), 0);
    api_must(api_exchange(a));
    assert_string_equal(a->body, HELLO);
    assert_int_equal(set(a->session, ROOTS, NULL, 0), 0);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
}

static void a_file_is_read_again_when_it_changes(void **state)
{
    struct api *a = *state;
    int64_t begin_ms = patience_clock_ms();
    api_open_session(a);
    write_own(stranger);
    assert_int_equal(set_file(a->session, own_file), 0);
    assert_int_equal(fetch(a, nginx->unknown_ca_port, "/close/small.txt"), 0);
    write_own(known);
    while (fetch(a, nginx->unknown_ca_port, "/close/small.txt") == 0) {
        assert_true(patience_clock_ms() - begin_ms < PATIENCE_SECONDS * 1000);
    }
    write_own(stranger);
    while (fetch(a, nginx->unknown_ca_port, "/close/small.txt") != 0) {
        assert_true(patience_clock_ms() - begin_ms < PATIENCE_SECONDS * 1000);
    }
}

/* ---- The options themselves ---- */

static void only_a_session_has_them(void **state)
{
    static const DWORD options[] = {ROOTS, ROOTS_FILE, SYSTEM_ROOTS};
    struct api *a = *state;
    BOOL value = TRUE;
    api_open_at(a, "localhost", nginx->https_port);
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
    for (size_t i = 0; i < COUNT(options); i++) {
        assert_int_equal(set(a->connect, options[i], &value, sizeof(value)), TYPE);
        assert_int_equal(set(a->request, options[i], &value, sizeof(value)), TYPE);
        assert_int_equal(set(NULL, options[i], &value, sizeof(value)), ERROR_INVALID_HANDLE);
    }
    assert_fails(WinHttpSetOption(a->session, 0x7FFF, &value, sizeof(value)),
                 ERROR_WINHTTP_INVALID_OPTION);
    assert_fails(WinHttpSetOption(a->session, 0x80FF, &value, sizeof(value)),
                 ERROR_WINHTTP_INVALID_OPTION);
}

static void the_systems_roots_can_be_asked_for(void **state)
{
    struct api *a = *state;
    BOOL value = 7;
    DWORD size = 1;
    api_open_session(a);
    assert_fails(WinHttpQueryOption(a->session, SYSTEM_ROOTS, &value, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, sizeof(value));
    assert_int_equal(value, 7);
    assert_int_equal(api_option(a->session, SYSTEM_ROOTS), TRUE);
    assert_int_equal(set_system(a->session, FALSE), 0);
    assert_int_equal(api_option(a->session, SYSTEM_ROOTS), FALSE);
    assert_int_equal(set_roots(a->session, stranger), 0);
    assert_int_equal(api_option(a->session, SYSTEM_ROOTS), FALSE);
    assert_int_equal(set_system(a->session, 2), 0);
    assert_int_equal(api_option(a->session, SYSTEM_ROOTS), TRUE);
    assert_fails(WinHttpQueryOption(a->session, ROOTS, &value, &size), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryOption(a->session, ROOTS_FILE, &value, &size),
                 ERROR_INVALID_PARAMETER);
}

/* What was set before stays. */
static void what_is_wrong_is_refused(void **state)
{
    struct api *a = *state;
    DWORD value = 0;
    api_open_session(a);
    write_own("no certificate\n");
    assert_int_equal(set_roots(a->session, stranger), 0);
    assert_int_equal(set_roots(a->session, "no certificate"), ERROR_INVALID_DATA);
    assert_int_equal(set_roots(a->session, stranger_file), ERROR_INVALID_DATA);
    assert_int_equal(set(a->session, ROOTS, NULL, 5), ERROR_INVALID_PARAMETER);
    assert_int_equal(set_file(a->session, "/nowhere/at/all.pem"), ERROR_FILE_NOT_FOUND);
    assert_int_equal(set_file(a->session, own_file), ERROR_INVALID_DATA);
    assert_int_equal(set(a->session, ROOTS_FILE, L"abc", sizeof(WCHAR) + 1),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->session, ROOTS_FILE, NULL, sizeof(WCHAR)), ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->session, SYSTEM_ROOTS, &value, 2), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(set(a->session, SYSTEM_ROOTS, NULL, sizeof(value)), ERROR_INVALID_PARAMETER);
    assert_trusts(a, 1, 1);
}

/* A whole store of files: what is no certificate is left out. */
static void a_folder_will_do(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    write_own(known);
    assert_int_equal(set_file(a->session, nginx->root), 0);
    assert_trusts(a, 1, 1);
}

/* ---- While connections are in use ---- */

enum { FETCHERS = 4, TURNS = 60 };

static atomic_int is_over;
static atomic_size_t fetched;

/* Downloads over connections of their own, for as long as the test lasts; 1 if all went well. */
static void *fetch_often(void *context)
{
    HINTERNET session = context;
    intptr_t good = 1;
    while (good && !atomic_load(&is_over)) {
        char buffer[64];
        DWORD len = 0;
        HINTERNET connect = WinHttpConnect(session, L"localhost", nginx->unknown_ca_port, 0);
        HINTERNET request = WinHttpOpenRequest(connect, NULL, L"/close/small.txt", NULL, NULL, NULL,
                                               WINHTTP_FLAG_SECURE);
        good = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
               WinHttpReceiveResponse(request, NULL) &&
               WinHttpReadData(request, buffer, sizeof(buffer), &len) && len == strlen(HELLO);
        atomic_fetch_add(&fetched, 1);
        WinHttpCloseHandle(request);
        WinHttpCloseHandle(connect);
    }
    return (void *)good;
}

/* So many more, or a fetcher has failed. */
static void await_fetches(size_t count)
{
    int64_t begin_ms = patience_clock_ms();
    size_t wanted = atomic_load(&fetched) + count;
    while (atomic_load(&fetched) < wanted) {
        assert_true(patience_clock_ms() - begin_ms < PATIENCE_SECONDS * 1000);
        sched_yield();
    }
}

/* Each change is another store, a new configuration of TLS, and the end of the ones before. */
static void roots_may_change_while_connections_are_in_use(void **state)
{
    static const char *const texts[] = {stranger, known, ""};
    struct api *a = *state;
    pthread_t threads[FETCHERS];
    api_open_session(a);
    WinHttpSetStatusCallback(a->session, NULL, 0, 0);
    a->has_recorder = 0;
    assert_int_equal(set_file(a->session, stranger_file), 0);
    atomic_store(&is_over, 0);
    for (size_t i = 0; i < FETCHERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, fetch_often, a->session), 0);
    }
    for (size_t i = 0; i < TURNS; i++) {
        assert_int_equal(set_roots(a->session, texts[i % COUNT(texts)]), 0);
        assert_int_equal(set_system(a->session, (BOOL)(i % 2)), 0);
        await_fetches(FETCHERS);
    }
    atomic_store(&is_over, 1);
    for (size_t i = 0; i < FETCHERS; i++) {
        void *good;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((intptr_t)good, 1);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(added_roots_are_trusted),
        API_BOTH(own_roots_stand_in_the_place_of_the_systems),
        API_BOTH(roots_are_of_one_session),
        API_BOTH(connections_are_shared_with_the_same_roots),
        API_BOTH(a_request_takes_them_when_it_is_sent),
        API_BOTH(a_file_is_read_again_when_it_changes),
        API_BOTH(only_a_session_has_them),
        API_BOTH(the_systems_roots_can_be_asked_for),
        API_BOTH(what_is_wrong_is_refused),
        API_BOTH(a_folder_will_do),
        API_SYNC_ONLY(roots_may_change_while_connections_are_in_use),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, nginx_end);
}
