/* SPDX-License-Identifier: MIT */
/* The connections to a server, in use and kept: listed, marked, preferred, expired. */
#include <stdio.h>
#include <unistd.h>

#include "support/api_case.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define STARTED "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"

static const struct server_step answering[] = {{EXPECT}, {SEND(OK)}, {AGAIN}};
static const struct server_step stalling[] = {{EXPECT}, {SEND(STARTED)}, {END}};
static const struct server_step answering_slowly[] = {{EXPECT}, {HOLD}, {SEND(OK)}, {AGAIN}};
static const GUID no_guid;

/* Answers how many connections there are, all without a mark, to the one host. */
static DWORD count_connections(HINTERNET handle, ULONGLONG flags)
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
    return count;
}

static void connections_in_use_and_kept_are_counted(void **state)
{
    struct api *a = *state;
    const ULONGLONG http = WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE;
    api_open(a, stalling);
    server_then(a->server, answering);
    assert_int_equal(count_connections(a->connect, http), 0);
    api_request(a, NULL, "/");
    assert_int_equal(count_connections(a->request, 0), 0);
    api_must(api_send(a));
    api_must(api_receive(a));
    assert_int_equal(count_connections(a->request, 0), 1);
    HINTERNET busy = a->request;
    a->request = NULL;
    api_get(a, "/");
    assert_int_equal(count_connections(busy, 0), 2);
    assert_int_equal(count_connections(a->connect, http), 2);
    assert_int_equal(count_connections(a->connect, 0), 0); /* by HTTPS */
    a->request = busy;
    api_set_option(busy, WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, 0);
    api_close_request(a);
    assert_true(server_await_closed(a->server, 1));
}

/* Those of a session's own pool, also for a request that has not been sent. */
static void private_connections_are_seen_by_their_session(void **state)
{
    struct api *a = *state;
    const ULONGLONG http = WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE;
    api_open(a, answering);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_get(a, "/");
    api_request(a, NULL, "/");
    assert_int_equal(count_connections(a->request, 0), 1);
    assert_int_equal(count_connections(a->connect, http), 1);
    HINTERNET session = WinHttpOpen(NULL, 0, NULL, NULL, 0);
    HINTERNET connect = WinHttpConnect(session, wide("127.0.0.1"), server_port(a->server), 0);
    HINTERNET request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
    assert_int_equal(count_connections(request, 0), 0);
    assert_int_equal(count_connections(connect, http), 0);
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
}

/* ---- Marks ---- */

static const GUID red = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
static const GUID blue = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 12}};

static DWORD count_marked(HINTERNET handle, const GUID *guid)
{
    PWINHTTP_QUERY_CONNECTION_GROUP_RESULT result;
    assert_int_equal(WinHttpQueryConnectionGroup(
                         handle, guid, WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE, &result),
                     0);
    DWORD count = 0;
    if (result->cHosts) {
        assert_int_equal(result->pHostConnectionGroups->cConnectionGroups, 1);
        const WINHTTP_CONNECTION_GROUP *group = result->pHostConnectionGroups->pConnectionGroups;
        assert_memory_equal(&group->guidGroup, guid, sizeof *guid);
        count = group->cConnections;
    }
    WinHttpFreeQueryConnectionGroupResult(result);
    return count;
}

static void mark(HINTERNET request, const GUID *guid)
{
    GUID copy = *guid;
    assert_works(WinHttpSetOption(request, WINHTTP_OPTION_CONNECTION_GUID, &copy, sizeof copy));
}

static void match(HINTERNET request, const GUID *guid, ULONGLONG flags)
{
    WINHTTP_MATCH_CONNECTION_GUID value = {*guid, flags};
    assert_works(
        WinHttpSetOption(request, WINHTTP_OPTION_MATCH_CONNECTION_GUID, &value, sizeof value));
}

/* Two connections at once, which are kept: the first is marked before it is there, the second then. */
static void keep_red_and_blue(struct api *a)
{
    api_open(a, answering_slowly);
    HINTERNET first = WinHttpOpenRequest(a->connect, NULL, wide("/red"), NULL, NULL, NULL, 0);
    HINTERNET second = WinHttpOpenRequest(a->connect, NULL, wide("/blue"), NULL, NULL, NULL, 0);
    mark(first, &red);
    a->request = first;
    api_must(api_send(a));
    a->request = second;
    api_must(api_send(a));
    mark(second, &blue);
    server_release(a->server, 100);
    api_must(api_receive(a));
    api_close_request(a);
    a->request = first;
    api_must(api_receive(a));
    api_close_request(a);
    assert_int_equal(server_connections(a->server), 2);
}

/* Which connection the latest request has taken; counted from 0. */
static size_t taken(struct api *a, const GUID *guid, ULONGLONG flags)
{
    api_request(a, NULL, "/");
    match(a->request, guid, flags);
    api_must(api_exchange(a));
    api_close_request(a);
    return server_request(a->server, server_requests(a->server) - 1)->connection;
}

