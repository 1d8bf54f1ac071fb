/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_ENABLE_SSL_REVOCATION against servers of test/support/revocation.py, whose certificates have the
 * URLs of lists that this program serves, each another one; so what is fetched by one test is no other's.
 * And the table of that file, held against `openssl verify`. Synchronous sessions speak the newest version
 * of TLS that there is, asynchronous ones TLS 1.2. C98, C99.
 */
#include <stdio.h>

#include <winhttp/extensions.h>

#include "support/api_case.h"
#include "support/columns.h"
#include "support/real_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REVOKED WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED
#define UNKNOWN WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED
#define IGNORED SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS
#define CRL_FILE WINHTTP_POSIX_OPTION_CRL_FILE

enum { SERVERS_MAX = 128, ROWS_MAX = 64, ROWS_MIN = 20, COLUMNS = 6, LIST_MAX = 16 * 1024 };
enum { LIST_MS = 15 * 1000, REDIRECTS_MAX = 5 };

static struct {
    struct real_server process;
    char root[128];
    char ca_file[160];
    char servers_file[160];
    char table[160];
    struct {
        char kind[16];
        uint16_t port;
        int is_taken;
    } servers[SERVERS_MAX];
    size_t server_count;
    struct server *lists; /* serves what the certificates' URLs ask for */
} world;

static struct row {
    struct columns line; /* what the texts below point into */
    const char *title;
    uint16_t port;
    const char *lists;
    const char *expected;
    const char *opinion; /* OpenSSL's */
    const char *why; /* the two differ */
} rows[ROWS_MAX];
static size_t row_count;

/* ---- What there is ---- */

static void read_servers(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned port;
    assert_non_null(file);
    while (world.server_count < SERVERS_MAX &&
           fscanf(file, " %15[^\t] %u", world.servers[world.server_count].kind, &port) == 2) {
        world.servers[world.server_count++].port = (uint16_t)port;
    }
    assert_true(feof(file));
    fclose(file);
}

static void read_row(struct row *row)
{
    char **columns = row->line.text;
    row->title = columns[0];
    row->port = (uint16_t)strtoul(columns[1], NULL, 10);
    row->lists = columns[2];
    row->expected = columns[3];
    row->opinion = columns[4];
    row->why = columns[5];
}

static void read_table(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (row_count < ROWS_MAX && columns_read(file, &rows[row_count].line, COLUMNS)) {
        read_row(&rows[row_count++]);
    }
    assert_true(feof(file));
    fclose(file);
    assert_true(row_count >= ROWS_MIN);
}

static int set_port(const char *name, uint16_t port)
{
    char text[8];
    snprintf(text, sizeof(text), "%u", port);
    return setenv(name, text, 1);
}

static int begin(void **state)
{
    static const struct server_step nothing[] = {{CLOSE}};
    const struct real_server_field fields[] = {
        REAL_SERVER_TEXT("root", world.root),
        REAL_SERVER_TEXT("ca_file", world.ca_file),
        REAL_SERVER_TEXT("servers", world.servers_file),
        REAL_SERVER_TEXT("table", world.table),
    };
    (void)state;
    world.lists = server_start(nothing);
    if (set_port("CRL_PORT", server_port(world.lists)) ||
        set_port("REFUSED_PORT", server_refused_port()) ||
        !real_server_start(&world.process, TEST_SUPPORT_DIR "/revocation.py", fields,
                           COUNT(fields)) ||
        unsetenv("SSL_CERT_DIR") || setenv("SSL_CERT_FILE", world.ca_file, 1)) {
        return -1;
    }
    read_servers(world.servers_file);
    read_table(world.table);
    return 0;
}

static int end(void **state)
{
    (void)state;
    real_server_stop(&world.process);
    server_stop(world.lists);
    return 0;
}

/* A server of that kind that no other test has. */
static uint16_t take(const char *kind)
{
    for (size_t i = 0; i < world.server_count; i++) {
        if (!world.servers[i].is_taken && strcmp(world.servers[i].kind, kind) == 0) {
            world.servers[i].is_taken = 1;
            return world.servers[i].port;
        }
    }
    fail_msg("there is no more %s", kind);
    return 0;
}

/* ---- Lists ---- */

/* An answer with a list of revocation.py, kept for as long as the program runs. */
struct answer {
    char *data;
    size_t len;
};

