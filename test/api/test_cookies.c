/* SPDX-License-Identifier: MIT */
/* Cookies: what is kept, for how long and for whom; what is sent, beside the application's own. */
#include <pthread.h>
#include <stdio.h>

#include "support/api_case.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EMPTY "Content-Length: 0\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define SETS(cookie) SEND(OK "Set-Cookie: " cookie "\r\n" EMPTY)

/* The latest request had this Cookie field; NULL: none. And only one. */
#define assert_cookie(a, expected) assert_cookie_at(a, expected, __FILE__, __LINE__)
static void assert_cookie_at(struct api *a, const char *expected, const char *file, int line)
{
    size_t last = server_requests(a->server) - 1;
    const char *sent = api_sent_field(a, last, "Cookie");
    if (!sent != !expected || (sent && strcmp(sent, expected) != 0)) {
        print_error("Cookie: %s\nand not  %s\n", sent ? sent : "(none)",
                    expected ? expected : "(none)");
        _fail(file, line);
    }
    const char *first = strstr(server_request(a->server, last)->head, "\r\nCookie:");
    assert_null(first ? strstr(first + 1, "\r\nCookie:") : NULL);
}

/* A header of the request as the application sees it; NULL if it is not there. */
static const char *shown(struct api *a, DWORD index)
{
    WCHAR value[256];
    DWORD size = sizeof(value);
    return WinHttpQueryHeaders(a->request,
                               WINHTTP_QUERY_COOKIE | WINHTTP_QUERY_FLAG_REQUEST_HEADERS, NULL,
                               value, &size, &index)
               ? narrow(value)
               : NULL;
}

static BOOL add(struct api *a, const char *lines, DWORD flags)
{
    return WinHttpAddRequestHeaders(a->request, wide(lines), (DWORD)-1, flags);
}

/* ---- Rules ---- */

static void I1_the_jar_belongs_to_the_session(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SETS("a=1")}, {EXPECT}, {SEND(OK EMPTY)}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    assert_cookie(a, NULL);
    api_close_connect(a);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/");
    assert_cookie(a, "a=1");
    api_close_connect(a);
    HINTERNET session = a->session;
    a->session = NULL;
    server_play(a->server, script + 2);
    api_open_at(a, "127.0.0.1", server_port(a->server)); /* in a session of its own */
    api_get(a, "/");
    assert_cookie(a, NULL);
    assert_works(WinHttpCloseHandle(session));
}

/* A21: and as long as anything of it is open. */
static void I1_the_jar_outlives_the_handle_of_the_session(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SETS("a=1")}, {EXPECT}, {SETS("b=2")}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    api_close_session(a);
    api_get(a, "/");
    assert_cookie(a, "a=1");
    api_get(a, "/");
    assert_cookie(a, "b=2; a=1");
}

struct sharer {
    pthread_t thread;
    HINTERNET connect;
    int done;
};

static void *share_jar(void *argument)
{
    struct sharer *sharer = argument;
    for (int i = 0; i < 20; i++) {
        HINTERNET request = WinHttpOpenRequest(sharer->connect, NULL, L"/", NULL, NULL, NULL, 0);
        sharer->done += WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
                        WinHttpReceiveResponse(request, NULL);
        WinHttpCloseHandle(request);
    }
    return NULL;
}

