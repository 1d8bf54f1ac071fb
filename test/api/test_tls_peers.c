/* SPDX-License-Identifier: MIT */
/*
 * TLS with servers of four makes: nginx, Apache, OpenSSL's s_server and GnuTLS' gnutls-serv. Downloads,
 * uploads, kept connections, sessions that are resumed and those that must not be, what servers may do
 * to an open connection, and plain HTTP where TLS is expected.
 */
#include <stdio.h>
#include <unistd.h>

#include "support/apache.h"
#include "support/api_kept.h"
#include "support/nginx.h"
#include "support/pattern.h"
#include "support/tls_peers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { UPLOAD_SIZE = 300000 };

static struct apache_server *apache;
static char trusted[200]; /* the file of all authorities */
static char trusted_too[200]; /* one more of the same */

/* ---- Requests ---- */

/* Of a session that shares nothing with others, in the protocol. */
static void open_peer(struct api *a, uint16_t port, DWORD protocols)
{
    recorder_reset();
    api_open_apart(a, "localhost", port);
    if (protocols) {
        api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, protocols);
    }
}

static void close_peer(struct api *a)
{
    api_close_connect(a);
    api_close_session(a);
}

static void get_from(struct api *a, const char *path)
{
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
    assert_int_equal(api_status(a), 200);
    api_close_request(a);
}

static void send_pattern(struct api *a, const char *verb, const char *path)
{
    char *data = malloc(UPLOAD_SIZE);
    assert_non_null(data);
    pattern_fill(data, UPLOAD_SIZE, 0);
    api_request_flags(a, verb, path, WINHTTP_FLAG_SECURE);
    api_must(api_send_body(a, NULL, NULL, 0, UPLOAD_SIZE));
    for (size_t at = 0; at < UPLOAD_SIZE; at += UPLOAD_SIZE / 3) {
        api_must(api_write(a, data + at, UPLOAD_SIZE / 3));
    }
    api_must(api_receive(a));
    api_must(api_read_all(a));
    api_close_request(a);
    free(data);
}

/* ---- Peers ---- */

static void put_and_get(struct api *a)
{
    char path[64];
    snprintf(path, sizeof(path), "/upload/tls-%d-%d", (int)getpid(), a->mode);
    send_pattern(a, "PUT", path);
    get_from(a, path);
    api_assert_pattern(a, UPLOAD_SIZE);
}

static void post_to_openssl(struct api *a)
{
    send_pattern(a, "POST", "/body");
    assert_string_equal(a->body, "300000 whole");
    get_from(a, "/close/session");
}

