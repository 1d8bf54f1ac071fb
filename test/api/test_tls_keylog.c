/* SPDX-License-Identifier: MIT */
/*
 * SSLKEYLOGFILE: in a build that allows it, every secret that OpenSSL's server logs of a connection is in
 * the client's file as well, in the same words; in any other build there is no file.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/api_kept.h"
#include "support/tls_peers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEYLOG "SSLKEYLOGFILE"

enum { LINE_SIZE = 512, FILE_SIZE = 256 * 1024 };

static char own_path[200];

static void session_of(struct api *a)
{
    api_request_flags(a, NULL, "/close/session", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
    api_close_request(a);
}

/* A file's text; empty if there is none. Good until the next call. */
static const char *text_of(const char *path)
{
    static char text[FILE_SIZE];
    size_t len = 0;
    FILE *file = fopen(path, "r");
    if (file) {
        len = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
    }
    text[len] = '\0';
    return text;
}

#ifdef WH_TLS_KEYLOG

static const char *const labels[] = {
    "CLIENT_RANDOM ",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET ",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET ",
    "CLIENT_TRAFFIC_SECRET_0 ",
    "SERVER_TRAFFIC_SECRET_0 ",
};

static size_t find_label(const char *line)
{
    size_t i = 0;
    while (i < COUNT(labels) && strncmp(line, labels[i], strlen(labels[i])) != 0) {
        i++;
    }
    return i;
}

/* Reads on in a log; the next line of those that both sides write. 0 at the end. */
static int next_secret(FILE *log, char line[LINE_SIZE])
{
    while (fgets(line, LINE_SIZE, log)) {
        if (find_label(line) < COUNT(labels)) {
            return 1;
        }
    }
    return 0;
}

/* The server's lines from there on; answers how many there are. */
static size_t expect_servers_secrets(long from)
{
    char line[LINE_SIZE];
    size_t count = 0;
    FILE *log = fopen(tls_peers->openssl_keys, "r");
    assert_non_null(log);
    assert_int_equal(fseek(log, from, SEEK_SET), 0);
    const char *own = text_of(own_path);
    while (next_secret(log, line)) {
        assert_non_null(strstr(own, line));
        count++;
    }
    fclose(log);
    return count;
}

/* None but what the server has logged as well. */
static size_t expect_own_secrets(void)
{
    char line[LINE_SIZE];
    size_t count = 0;
    FILE *log = fopen(own_path, "r");
    assert_non_null(log);
    const char *servers = text_of(tls_peers->openssl_keys);
    while (fgets(line, LINE_SIZE, log)) {
        assert_true(find_label(line) < COUNT(labels));
        assert_non_null(strstr(servers, line));
        count++;
    }
    fclose(log);
    return count;
}

/* Three connections, of which the last two take a session up again. */
static void secrets_are_those_of_the_server(void **state)
{
    struct api *a = *state;
    for (size_t p = 0; p < tls_protocol_count; p++) {
        unlink(own_path);
        long from = (long)strlen(text_of(tls_peers->openssl_keys));
        api_open_apart(a, "localhost", tls_peers->openssl_port);
        api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, tls_protocols[p]);
        for (int i = 0; i < 3; i++) {
            session_of(a);
        }
        int per_connection = tls_protocols[p] == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3 ? 4 : 1;
        assert_int_equal(expect_servers_secrets(from), 3 * per_connection);
        assert_int_equal(expect_own_secrets(), 3 * per_connection);
        api_close_connect(a);
        api_close_session(a);
    }
}

static void nothing_is_written_where_nothing_is_said(void **state)
{
    unlink(own_path);
    assert_int_equal(setenv(KEYLOG, "", 1), 0);
    api_open_apart(*state, "localhost", tls_peers->openssl_port);
    session_of(*state);
    assert_int_equal(setenv(KEYLOG, own_path, 1), 0);
    assert_true(access(own_path, F_OK) != 0);
}

/* A folder is no file. */
static void connections_do_not_depend_on_it(void **state)
{
    assert_int_equal(setenv(KEYLOG, "/", 1), 0);
    api_open_apart(*state, "localhost", tls_peers->openssl_port);
    session_of(*state);
    assert_int_equal(setenv(KEYLOG, own_path, 1), 0);
}

static void others_may_not_read_it(void **state)
{
    struct stat about;
    unlink(own_path);
    api_open_apart(*state, "localhost", tls_peers->openssl_port);
    session_of(*state);
    assert_int_equal(stat(own_path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(secrets_are_those_of_the_server),
    API_BOTH(nothing_is_written_where_nothing_is_said),
    API_BOTH(connections_do_not_depend_on_it),
    API_SYNC_ONLY(others_may_not_read_it),
};

#else

static void there_is_no_key_log(void **state)
{
    struct api *a = *state;
    for (size_t p = 0; p < tls_protocol_count; p++) {
        api_open_apart(a, "localhost", tls_peers->openssl_port);
        api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, tls_protocols[p]);
        session_of(a);
        api_close_connect(a);
        api_close_session(a);
    }
    assert_true(*text_of(tls_peers->openssl_keys) != '\0');
    assert_true(access(own_path, F_OK) != 0);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(there_is_no_key_log),
};

#endif

static int begin(void **state)
{
    if (tls_peers_begin(state)) {
        return -1;
    }
    snprintf(own_path, sizeof(own_path), "%s.own-%d", tls_peers->openssl_keys, (int)getpid());
    return setenv(KEYLOG, own_path, 1);
}

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, tls_peers_end);
}