static void I1_threads_share_the_jar(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SETS("a=1")},           {EXPECT}, {SETS("b=2")},
        {EXPECT}, {SETS("a=; Max-Age=0")}, {AGAIN}};
    struct api *a = *state;
    struct sharer sharers[4] = {{.done = 0}};
    api_open(a, script);
    for (size_t i = 0; i < COUNT(sharers); i++) {
        sharers[i].connect = a->connect;
        assert_int_equal(pthread_create(&sharers[i].thread, NULL, share_jar, &sharers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(sharers); i++) {
        pthread_join(sharers[i].thread, NULL);
        assert_int_equal(sharers[i].done, 20);
    }
    for (size_t i = 0; i < server_requests(a->server); i++) {
        static const char *const possible[] = {"a=1", "b=2", "a=1; b=2", "b=2; a=1"};
        const char *sent = api_sent_field(a, i, "Cookie");
        size_t found = 0;
        while (sent && found < COUNT(possible) && strcmp(sent, possible[found]) != 0) {
            found++;
        }
        assert_true(found < COUNT(possible));
    }
}

static void I2_I3_I4_I8_what_is_sent_back(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND(OK "Set-Cookie: name = value \r\nSet-Cookie:NAME=other;  pAtH = / ; x\r\n"
                 "set-cookie: a=b=c; HttpOnly ; secure-not; Version=1;\r\n" EMPTY)},
        {EXPECT},
        {SETS("name=new")},
        {EXPECT},
        {SEND(OK EMPTY)},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    api_get(a, "/");
    assert_cookie(a, "a=b=c; NAME=other; name=value");
    api_get(a, "/");
    assert_cookie(a, "name=new; a=b=c; NAME=other");
}

static void I5_one_header_the_applications_part_first(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND(OK "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" EMPTY)},
        {EXPECT},
        {SEND(OK EMPTY)},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    api_request(a, NULL, "/");
    assert_works(add(a, "X: y\r\nCookie: a=own", WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_send_headers(a, "Cookie: c=3\r\nZ: z"));
    api_must(api_receive(a));
    assert_cookie(a, "a=own; c=3; b=2; a=1");
    assert_string_equal(api_sent_field(a, 1, "X"), "y");
    assert_string_equal(api_sent_field(a, 1, "Z"), "z");
}

/* Without anything in the jar it is one header all the same (RFC 6265, 5.4). */
static void I5_own_cookies_alone(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(OK EMPTY)}, {END}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/");
    assert_works(add(a, "Cookie: a=1", WINHTTP_ADDREQ_FLAG_ADD));
    assert_works(add(a, "Cookie: b=2", WINHTTP_ADDREQ_FLAG_ADD));
    assert_string_equal(shown(a, 1), "b=2"); /* F6 */
    api_must(api_send(a));
    api_must(api_receive(a));
    assert_cookie(a, "a=1; b=2");
}

static void I6_hosts_and_path_prefixes(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND(OK "Set-Cookie: dir=1\r\nSet-Cookie: x=2; Path=/x\r\n"
                 "Set-Cookie: deep=3; Path=/x/y/z\r\nSet-Cookie: other=4; Domain=example.com\r\n"
                 "Set-Cookie: tld=5; Domain=1\r\nConnection: close\r\n" EMPTY)},
        {CLOSE}};
    static const struct server_step then[] = {{EXPECT}, {SEND(OK EMPTY)}, {AGAIN}};
    static const struct {
        const char *path;
        const char *cookie;
    } rows[] = {
        {"/x", "x=2; dir=1"},   {"/x2", "x=2; dir=1"},
        {"/x/y", "x=2; dir=1"}, {"/x/y/z", "deep=3; x=2; dir=1"},
        {"/?/x", "dir=1"},      {"/X", "dir=1"},
        {"/", "dir=1"},
    };
    struct api *a = *state;
    api_open(a, script);
    server_then(a->server, then);
    api_get(a, "/x");
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_get(a, rows[i].path);
        assert_cookie(a, rows[i].cookie);
    }
    api_close_connect(a);
    api_open_at(a, "localhost", server_port(a->server));
    api_get(a, "/x");
    assert_cookie(a, NULL);
}