/* It takes no bodies, but says what the header was. */
static void say_much_to_gnutls(struct api *a)
{
    enum { LEN = 20000 };
    static WCHAR sent[LEN + 1];
    static char field[LEN + 1];
    for (size_t i = 0; i < LEN; i++) {
        field[i] = i < 3 ? "X: "[i] : 'x';
        sent[i] = (WCHAR)field[i];
    }
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
    assert_works(WinHttpAddRequestHeaders(a->request, sent, (DWORD)-1, WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    assert_non_null(strstr(a->body, field));
    api_close_request(a);
}

/* What the server says of the session, on a connection of its own. */
static const char *ask_nginx(struct api *a)
{
    get_from(a, "/close/session");
    return strchr(a->body, ' ');
}

static const char *ask_apache(struct api *a)
{
    get_from(a, "/old/cgi/session");
    return strchr(a->body, ' ');
}

static const char *ask_openssl(struct api *a)
{
    get_from(a, "/close/session");
    return a->body;
}

/* A line for each in a file. */
static const char *ask_gnutls(struct api *a)
{
    static size_t seen;
    char line[512];
    size_t count = 0;
    get_from(a, "/");
    FILE *log = fopen(tls_peers->gnutls_log, "r");
    assert_non_null(log);
    while (fgets(line, sizeof(line), log)) {
        count += strstr(line, "This is a resumed session") != NULL;
    }
    fclose(log);
    int is_resumed = count > seen;
    seen = count;
    return is_resumed ? "resumed" : "new";
}

static const struct peer {
    const char *name;
    const char *path; /* of something to get on a connection that is kept */
    const char *path_of_last; /* the same, and closed */
    void (*upload)(struct api *a);
    const char *(*ask)(struct api *a);
    const char *is_new;
    const char *is_resumed;
} peers[] = {
    {"nginx", "/1m.bin", "/close/1m.bin", put_and_get, ask_nginx, " .\n", " r\n"},
    {"apache", "/1m.bin", "/old/1m.bin", put_and_get, ask_apache, " Initial\n", " Resumed\n"},
    {"openssl", "/session", "/close/session", post_to_openssl, ask_openssl, "new", "reused"},
    {"openssl without tickets", "/session", "/close/session", post_to_openssl, ask_openssl, "new",
     "reused"},
    {"gnutls", NULL, "/", say_much_to_gnutls, ask_gnutls, "new", "resumed"},
};

static uint16_t port_of(const struct peer *peer)
{
    const uint16_t ports[COUNT(peers)] = {nginx->https_port, apache->https_port,
                                          tls_peers->openssl_port, tls_peers->openssl_ids_port,
                                          tls_peers->gnutls_port};
    return ports[peer - peers];
}

static void for_each_peer(struct api *a, void (*test)(struct api *a, const struct peer *peer))
{
    for (size_t i = 0; i < COUNT(peers) * tls_protocol_count; i++) {
        const struct peer *peer = &peers[i % COUNT(peers)];
        if (!port_of(peer)) {
            continue; /* see gnutls_is_there */
        }
        print_message("  %s, %s\n", peer->name, i < COUNT(peers) ? "TLS 1.2" : "TLS 1.3");
        open_peer(a, port_of(peer), tls_protocols[i / COUNT(peers)]);
        test(a, peer);
        close_peer(a);
    }
}

/* ---- What they are ---- */

static void gnutls_is_there(void **state)
{
    (void)state;
    if (!tls_peers->gnutls_port) {
        skip(); /* it listens on every address, and may have no network of its own */
    }
}

/* None of them can be reached from another machine, or answers anywhere but where it was asked to. */
static void nobody_listens_on_every_address(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(peers); i++) {
        if (port_of(&peers[i])) {
            print_message("  %s\n", peers[i].name);
            api_open_apart(a, "127.0.0.9", port_of(&peers[i]));
            api_request(a, NULL, "/");
            api_must_fail(api_exchange(a), ERROR_WINHTTP_CANNOT_CONNECT);
            api_close_request(a);
            close_peer(a);
        }
    }
}

/* ---- With each of them ---- */

static void download_often(struct api *a, const struct peer *peer)
{
    enum { TIMES = 5 };
    for (int i = 0; i < TIMES && peer->path; i++) {
        get_from(a, peer->path);
    }
    get_from(a, peer->path_of_last);
    assert_int_equal(api_connects(), 1);
    if (strstr(peer->path_of_last, "1m.bin")) {
        api_assert_pattern(a, 1 << 20);
    }
}

static void C20_downloads_on_a_kept_connection(void **state)
{
    for_each_peer(*state, download_often);
}

static void upload_to(struct api *a, const struct peer *peer)
{
    peer->upload(a);
}

static void uploads(void **state)
{
    for_each_peer(*state, upload_to);
}

static void resume(struct api *a, const struct peer *peer)
{
    assert_string_equal(peer->ask(a), peer->is_new);
    for (int again = 0; again < 3; again++) {
        assert_string_equal(peer->ask(a), peer->is_resumed);
    }
    assert_int_equal(api_connects(), 4);
}

static void sessions_are_resumed(void **state)
{
    for_each_peer(*state, resume);
}

/* ---- Never beyond what they are trusted for ---- */

static void ignore_names(struct api *a)
{
    (void)a;
}

static void choose_protocols(struct api *a)
{
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, tls_protocols[0]);
}

static void choose_address(struct api *a)
{
    api_close_connect(a);
    api_open_at(a, "127.0.0.1", nginx->https_port);
}

static void choose_session(struct api *a)
{
    close_peer(a);
    open_peer(a, nginx->https_port, 0);
}

static void choose_authorities(struct api *a)
{
    (void)a;
    assert_int_equal(setenv("SSL_CERT_FILE", trusted_too, 1), 0);
}

static const struct {
    const char *title;
    void (*change)(struct api *a);
    DWORD ignores;
} differences[] = {
    {"fault ignored", ignore_names, SECURITY_FLAG_IGNORE_CERT_CN_INVALID},
    {"protocols", choose_protocols, 0},
    {"address for a name", choose_address, 0},
    {"application's session", choose_session, 0},
    {"authorities", choose_authorities, 0},
};

static const char *ask_ignoring(struct api *a, DWORD ignores)
{
    api_request_flags(a, NULL, "/close/session", WINHTTP_FLAG_SECURE);
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, ignores);
    api_must(api_exchange(a));
    api_close_request(a);
    return strchr(a->body, ' ');
}

static void sessions_do_not_go_where_trust_differs(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(differences); i++) {
        print_message("  %s\n", differences[i].title);
        open_peer(a, nginx->https_port, 0);
        assert_string_equal(ask_ignoring(a, 0), " .\n");
        assert_string_equal(ask_ignoring(a, 0), " r\n");
        differences[i].change(a);
        assert_string_equal(ask_ignoring(a, differences[i].ignores), " .\n");
        assert_string_equal(ask_ignoring(a, differences[i].ignores), " r\n");
        assert_int_equal(setenv("SSL_CERT_FILE", trusted, 1), 0);
        close_peer(a);
    }
}

