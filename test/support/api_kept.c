/* SPDX-License-Identifier: MIT */
#include "support/api_kept.h"

void api_open_apart(struct api *a, const char *host, uint16_t port)
{
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_open_at(a, host, port);
}

void api_open_apart_1_2(struct api *a, const char *host, uint16_t port)
{
    api_open_apart(a, host, port);
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS,
                   WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
}

size_t api_connects(void)
{
    return recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER);
}

void api_get_three_by_three(struct api *a, const char *path)
{
    for (size_t i = 0; i < 10; i++) {
        api_request(a, NULL, path);
        api_must(api_exchange(a));
        assert_int_equal(api_status(a), 200);
        const char *connection = api_header(a, "Connection");
        assert_int_equal(connection && strcmp(connection, "close") == 0, i % 3 == 2);
        api_close_request(a);
        assert_int_equal(api_connects(), i / 3 + 1);
    }
}

void api_get_in_the_nick_of_time(struct api *a, const char *path)
{
    enum { KEPT_MS = 100, TURNS = 16 };
    for (int i = 0; i < TURNS; i++) {
        const struct timespec gap = {0, (KEPT_MS - TURNS / 2 + i) * 1000000L};
        api_get(a, path);
        assert_int_equal(a->status, 200);
        nanosleep(&gap, NULL);
    }
    assert_in_range(api_connects(), 2, TURNS);
}
