/* SPDX-License-Identifier: MIT */
/*
 * record-tls FOLDER: what a good server says to the client of fuzz_tls.c, as inputs that the fuzzer begins
 * with; prints their names. One for each protocol and kind of key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/error.h"
#include "support/still_world.h"
#include "unit/net/tls_world.h"

static const uint32_t protocols[] = TEST_PROTOCOLS;
static const char *folder;

#define SAID "hello, world"

/* What has come so far is kept, for the client takes it away. */
static void keep(struct test_link *link, struct wh_buffer *kept)
{
    assert_int_equal(wh_buffer_append(kept, link->to_client.data, link->to_client.len), 0);
}

static void shake(struct test_link *link, struct wh_tls *tls, struct wh_buffer *kept)
{
    int error;
    while ((error = wh_tls_handshake(tls)) == WH_AGAIN) {
        test_link_serve(link);
        keep(link, kept);
    }
    assert_int_equal(error, 0);
    test_link_serve(link);
    keep(link, kept);
}

static void say_something(struct test_link *link, struct wh_buffer *kept)
{
    size_t before = link->to_client.len;
    test_link_say(link, SAID, 5);
    assert_int_equal(mbedtls_ssl_send_alert_message(&link->server, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                                                    MBEDTLS_SSL_ALERT_MSG_USER_CANCELED),
                     0);
    test_link_say(link, &SAID[5], strlen(SAID) - 5);
    test_link_bid_farewell(link);
    assert_int_equal(
        wh_buffer_append(kept, link->to_client.data + before, link->to_client.len - before), 0);
}

static void write_input(const char *name, int protocol, const struct wh_buffer *said)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s-%d", folder, name, protocol);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite("\0\7", 1, 2, file), 2);
    assert_int_equal(fwrite(said->data, 1, said->len, file), said->len);
    assert_int_equal(fclose(file), 0);
    printf("%s\n", path);
}

/* It is as good the second time, when there is no server. */
static void replay(struct test_site *site, const struct wh_buffer *said)
{
    struct test_link link;
    char heard[16];
    size_t len = 0, part = 1;
    test_link_init(&link, site);
    assert_int_equal(wh_buffer_append(&link.to_client, said->data, said->len), 0);
    link.is_ended = true;
    still_world_rewind();
    struct wh_tls *tls = test_client(&link, TEST_HOST, SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS, NULL);
    assert_int_equal(wh_tls_handshake(tls), 0);
    for (; part; len += part) {
        assert_int_equal(
            wh_channel_recv(wh_tls_channel(tls), heard + len, sizeof(heard) - len, &part), 0);
    }
    assert_int_equal(len, strlen(SAID));
    assert_memory_equal(heard, SAID, len);
    test_disconnect(&link, tls);
}

static void record(const char *name, int protocol, struct test_identity *identity)
{
    struct test_site site;
    struct test_link link;
    struct wh_buffer said = {0};
    test_site_init(&site, identity, protocols[protocol]);
    test_link_init(&link, &site);
    still_world_rewind();
    struct wh_tls *tls = test_client(&link, TEST_HOST, SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS, NULL);
    shake(&link, tls, &said);
    say_something(&link, &said);
    write_input(name, protocol, &said);
    test_disconnect(&link, tls);
    replay(&site, &said);
    wh_buffer_finish(&said);
    test_site_finish(&site);
}

static void record_all(void **state)
{
    static const struct test_certificate specs[] = {
        {.subject = "CN=a", .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)}},
        {.subject = "CN=b", .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)}, .is_rsa = 1}};
    (void)state;
    for (size_t i = 0; i < COUNT(specs) * COUNT(protocols); i++) {
        struct test_identity identity;
        size_t kind = i % COUNT(specs);
        test_identity_init(&identity, &specs[kind], NULL);
        record(specs[kind].is_rsa ? "rsa" : "ecdsa", (int)(i / COUNT(specs)), &identity);
        test_identity_finish(&identity);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(record_all)};
    folder = argc > 1 ? argv[1] : ".";
    mkdir(folder, 0777);
    still_world_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