static void marked_connections_are_found(void **state)
{
    struct api *a = *state;
    keep_red_and_blue(a);
    assert_int_equal(count_marked(a->connect, &red), 1);
    assert_int_equal(count_marked(a->connect, &blue), 1);
    assert_int_equal(count_marked(a->connect, &no_guid), 0);
    size_t of_red = taken(a, &red, 0);
    size_t of_blue = taken(a, &blue, 0);
    assert_int_not_equal(of_red, of_blue);
    assert_int_equal(taken(a, &red, 0), of_red);
    assert_int_equal(taken(a, &blue, 1), of_blue);
    assert_int_equal(taken(a, &red, 1), of_red);
    assert_int_equal(server_connections(a->server), 2);
}

/* None of that mark: without the flag one that is not marked will do, but no other. */
static void another_mark_is_not_taken(void **state)
{
    static const GUID green = {7, 0, 0, {0}};
    struct api *a = *state;
    keep_red_and_blue(a);
    assert_int_equal(taken(a, &green, 0), 2);
    assert_int_equal(count_marked(a->connect, &no_guid), 1);
    assert_int_equal(taken(a, &green, 0), 2);
    assert_int_equal(taken(a, &green, WINHTTP_MATCH_CONNECTION_GUID_FLAG_REQUIRE_MARKED_CONNECTION),
                     3);
}

static void marks_that_cannot_be_set(void **state)
{
    struct api *a = *state;
    WINHTTP_MATCH_CONNECTION_GUID value = {red, 2};
    GUID guid = red;
    api_open(a, answering);
    api_request(a, NULL, "/");
    assert_fails(
        WinHttpSetOption(a->request, WINHTTP_OPTION_MATCH_CONNECTION_GUID, &value, sizeof value),
        ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_CONNECTION_GUID, &guid, 15),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_CONNECTION_GUID, NULL, 0),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, WINHTTP_OPTION_CONNECTION_GUID, &guid, sizeof guid),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_fails(
        WinHttpSetOption(a->connect, WINHTTP_OPTION_MATCH_CONNECTION_GUID, &value, sizeof value),
        ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
}

/* ---- WINHTTP_OPTION_EXPIRE_CONNECTION ---- */

static void an_expired_connection_is_not_kept(void **state)
{
    struct api *a = *state;
    api_open(a, answering);
    api_get(a, "/1");
    api_request(a, NULL, "/2");
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_EXPIRE_CONNECTION, NULL, 0),
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE); /* it has none yet */
    api_must(api_send_body(a, NULL, NULL, 0, 1));
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_EXPIRE_CONNECTION, a, 4),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_EXPIRE_CONNECTION, a, 0),
                 ERROR_INVALID_PARAMETER);
    assert_works(WinHttpSetOption(a->request, WINHTTP_OPTION_EXPIRE_CONNECTION, NULL, 0));
    api_must(api_write(a, "x", 1));
    api_must(api_receive(a));
    assert_int_equal(server_connections(a->server), 1);
    assert_true(server_await_closed(a->server, 1));
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_EXPIRE_CONNECTION, NULL, 0),
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE); /* nor any more */
    api_close_request(a);
    api_get(a, "/3");
    assert_int_equal(server_connections(a->server), 2);
}

/* A port that nobody has named is that of the scheme. */
static void the_standard_port_is_another_server(void **state)
{
    struct api *a = *state;
    api_open(a, answering);
    api_get(a, "/");
    HINTERNET other = WinHttpConnect(a->session, wide("127.0.0.1"), 0, 0);
    assert_int_equal(count_connections(other, 0), 0);
    assert_int_equal(count_connections(other, WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE), 0);
    assert_works(WinHttpCloseHandle(other));
    recorder_await(other, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
}

/* An address of the program's own, whose ports are free. */
static const char *own_address(void)
{
    static char text[sizeof "127.255.255.255"];
    unsigned id = (unsigned)getpid();
    snprintf(text, sizeof text, "127.%u.%u.%u", 1 + (id >> 15) % 128, (id >> 7) % 256,
             1 + id % 128);
    return text;
}

static void connections_to_a_standard_port_are_counted(void **state)
{
    struct api *a = *state;
    PWINHTTP_QUERY_CONNECTION_GROUP_RESULT result;
    api_open_session(a);
    a->server = server_start_on(own_address(), 80, answering);
    if (!a->server) {
        skip(); /* the port is the superuser's */
    }
    api_open_at(a, own_address(), INTERNET_DEFAULT_PORT);
    api_get(a, "/");
    assert_int_equal(WinHttpQueryConnectionGroup(a->connect, NULL, 0, &result), 0);
    assert_int_equal(result->cHosts, 0);
    WinHttpFreeQueryConnectionGroupResult(result);
    assert_int_equal(WinHttpQueryConnectionGroup(
                         a->connect, NULL, WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE, &result),
                     0);
    assert_int_equal(result->cHosts, 1);
    WinHttpFreeQueryConnectionGroupResult(result);
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
    API_BOTH(private_connections_are_seen_by_their_session),
    API_BOTH(the_standard_port_is_another_server),
    API_BOTH(connections_to_a_standard_port_are_counted),
    API_BOTH(what_cannot_be_listed_is_refused),
    API_BOTH(marked_connections_are_found),
    API_BOTH(another_mark_is_not_taken),
    API_BOTH(marks_that_cannot_be_set),
    API_BOTH(an_expired_connection_is_not_kept),
};

API_MAIN(tests)