static struct answer read_answer(const char *name)
{
    static struct {
        char name[32];
        struct answer answer;
    } known[16];
    size_t at = 0;
    while (known[at].answer.data && strcmp(known[at].name, name) != 0) {
        at++;
        assert_true(at < COUNT(known));
    }
    if (!known[at].answer.data) {
        char path[192], list[LIST_MAX];
        snprintf(path, sizeof(path), "%s/%s.crl", world.root, name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t len = fread(list, 1, sizeof(list), file);
        fclose(file);
        assert_in_range(len, 1, sizeof(list) - 1);
        char *data = malloc(len + 128);
        assert_non_null(data);
        int head = sprintf(data, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
        memcpy(data + head, list, len);
        snprintf(known[at].name, sizeof(known[at].name), "%s", name);
        known[at].answer = (struct answer){data, len + (size_t)head};
    }
    return known[at].answer;
}

/* That list, behind a step if there is one. Lives as long as the program. */
static const struct server_step *make_script(const struct server_step *before, const char *name)
{
    static struct server_step scripts[128][4];
    static size_t used;
    struct answer answer = read_answer(name);
    assert_true(used < COUNT(scripts));
    struct server_step *script = scripts[used++], *at = script;
    *at++ = (struct server_step){EXPECT};
    if (before) {
        *at++ = *before;
    }
    *at++ = (struct server_step){SERVER_SEND, answer.data, answer.len, 0};
    *at = (struct server_step){END};
    return script;
}

/* Whoever asks for a list from now on gets this one. */
static void serve(const char *name)
{
    server_play(world.lists, make_script(NULL, name));
}

/* Nobody is held any more of so many, and all connections are over. */
static void release(size_t count)
{
    server_release(world.lists, count);
    assert_true(server_await_closed(world.lists, server_connections(world.lists)));
}

/* ---- Requests ---- */

static void open_session(struct api *a)
{
    api_open_session(a);
    if (a->mode == API_ASYNC) {
        api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS,
                       WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    }
}

static void open_request(struct api *a, uint16_t port, const char *path)
{
    api_open_at(a, "localhost", port);
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
    api_set_option(a->request, WINHTTP_OPTION_ENABLE_FEATURE, WINHTTP_ENABLE_SSL_REVOCATION);
}

static void close_request(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
}

/* The chain that can be shown says the same, and what it was not worth failing for. */
static void check_chain(HINTERNET request, DWORD faults)
{
    const DWORD unknown = CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    DWORD size = sizeof(chain);
    api_must(WinHttpQueryOption(request, WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT, &chain, &size)
                 ? 0
                 : GetLastError());
    DWORD told = chain->TrustStatus.dwErrorStatus;
    CertFreeCertificateChain(chain);
    assert_int_equal((told & CERT_TRUST_IS_REVOKED) != 0, (faults & REVOKED) != 0);
    if (faults & UNKNOWN) {
        assert_int_equal(told & unknown, unknown);
    }
}

/* The bits that were told of before the request failed, 0 when it worked. */
static DWORD finish(struct api *a)
{
    struct event event = {0};
    DWORD error = api_exchange(a);
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
    assert_int_equal(at >= 0, error != 0);
    if (error) {
        assert_int_equal(error, ERROR_WINHTTP_SECURE_FAILURE);
    } else {
        assert_string_equal(a->body, "served");
    }
    check_chain(a->request, event.number);
    close_request(a);
    return event.number;
}

/* Over a connection that nobody else gets. */
static DWORD ask(struct api *a, uint16_t port)
{
    recorder_reset();
    open_request(a, port, "/close");
    return finish(a);
}

static DWORD ask_ignoring(struct api *a, uint16_t port, DWORD flags)
{
    recorder_reset();
    open_request(a, port, "/close");
    api_set_option(a->request, WINHTTP_OPTION_IGNORE_CERT_REVOCATION_OFFLINE, TRUE);
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, flags);
    return finish(a);
}

static DWORD set_file(HINTERNET session, const char *path)
{
    WCHAR *text = wide(path);
    SetLastError(0xBAD);
    BOOL ok = WinHttpSetOption(session, CRL_FILE, text, (DWORD)(wide_len(text) * sizeof(WCHAR)));
    assert_int_equal(ok, GetLastError() == 0);
    return GetLastError();
}

/* ---- What lists say ---- */

static void C99_revoked_certificate_is_refused(void **state)
{
    struct api *a = *state;
    uint16_t port = take("leaf");
    open_session(a);
    serve("all");
    assert_int_equal(ask(a, port), REVOKED);
    assert_int_equal(ask_ignoring(a, port, 0), REVOKED);
    assert_int_equal(ask_ignoring(a, port, IGNORED), REVOKED);
}

/* Nothing of it is the application's: it hears of one name, one server, one request. */
static void good_certificate_is_accepted(void **state)
{
    struct api *a = *state;
    char expected[128];
    size_t before = server_requests(world.lists);
    open_session(a);
    serve("good");
    recorder_reset();
    open_request(a, take("leaf"), "/");
    api_must(api_exchange(a));
    recorder_expect(a->request,
                    a->mode == API_SYNC
                        ? "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED (CONNECTING_TO_SERVER )+"
                          "CONNECTED_TO_SERVER SENDING_REQUEST REQUEST_SENT RECEIVING_RESPONSE "
                          "RESPONSE_RECEIVED"
                        : "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED (CONNECTING_TO_SERVER )+"
                          "CONNECTED_TO_SERVER SENDING_REQUEST REQUEST_SENT SENDREQUEST_COMPLETE "
                          "RECEIVING_RESPONSE RESPONSE_RECEIVED HEADERS_AVAILABLE READ_COMPLETE "
                          "READ_COMPLETE");
    close_request(a);
    assert_int_equal(server_requests(world.lists), before + 1);
    const char *head = server_request(world.lists, before)->head;
    snprintf(expected, sizeof(expected),
             ".crl HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n\r\n",
             server_port(world.lists));
    assert_memory_equal(head, "GET /leaf", 9);
    assert_string_equal(strchr(head, '.'), expected);
}

static void list_is_fetched_once(void **state)
{
    struct api *a = *state;
    uint16_t port = take("leaf");
    size_t before = server_requests(world.lists);
    open_session(a);
    serve("good");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(a, port), 0);
    }
    assert_int_equal(server_requests(world.lists), before + 1);
}