/* ---- What OpenSSL's server does to an open connection ---- */

/* On a connection that is open, and was used before. */
static void get_behind_another(struct api *a, const char *path)
{
    get_from(a, "/session");
    get_from(a, path);
    assert_int_equal(api_connects(), 1);
}

/* mbedTLS knows no new keys: see docs/decisions.md. */
static void new_keys_end_the_connection(void **state)
{
    static const char *const paths[] = {"/update", "/update-both"};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(paths) && tls_protocol_count > 1; i++) {
        open_peer(a, tls_peers_take_once(), tls_protocols[1]);
        api_request_flags(a, NULL, paths[i], WINHTTP_FLAG_SECURE);
        api_must_fail(api_exchange(a), ERROR_WINHTTP_CONNECTION_ERROR);
        api_close_request(a);
        close_peer(a);
    }
}

/* Refused; OpenSSL does not go on then. */
static void renegotiation_is_refused(void **state)
{
    struct api *a = *state;
    open_peer(a, tls_peers_take_once(), tls_protocols[0]);
    api_request_flags(a, NULL, "/renegotiate", WINHTTP_FLAG_SECURE);
    api_must_fail(api_exchange(a), ERROR_WINHTTP_CONNECTION_ERROR);
}

static void what_is_not_encrypted_is_not_believed(void **state)
{
    struct api *a = *state;
    open_peer(a, tls_peers_take_once(), 0);
    api_request_flags(a, NULL, "/plain", WINHTTP_FLAG_SECURE);
    api_must_fail(api_exchange(a), ERROR_WINHTTP_CONNECTION_ERROR);
}

/* With TLS 1.3 there are many of them with each handshake, in front of the first answer. */
static void tickets_do_not_disturb(void **state)
{
    struct api *a = *state;
    for (size_t p = 0; p < tls_protocol_count; p++) {
        open_peer(a, tls_peers->openssl_port, tls_protocols[p]);
        get_behind_another(a, "/close/session");
        close_peer(a);
    }
}

/* ---- Plain HTTP to a port that expects TLS ---- */

static void plain_requests_get_an_answer_or_an_error(void **state)
{
    const struct {
        uint16_t port;
        DWORD status; /* 0: no HTTP */
    } rows[] = {{nginx->https_port, 400},
                {apache->https_port, 400},
                {tls_peers->openssl_port, 0},
                {tls_peers->openssl_ids_port, 0},
                {tls_peers->gnutls_port, 0}};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!rows[i].port) {
            continue; /* see gnutls_is_there */
        }
        open_peer(a, rows[i].port, 0);
        api_request(a, NULL, "/");
        DWORD error = api_exchange(a);
        print_message("  %s: %lu\n", peers[i].name, (unsigned long)error);
        if (rows[i].status) {
            assert_int_equal(error, 0);
            assert_int_equal(api_status(a), rows[i].status);
        } else {
            assert_true(error == ERROR_WINHTTP_CONNECTION_ERROR ||
                        error == ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
        }
        api_close_request(a);
        close_peer(a);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(gnutls_is_there),
    API_SYNC_ONLY(nobody_listens_on_every_address),
    API_BOTH(C20_downloads_on_a_kept_connection),
    API_BOTH(uploads),
    API_BOTH(sessions_are_resumed),
    API_BOTH(sessions_do_not_go_where_trust_differs),
    API_BOTH(new_keys_end_the_connection),
    API_BOTH(renegotiation_is_refused),
    API_BOTH(what_is_not_encrypted_is_not_believed),
    API_BOTH(tickets_do_not_disturb),
    API_BOTH(plain_requests_get_an_answer_or_an_error),
};

/* ---- All of them at once ---- */

static void append_file(FILE *all, const char *path)
{
    char text[8192];
    FILE *one = fopen(path, "r");
    assert_non_null(one);
    size_t len = fread(text, 1, sizeof(text), one);
    assert_int_equal(fwrite(text, 1, len, all), len);
    fclose(one);
}

static void write_authorities(const char *path)
{
    FILE *all = fopen(path, "w");
    assert_non_null(all);
    append_file(all, nginx->ca_file);
    append_file(all, apache->ca_file);
    append_file(all, tls_peers->ca_file);
    assert_int_equal(fclose(all), 0);
}

static int begin(void **state)
{
    apache = apache_start();
    if (!apache || nginx_begin(state) || tls_peers_begin(state)) {
        return -1;
    }
    snprintf(trusted, sizeof(trusted), "%s/trusted", tls_peers->root);
    snprintf(trusted_too, sizeof(trusted_too), "%s/trusted-too", tls_peers->root);
    write_authorities(trusted);
    write_authorities(trusted_too);
    return setenv("SSL_CERT_FILE", trusted, 1);
}

static int end(void **state)
{
    apache_stop(apache);
    return tls_peers_end(state) || nginx_end(state);
}

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, end);
}
