/* SPDX-License-Identifier: MIT */
/* WinHttpQueryConnectionGroup: the connections to a server, in use and kept. */
#include "support/api_case.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define STARTED "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"

static const struct server_step answering[] = {{EXPECT}, {SEND(OK)}, {AGAIN}};
static const struct server_step stalling[] = {{EXPECT}, {SEND(STARTED)}, {END}};
static const GUID no_guid;

/* Answers how many connections there are, all without a mark, to the one host. */
static DWORD count_connections(struct api *a, HINTERNET handle, ULONGLONG flags)
{
    PWINHTTP_QUERY_CONNECTION_GROUP_RESULT result = NULL;
    SetLastError(0xBAD);
    assert_int_equal(WinHttpQueryConnectionGroup(handle, NULL, flags, &result), 0);
    assert_int_equal(GetLastError(), 0);
    assert_non_null(result);
    DWORD count = 0;
    if (result->cHosts) {
        assert_int_equal(result->cHosts, 1);
        const WINHTTP_HOST_CONNECTION_GROUP *host = result->pHostConnectionGroups;
        assert_string_equal(narrow(host->pwszHost), "127.0.0.1");
        assert_int_equal(host->cConnectionGroups, 1);
        assert_memory_equal(&host->pConnectionGroups->guidGroup, &no_guid, sizeof no_guid);
        count = host->pConnectionGroups->cConnections;
    } else {
        assert_null(result->pHostConnectionGroups);
    }
    WinHttpFreeQueryConnectionGroupResult(result);
    (void)a;
    return count;
}

static void connections_in_use_and_kept_are_counted(void **state)
{
    struct api *a = *state;
    const ULONGLONG http = WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE;
    api_open(a, stalling);
    server_then(a->server, answering);
    assert_int_equal(count_connections(a, a->connect, http), 0);
    api_request(a, NULL, "/");
    assert_int_equal(count_connections(a, a->request, 0), 0);
    api_must(api_send(a));
    api_must(api_receive(a));
    assert_int_equal(count_connections(a, a->request, 0), 1);
    HINTERNET busy = a->request;
    a->request = NULL;
    api_get(a, "/");
    assert_int_equal(count_connections(a, busy, 0), 2);
    assert_int_equal(count_connections(a, a->connect, http), 2);
    assert_int_equal(count_connections(a, a->connect, 0), 0); /* by HTTPS */
    a->request = busy;
    api_set_option(busy, WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, 0);
    api_close_request(a);
    assert_true(server_await_closed(a->server, 1));
}

/* A port that nobody has named is that of the scheme. */
static void the_standard_port_is_another_server(void **state)
{
    struct api *a = *state;
    api_open(a, answering);
    api_get(a, "/");
    HINTERNET other = WinHttpConnect(a->session, wide("127.0.0.1"), 0, 0);
    assert_int_equal(count_connections(a, other, 0), 0);
    assert_int_equal(count_connections(a, other, WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE), 0);
    assert_works(WinHttpCloseHandle(other));
    recorder_await(other, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
}

static void assert_refused(HINTERNET handle, ULONGLONG flags,
                           PWINHTTP_QUERY_CONNECTION_GROUP_RESULT *out, DWORD error)
{
    SetLastError(0xBAD);
    assert_int_equal(WinHttpQueryConnectionGroup(handle, NULL, flags, out), error);
    assert_int_equal(GetLastError(), error);
}

/* M4 */
static void what_cannot_be_listed_is_refused(void **state)
{
    struct api *a = *state;
    PWINHTTP_QUERY_CONNECTION_GROUP_RESULT result = (void *)a;
    api_open(a, answering);
    assert_refused(NULL, 0, &result, ERROR_INVALID_HANDLE);
    assert_refused(a->session, 0, &result, ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_refused(a->connect, 2, &result, ERROR_INVALID_PARAMETER);
    assert_refused(a->connect, 0, NULL, ERROR_INVALID_PARAMETER);
    assert_ptr_equal(result, a);
    WinHttpFreeQueryConnectionGroupResult(NULL);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(connections_in_use_and_kept_are_counted),
    API_BOTH(the_standard_port_is_another_server),
    API_BOTH(what_cannot_be_listed_is_refused),
};

API_MAIN(tests)