static void I7_expired_cookies(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND(OK "Set-Cookie: a=1; Expires=Thu, 01-Jan-1970 00:00:01 GMT; Domain=localhost; Path=/;"
                 " HttpOnly;\r\nSet-Cookie: b=2\r\nSet-Cookie: c=3; Max-Age=3600\r\n"
                 "Set-Cookie: d=4; Expires=Fri, 31 Dec 9999 23:59:59 GMT\r\n"
                 "Set-Cookie: e=5; Max-Age=0\r\n" EMPTY)},
        {EXPECT},
        {SEND(OK
              "Set-Cookie: b=; expires = Thu, 01 Jan 1970 00:00:00 GMT\r\n"
              "Set-Cookie: d=gone; Max-Age=-1; Expires=Fri, 31 Dec 9999 23:59:59 GMT\r\n" EMPTY)},
        {EXPECT},
        {SEND(OK EMPTY)},
        {END}};
    struct api *a = *state;
    a->server = server_start(script);
    api_open_at(a, "localhost", server_port(a->server));
    api_get(a, "/");
    api_get(a, "/");
    assert_cookie(a, "d=4; c=3; b=2");
    api_get(a, "/");
    assert_cookie(a, "c=3");
}

static void I9_disabled(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SETS("a=1")},    {EXPECT}, {SETS("b=2")},
                                                {EXPECT}, {SEND(OK EMPTY)}, {END}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    api_request(a, NULL, "/");
    api_set_option(a->request, WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_COOKIES);
    assert_works(add(a, "Cookie: own=0", WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    assert_cookie(a, "own=0");
    assert_string_equal(api_header(a, "Set-Cookie"), "b=2");
    api_close_request(a);
    api_get(a, "/");
    assert_cookie(a, "a=1");
}

static void I10_regenerated_for_each_leg(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND(OK "Set-Cookie: a=1; Path=/\r\nSet-Cookie: s=2; Path=/s\r\n" EMPTY)},
        {EXPECT},
        {SEND("HTTP/1.1 302 M\r\nLocation: /e\r\nSet-Cookie: n=3; Path=/\r\n"
              "Set-Cookie: a=; Path=/; Max-Age=0\r\n" EMPTY)},
        {EXPECT},
        {SETS("e=4")},
        {EXPECT},
        {SEND(OK EMPTY)},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    api_request(a, NULL, "/s");
    assert_works(add(a, "Cookie: own=0", WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    assert_string_equal(api_sent_field(a, 1, "Cookie"), "own=0; s=2; a=1");
    assert_cookie(a, "own=0; n=3");
    api_must(api_exchange(a)); /* to where the redirect led */
    assert_cookie(a, "own=0; e=4; n=3");
    assert_string_equal(shown(a, 0), "own=0; e=4; n=3");
    assert_null(shown(a, 1));
}

/* What was for one server only does not go to the next one; what that one has set does. */
static void I10_redirect_to_another_origin(void **state)
{
    static char away[128];
    static struct server_step script[8];
    struct api *a = *state;
    a->server = server_start((const struct server_step[]){{EXPECT}, {SETS("there=1")}, {AGAIN}});
    uint16_t port = server_port(a->server);
    api_open_at(a, "localhost", port);
    api_get(a, "/");
    api_close_connect(a);
    snprintf(away, sizeof(away), "HTTP/1.1 302 M\r\nLocation: http://localhost:%u/\r\n" EMPTY,
             port);
    script[0] = (struct server_step){EXPECT};
    script[1] = (struct server_step){SETS("here=2")};
    script[2] = (struct server_step){EXPECT};
    script[3] = (struct server_step){SERVER_SEND, away, strlen(away), 0};
    script[4] = (struct server_step){EXPECT};
    script[5] = (struct server_step){SEND(OK EMPTY)};
    script[6] = (struct server_step){END};
    server_play(a->server, script);
    api_open_at(a, "127.0.0.1", port);
    api_get(a, "/");
    api_request(a, NULL, "/");
    assert_works(add(a, "Cookie: own=0", WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    assert_string_equal(api_sent_field(a, 2, "Cookie"), "own=0; here=2");
    assert_cookie(a, "there=1");
}

struct inside {
    struct api *a;
    char shown[64];
    BOOL ok;
};

static void drop_own(const struct event *event, void *argument)
{
    struct inside *inside = argument;
    const char *cookie = shown(inside->a, 0);
    snprintf(inside->shown, sizeof(inside->shown), "%s", cookie ? cookie : "(none)");
    inside->ok =
        WinHttpAddRequestHeaders(event->handle, L"Cookie:", (DWORD)-1, WINHTTP_ADDREQ_FLAG_REPLACE);
}

/* Inside REDIRECT the application sees its own part, and may take it away. */
static void I10_I11_inside_redirect(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SETS("a=1")},
        {EXPECT}, {SEND("HTTP/1.1 302 M\r\nLocation: /n\r\nSet-Cookie: b=2\r\n" EMPTY)},
        {EXPECT}, {SEND(OK EMPTY)},
        {END}};
    struct api *a = *state;
    struct inside inside = {.a = a};
    api_open(a, script);
    api_get(a, "/");
    api_request(a, NULL, "/");
    assert_works(add(a, "Cookie: own=0", WINHTTP_ADDREQ_FLAG_ADD));
    recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, drop_own, &inside);
    api_must(api_exchange(a));
    recorder_settle();
    assert_true(inside.ok);
    assert_string_equal(inside.shown, "own=0");
    assert_cookie(a, "b=2; a=1");
}

static void I10_cleared_before_a_request_is_sent_again(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(OK "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" EMPTY)},
        {EXPECT}, {SEND(OK "Set-Cookie: a=3\r\nSet-Cookie: b=; Max-Age=0\r\n" EMPTY)},
        {EXPECT}, {SEND(OK "Set-Cookie: a=; Max-Age=0\r\n" EMPTY)},
        {EXPECT}, {SEND(OK EMPTY)},
        {END}};
    static const char *const sent[] = {"own=0", "own=0; b=2; a=1", "own=0; a=3", "own=0"};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/");
    assert_works(add(a, "Cookie: own=0", WINHTTP_ADDREQ_FLAG_ADD));
    for (size_t i = 0; i < COUNT(sent); i++) {
        api_must(api_exchange(a));
        assert_cookie(a, sent[i]);
        assert_string_equal(shown(a, 0), sent[i]);
    }
}