/* That is not asked for is not looked for, and not given to who asks. */
static void connections_are_shared_only_if_they_were_looked_at(void **state)
{
    struct api *a = *state;
    uint16_t port = take("leaf");
    size_t before = server_requests(world.lists);
    open_session(a);
    serve("all");
    for (int i = 0; i < 2; i++) {
        recorder_reset();
        api_open_at(a, "localhost", port);
        api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
        assert_int_equal(finish(a), 0);
    }
    assert_int_equal(server_requests(world.lists), before);
    recorder_reset();
    open_request(a, port, "/");
    assert_int_equal(finish(a), REVOKED);
}

static void every_certificate_below_the_root_counts(void **state)
{
    static const struct {
        const char *of_server, *of_authority;
        DWORD faults;
    } cases[] = {
        {"chain-good", "good", 0},          {"chain-all", "good", REVOKED},
        {"chain-good", "middles", REVOKED}, {"chain-good", "expired", UNKNOWN},
        {"good", "good", UNKNOWN}, /* by the root, who has not signed that certificate */
    };
    struct api *a = *state;
    open_session(a);
    for (size_t i = 0; i < COUNT(cases); i++) {
        serve(cases[i].of_server);
        server_then(world.lists, make_script(NULL, cases[i].of_authority));
        print_message("  %s, %s\n", cases[i].of_server, cases[i].of_authority);
        assert_int_equal(ask(a, take("chain")), cases[i].faults);
    }
}

/* ---- Who does not serve a list ---- */

#define OK "HTTP/1.1 200 OK\r\n"
#define HTML OK "Content-Length: 6\r\n\r\n<html>"

