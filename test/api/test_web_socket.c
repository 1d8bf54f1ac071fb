/* SPDX-License-Identifier: MIT */
/*
 * Upgrades: no request has been upgraded, whatever it was answered, and it stays as good as it was. What
 * the other functions say of handles is in test_wrong_handle.c.
 */
#include "support/api_case.h"

static void must_not_be_upgraded(struct api *a)
{
    size_t created = recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED);
    assert_fails(WinHttpWebSocketCompleteUpgrade(a->request, 1) != NULL,
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_fails(WinHttpProtocolCompleteUpgrade(a->request, 1) != NULL,
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED), created);
}

static void C77_there_is_nothing_to_complete(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/");
    must_not_be_upgraded(a);
    api_must(api_send(a));
    must_not_be_upgraded(a);
    api_must(api_receive(a));
    must_not_be_upgraded(a);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
    must_not_be_upgraded(a);
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
}

/* Arguments are not looked at, nor written to, when the handle is wrong: so they may be anything. */
static void C78_C85_the_handle_comes_first(void **state)
{
    struct api *a = *state;
    HINTERNET request;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    request = a->request;
    const DWORD codes[] = {
        WinHttpWebSocketSend(request, WINHTTP_WEB_SOCKET_CLOSE_BUFFER_TYPE, NULL, 1),
        WinHttpWebSocketReceive(request, NULL, 0, NULL, NULL),
        WinHttpWebSocketShutdown(request, 0, NULL, 124),
        WinHttpWebSocketClose(request, 0, NULL, 124),
        WinHttpWebSocketQueryCloseStatus(request, NULL, NULL, 1, NULL),
        WinHttpProtocolSend(request, 1, NULL, 1),
        WinHttpProtocolReceive(request, 1, NULL, 1, NULL),
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(codes[i], ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    }
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C77_there_is_nothing_to_complete),
    API_BOTH(C78_C85_the_handle_comes_first),
};

API_MAIN(tests)