static void I11_removed_by_replacing_with_nothing(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SETS("a=1")}, {EXPECT}, {SEND(OK EMPTY)}, {EXPECT}, {SEND(OK EMPTY)}, {END}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/");
    assert_works(add(a, "Cookie: own=0", WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    assert_cookie(a, "own=0");
    assert_works(add(a, "Cookie:", WINHTTP_ADDREQ_FLAG_REPLACE));
    assert_null(shown(a, 0));
    api_must(api_exchange(a));
    assert_cookie(a, "a=1");
    assert_string_equal(shown(a, 0), "a=1");
    assert_works(add(a, "Cookie:", WINHTTP_ADDREQ_FLAG_REPLACE));
    assert_null(shown(a, 0));
    assert_fails(add(a, "Cookie:", WINHTTP_ADDREQ_FLAG_REPLACE), ERROR_WINHTTP_HEADER_NOT_FOUND);
    api_must(api_exchange(a));
    assert_cookie(a, "a=1");
}

/* ---- Beyond the rules ---- */

struct seen {
    HINTERNET connect;
    BOOL ok;
};

/* The cookies of a response are there when its first notification comes. */
static void open_another(const struct event *event, void *argument)
{
    (void)event;
    struct seen *seen = argument;
    HINTERNET request = WinHttpOpenRequest(seen->connect, NULL, L"/2", NULL, NULL, NULL, 0);
    seen->ok = request && WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
               WinHttpReceiveResponse(request, NULL) && WinHttpCloseHandle(request);
}

static void cookies_are_there_before_the_response_is_told(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SETS("a=1")}, {EXPECT}, {SEND(OK EMPTY)}, {END}};
    struct api *a = *state;
    struct seen seen = {.ok = FALSE};
    api_open(a, script);
    seen.connect = a->connect;
    recorder_on(WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, 1, open_another, &seen);
    api_get(a, "/");
    assert_true(seen.ok);
    assert_int_equal(server_requests(a->server), 2);
    assert_cookie(a, "a=1");
}