static void what_is_no_list_is_not_known(void **state)
{
    static const struct server_step scripts[][4] = {
        {{EXPECT}, {SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")}, {END}},
        {{EXPECT}, {SEND(HTML)}, {END}},
        {{EXPECT}, {SEND(OK "Content-Length: 0\r\n\r\n")}, {END}},
        {{EXPECT}, {SEND(OK "Content-Length: 9\r\n\r\n0")}, {CLOSE}},
        {{EXPECT}, {SEND("220 mail.test\r\n")}, {END}},
        {{EXPECT}, {RESET}},
        {{EXPECT}, {SEND(OK "\r\n")}, {SEND_TIMES("0123456789abcdef", SERVER_ENDLESS)}, {END}},
        {{EXPECT}, {SEND_TIMES("HTTP/1.1 103 Hints\r\n\r\n", SERVER_ENDLESS)}, {END}},
        {{EXPECT}, {SEND("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")}, {END}},
        {{EXPECT}, {SEND("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n")}, {END}},
    };
    struct api *a = *state;
    open_session(a);
    for (size_t i = 0; i < COUNT(scripts); i++) {
        uint16_t port = take("leaf");
        int64_t begin_ms = patience_clock_ms();
        print_message("  row %zu\n", i);
        server_play(world.lists, scripts[i]);
        assert_int_equal(ask(a, port), UNKNOWN);
        assert_true(patience_clock_ms() - begin_ms < LIST_MS); /* it has not taken all its time */
        size_t before = server_requests(world.lists);
        assert_int_equal(ask_ignoring(a, port, 0), 0);
        assert_int_equal(server_requests(world.lists), before); /* that it failed is still known */
    }
}

static void lists_that_do_not_count_are_as_none(void **state)
{
    static const char *const names[] = {"stranger", "expired", "delta"};
    struct api *a = *state;
    open_session(a);
    for (size_t i = 0; i < COUNT(names); i++) {
        print_message("  %s\n", names[i]);
        serve(names[i]);
        assert_int_equal(ask(a, take("leaf")), UNKNOWN);
    }
}

static void list_beside_another_status_is_none(void **state)
{
    static struct server_step scripts[2][3] = {{{EXPECT}, {END}, {END}}, {{EXPECT}, {END}, {END}}};
    static char copies[2][4096]; /* the server may still be at it when the test is over */
    struct api *a = *state;
    struct answer answer = read_answer("good");
    char *copy = copies[a->mode];
    assert_true(answer.len <= sizeof(copies[0]));
    memcpy(copy, answer.data, answer.len);
    memcpy(copy + strlen("HTTP/1.1 "), "404", 3);
    scripts[a->mode][1] = (struct server_step){SERVER_SEND, copy, answer.len, 0};
    open_session(a);
    server_play(world.lists, scripts[a->mode]);
    assert_int_equal(ask(a, take("leaf")), UNKNOWN);
}

static void redirect_is_followed(void **state)
{
    static const struct server_step redirect[] = {
        {EXPECT},
        {SEND("HTTP/1.1 301 Moved\r\nLocation: /elsewhere?a=b\r\nContent-Length: 0\r\n\r\n")},
        {END}};
    struct api *a = *state;
    size_t before = server_requests(world.lists);
    open_session(a);
    server_play(world.lists, redirect);
    server_then(world.lists, make_script(NULL, "all"));
    assert_int_equal(ask(a, take("leaf")), REVOKED);
    assert_int_equal(server_requests(world.lists), before + 2);
    assert_memory_equal(server_request(world.lists, before + 1)->head,
                        "GET /elsewhere?a=b HTTP/1.1", 27);
}

/* To where a list would be, but for TLS. */
static void redirect_to_tls_is_not_followed(void **state)
{
    static char answers[2][128];
    static struct server_step redirects[2][3] = {{{EXPECT}, {END}, {END}},
                                                 {{EXPECT}, {END}, {END}}};
    struct api *a = *state;
    char *answer = answers[a->mode];
    size_t before = server_requests(world.lists);
    int len = snprintf(answer, sizeof(answers[0]),
                       "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:%u/\r\n\r\n",
                       server_port(world.lists));
    redirects[a->mode][1] = (struct server_step){SERVER_SEND, answer, (size_t)len, 0};
    open_session(a);
    server_play(world.lists, redirects[a->mode]);
    server_then(world.lists, make_script(NULL, "good"));
    assert_int_equal(ask(a, take("leaf")), UNKNOWN);
    assert_int_equal(server_requests(world.lists), before + 1);
}

static void redirects_come_to_an_end(void **state)
{
    static const struct server_step redirect[] = {
        {EXPECT},
        {SEND("HTTP/1.1 307 Again\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")},
        {END}};
    struct api *a = *state;
    size_t before = server_requests(world.lists);
    open_session(a);
    server_play(world.lists, redirect);
    assert_int_equal(ask(a, take("leaf")), UNKNOWN);
    assert_int_equal(server_requests(world.lists), before + 1 + REDIRECTS_MAX);
}

static void who_refuses_is_not_asked_long(void **state)
{
    struct api *a = *state;
    uint16_t port = take("refused");
    open_session(a);
    assert_int_equal(ask(a, port), UNKNOWN);
    assert_int_equal(ask_ignoring(a, port, 0), 0);
}

static void second_place_is_asked_when_the_first_has_nothing(void **state)
{
    struct api *a = *state;
    open_session(a);
    serve("all");
    assert_int_equal(ask(a, take("second")), REVOKED);
}

/* Half of the time to connect, so that the rest is left for what comes of it. Who has more gets the list. */
static void who_stalls_is_given_up(void **state)
{
    static const struct server_step stalls[] = {{EXPECT}, {HOLD}, {END}};
    struct api *a = *state;
    uint16_t port = take("leaf");
    size_t before = server_connections(world.lists);
    open_session(a);
    server_play(world.lists, stalls);
    assert_works(WinHttpSetTimeouts(a->session, 0, 6000, 0, 0));
    assert_int_equal(ask(a, port), UNKNOWN);
    assert_int_equal(ask_ignoring(a, port, 0), 0);
    release(server_connections(world.lists) - before);
    serve("good");
    assert_works(WinHttpSetTimeouts(a->session, 0, 60000, 0, 0));
    assert_int_equal(ask(a, port), 0);
}

static void closing_the_handle_ends_it(void **state)
{
    static const struct server_step stalls[] = {{EXPECT}, {HOLD}, {END}};
    struct api *a = *state;
    uint16_t port = take("leaf");
    open_session(a);
    server_play(world.lists, stalls);
    open_request(a, port, "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    assert_true(server_await_holding(world.lists, 1));
    close_request(a);
    release(1);
    serve("good");
    assert_int_equal(ask(a, port), 0);
}

enum { MANY = 6 };

/* And when the one that fetches is closed, another one goes on. */
static void one_fetches_for_all(void **state)
{
    static const struct server_step hold = {HOLD};
    struct api *a = *state;
    HINTERNET requests[MANY];
    uint16_t port = take("leaf");
    size_t before = server_requests(world.lists);
    open_session(a);
    api_open_at(a, "localhost", port);
    server_play(world.lists, make_script(&hold, "good"));
    for (size_t i = 0; i < MANY; i++) {
        api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
        api_set_option(a->request, WINHTTP_OPTION_ENABLE_FEATURE, WINHTTP_ENABLE_SSL_REVOCATION);
        requests[i] = a->request;
        assert_works(WinHttpSendRequest(requests[i], NULL, 0, NULL, 0, 0, 0));
        if (i == 0) {
            assert_true(server_await_holding(world.lists, 1));
        }
    }
    a->request = requests[0];
    api_close_request(a);
    assert_true(server_await_requests(world.lists, before + 2));
    server_release(world.lists, 2);
    for (size_t i = 1; i < MANY; i++) {
        struct event event;
        recorder_await(requests[i],
                       WINHTTP_CALLBACK_FLAG_SENDREQUEST_COMPLETE |
                           WINHTTP_CALLBACK_FLAG_REQUEST_ERROR,
                       0, &event);
        assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
        a->request = requests[i];
        api_close_request(a);
    }
    assert_int_equal(server_requests(world.lists), before + 2);
}

/* ---- Files ---- */

static void write_lists(const char *path, const char *from)
{
    char data[LIST_MAX], fresh[224];
    snprintf(fresh, sizeof(fresh), "%s/%s", world.root, from);
    FILE *file = fopen(fresh, "rb");
    assert_non_null(file);
    size_t len = fread(data, 1, sizeof(data), file);
    fclose(file);
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    file = fopen(fresh, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, path), 0);
}

static uint16_t port_of(const char *kind)
{
    size_t i = 0;
    while (strcmp(world.servers[i].kind, kind) != 0) {
        i++;
        assert_true(i < world.server_count);
    }
    return world.servers[i].port;
}

static void lists_in_a_file_need_no_server(void **state)
{
    struct api *a = *state;
    struct api other = {.mode = a->mode};
    char path[192];
    uint16_t leaf = take("leaf");
    int64_t begin_ms = patience_clock_ms();
    size_t before = server_requests(world.lists);
    snprintf(path, sizeof(path), "%s/own", world.root);
    open_session(a);
    open_session(&other);
    serve("all");
    write_lists(path, "good.crl");
    assert_int_equal(set_file(a->session, path), 0);
    assert_int_equal(ask(a, port_of("bare")), 0);
    assert_int_equal(ask(a, leaf), 0);
    assert_int_equal(server_requests(world.lists), before);
    assert_int_equal(ask(&other, port_of("bare")), UNKNOWN);
    write_lists(path, "all.crl");
    while (ask(a, port_of("bare")) == 0) {
        assert_true(patience_clock_ms() - begin_ms < PATIENCE_SECONDS * 1000);
    }
    assert_int_equal(ask(a, leaf), REVOKED);
    assert_int_equal(set_file(a->session, ""), 0);
    assert_int_equal(ask(a, port_of("bare")), UNKNOWN);
    api_close_session(&other);
    free(other.body);
    remove(path);
}

static void file_that_has_no_list_is_refused(void **state)
{
    struct api *a = *state;
    char path[192];
    DWORD value = 0;
    open_session(a);
    snprintf(path, sizeof(path), "%s/expired.crl", world.root);
    assert_int_equal(set_file(a->session, path), 0); /* it may be replaced in time */
    assert_int_equal(set_file(a->session, world.ca_file), ERROR_INVALID_DATA);
    assert_int_equal(set_file(a->session, "/nowhere/at/all.crl"), ERROR_FILE_NOT_FOUND);
    assert_int_equal(set_file(a->session, world.root), 0);
    assert_int_equal(ask(a, port_of("bare")), REVOKED);
    assert_fails(WinHttpSetOption(a->session, CRL_FILE, L"abc", sizeof(WCHAR) + 1),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, CRL_FILE, NULL, sizeof(WCHAR)),
                 ERROR_INVALID_PARAMETER);
    DWORD size = sizeof(value);
    assert_fails(WinHttpQueryOption(a->session, CRL_FILE, &value, &size), ERROR_INVALID_PARAMETER);
    api_open_at(a, "localhost", port_of("bare"));
    assert_fails(WinHttpSetOption(a->connect, CRL_FILE, &value, 0),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
}

/* ---- The table ---- */

static DWORD bits_of(const char *name)
{
    return strcmp(name, "REVOKED") == 0 ? REVOKED : strcmp(name, "UNKNOWN") == 0 ? UNKNOWN : 0;
}

static void C99_each_row(void **state)
{
    struct api *a = *state;
    size_t wrong = 0;
    open_session(a);
    for (size_t i = 0; i < row_count; i++) {
        DWORD expected = bits_of(rows[i].expected);
        int is_none = set_file(a->session, rows[i].lists) != 0;
        if (is_none) {
            assert_int_equal(set_file(a->session, ""), 0);
        }
        DWORD seen = ask(a, rows[i].port);
        DWORD lenient = ask_ignoring(a, rows[i].port, 0);
        if (seen != expected || lenient != (expected & REVOKED)) {
            print_error("%s: %lx, then %lx instead of %lx\n", rows[i].title, (unsigned long)seen,
                        (unsigned long)lenient, (unsigned long)expected);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void openssl_agrees_or_the_table_says_why_not(void **state)
{
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        int agrees = strcmp(rows[i].expected, rows[i].opinion) == 0;
        if (agrees == (rows[i].why[0] != '\0')) {
            print_error("%s: %s, OpenSSL %s%s%s\n", rows[i].title, rows[i].expected,
                        rows[i].opinion, agrees ? ", yet there is a reason to differ: " : "",
                        rows[i].why);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(C99_revoked_certificate_is_refused),
        API_BOTH(good_certificate_is_accepted),
        API_BOTH(list_is_fetched_once),
        API_BOTH(connections_are_shared_only_if_they_were_looked_at),
        API_BOTH(every_certificate_below_the_root_counts),
        API_BOTH(what_is_no_list_is_not_known),
        API_BOTH(lists_that_do_not_count_are_as_none),
        API_BOTH(list_beside_another_status_is_none),
        API_BOTH(redirect_is_followed),
        API_BOTH(redirect_to_tls_is_not_followed),
        API_BOTH(redirects_come_to_an_end),
        API_BOTH(who_refuses_is_not_asked_long),
        API_BOTH(second_place_is_asked_when_the_first_has_nothing),
        API_BOTH(who_stalls_is_given_up),
        API_ASYNC_ONLY(closing_the_handle_ends_it),
        API_ASYNC_ONLY(one_fetches_for_all),
        API_BOTH(lists_in_a_file_need_no_server),
        API_BOTH(file_that_has_no_list_is_refused),
        API_BOTH(C99_each_row),
        cmocka_unit_test(openssl_agrees_or_the_table_says_why_not),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, end);
}