static void bytes_go_back_as_they_came(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND(OK "Set-Cookie: latin=\xE4\r\nSet-Cookie: utf8=\xC3\xA4\r\nSet-Cookie:\r\n" EMPTY)},
        {EXPECT},
        {SEND(OK EMPTY)},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    api_get(a, "/");
    assert_cookie(a, "utf8=\xC3\xA4; latin=\xE4");
}

/* RFC 6265, 6.1: a server cannot make the library keep, or send, without end. */
static void limits(void **state)
{
    static char answer[64 * 1024];
    static struct server_step script[6];
    struct api *a = *state;
    size_t len = (size_t)snprintf(answer, sizeof(answer), OK "Set-Cookie: large=%05000d\r\n", 0);
    for (unsigned i = 0; i < 200; i++) {
        len += (size_t)snprintf(answer + len, sizeof(answer) - len, "Set-Cookie: n%u=v\r\n", i);
    }
    len += (size_t)snprintf(answer + len, sizeof(answer) - len, EMPTY);
    script[0] = (struct server_step){EXPECT};
    script[1] = (struct server_step){SERVER_SEND, answer, len, 0};
    script[2] = (struct server_step){EXPECT};
    script[3] = (struct server_step){SEND(OK EMPTY)};
    script[4] = (struct server_step){END};
    api_open(a, script);
    api_get(a, "/");
    api_get(a, "/");
    const char *cookie = api_sent_field(a, 1, "Cookie");
    size_t count = 1;
    for (const char *at = cookie; (at = strchr(at, ';')); at++) {
        count++;
    }
    assert_int_equal(count, 50);
    assert_int_equal(strncmp(cookie, "n199=v; n198=v;", 15), 0);
}

/* ---- A real server ---- */

static void ask_nginx(struct api *a, DWORD flags, const char *expected)
{
    api_open_at(a, "localhost", flags ? nginx->https_port : nginx->http_port);
    api_request_flags(a, NULL, "/cookies", flags);
    api_must(api_exchange(a));
    assert_string_equal(a->body, expected);
    api_close_request(a);
    api_close_connect(a);
}

/* Ports make no difference (RFC 6265, 8.5); the scheme does. */
static void secure_cookies_with_nginx(void **state)
{
    struct api *a = *state;
    ask_nginx(a, 0, "\n");
    ask_nginx(a, 0, "plain=1\n");
    ask_nginx(a, WINHTTP_FLAG_SECURE, "plain=1\n");
    ask_nginx(a, WINHTTP_FLAG_SECURE, "secret=2; plain=1\n");
    ask_nginx(a, 0, "plain=1\n");
}

static const struct CMUnitTest tests[] = {
    API_BOTH(I1_the_jar_belongs_to_the_session),
    API_BOTH(I1_the_jar_outlives_the_handle_of_the_session),
    API_SYNC_ONLY(I1_threads_share_the_jar),
    API_BOTH(I2_I3_I4_I8_what_is_sent_back),
    API_BOTH(I5_one_header_the_applications_part_first),
    API_BOTH(I5_own_cookies_alone),
    API_BOTH(I6_hosts_and_path_prefixes),
    API_BOTH(I7_expired_cookies),
    API_BOTH(I9_disabled),
    API_BOTH(I10_regenerated_for_each_leg),
    API_BOTH(I10_redirect_to_another_origin),
    API_BOTH(I10_I11_inside_redirect),
    API_BOTH(I10_cleared_before_a_request_is_sent_again),
    API_BOTH(I11_removed_by_replacing_with_nothing),
    API_SYNC_ONLY(cookies_are_there_before_the_response_is_told),
    API_BOTH(bytes_go_back_as_they_came),
    API_BOTH(limits),
    API_BOTH(secure_cookies_with_nginx),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
