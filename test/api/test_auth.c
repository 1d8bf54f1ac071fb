/* SPDX-License-Identifier: MIT */
/*
 * Authentication: what a response asks for is reported; names and passwords are refused, since nobody
 * would send them.
 */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BASIC WINHTTP_AUTH_SCHEME_BASIC
#define NTLM WINHTTP_AUTH_SCHEME_NTLM
#define PASSPORT WINHTTP_AUTH_SCHEME_PASSPORT
#define DIGEST WINHTTP_AUTH_SCHEME_DIGEST
#define NEGOTIATE WINHTTP_AUTH_SCHEME_NEGOTIATE
#define SERVER WINHTTP_AUTH_TARGET_SERVER
#define PROXY WINHTTP_AUTH_TARGET_PROXY

#define ANSWER(status, fields) "HTTP/1.1 " status "\r\nContent-Length: 5\r\n" fields "\r\nhello"
#define DENIED(fields) ANSWER("401 Denied", fields)
#define W "WWW-Authenticate: "
#define P "Proxy-Authenticate: "

enum { UNTOUCHED = 0xAAAA };

struct demand {
    DWORD supported;
    DWORD first;
    DWORD target;
};

static BOOL query(HINTERNET request, struct demand *out)
{
    return WinHttpQueryAuthSchemes(request, &out->supported, &out->first, &out->target);
}

static void must_ask_for_nothing(HINTERNET request)
{
    struct demand demand = {UNTOUCHED, UNTOUCHED, UNTOUCHED};
    assert_fails(query(request, &demand), ERROR_INVALID_OPERATION);
    assert_int_equal(demand.supported, UNTOUCHED);
    assert_int_equal(demand.first, UNTOUCHED);
    assert_int_equal(demand.target, UNTOUCHED);
}

/* A request that has been answered with that. */
static void open_answered(struct api *a, const char *answer)
{
    static struct server_step script[3];
    script[0] = (struct server_step){EXPECT};
    script[1] = (struct server_step){SERVER_SEND, answer, strlen(answer), 0};
    a->server = server_start(script);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
}

static void close_answered(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
    server_stop(a->server);
    a->server = NULL;
}

/* ---- WinHttpQueryAuthSchemes ---- */

static void J1_nothing_is_asked_for(void **state)
{
    static const char *const answers[] = {
        ANSWER("200 OK", ""),
        ANSWER("200 OK", W "Basic\r\n"),
        ANSWER("403 Forbidden", W "Basic\r\n"),
        DENIED(""),
        DENIED(W "\r\n"),
        DENIED(W "Bearer realm=\"a\"\r\n"),
        DENIED(P "Basic realm=\"a\"\r\n"),
        ANSWER("407 Denied", W "Basic realm=\"a\"\r\n"),
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        open_answered(a, answers[i]);
        must_ask_for_nothing(a->request);
        close_answered(a);
    }
}

/* Nor when it may have come, but has not been asked for; the second time there has been one before. */
static void J1_before_there_is_an_answer(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(DENIED(W "Basic\r\n"))}, {AGAIN}};
    struct api *a = *state;
    struct demand demand;
    api_open(a, script);
    api_request(a, NULL, "/");
    must_ask_for_nothing(a->request);
    for (int i = 0; i < 2; i++) {
        api_must(api_send(a));
        must_ask_for_nothing(a->request);
        api_must(api_receive(a));
        assert_works(query(a->request, &demand));
    }
}

static void J1_pointers_that_are_missing(void **state)
{
    struct api *a = *state;
    DWORD value = UNTOUCHED;
    open_answered(a, DENIED(W "Basic\r\n"));
    assert_fails(WinHttpQueryAuthSchemes(a->request, NULL, &value, &value),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryAuthSchemes(a->request, &value, NULL, &value),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryAuthSchemes(a->request, &value, &value, NULL),
                 ERROR_INVALID_PARAMETER);
    assert_int_equal(value, UNTOUCHED);
}

static void J2_J3_what_is_asked_for(void **state)
{
    static const struct {
        const char *answer;
        struct demand demand;
    } rows[] = {
        {DENIED(W "Basic realm=\"a\"\r\n"), {BASIC, BASIC, SERVER}},
        {DENIED(W "Bearer\r\n" W "Basic realm=\"a\"\r\n" W "NTLM\r\n"),
         {BASIC | NTLM, BASIC, SERVER}},
        {DENIED(W "negotiate\r\n" W "nTLM\r\n"), {NEGOTIATE | NTLM, NEGOTIATE, SERVER}},
        {DENIED(W "NTLM, Basic realm=\"a\", Digest realm=\"a\", nonce=\"b\"\r\n"),
         {NTLM | BASIC | DIGEST, NTLM, SERVER}},
        {DENIED(W "Digest realm=\"Basic, NTLM\"\r\n"), {DIGEST, DIGEST, SERVER}},
        {DENIED(W "Passport1.4 a=b\r\n" P "Basic\r\n"), {PASSPORT, PASSPORT, SERVER}},
        {ANSWER("407 Denied", P "NTLM TlRM==\r\n" W "Basic\r\n"), {NTLM, NTLM, PROXY}},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct demand demand = {UNTOUCHED, UNTOUCHED, UNTOUCHED};
        open_answered(a, rows[i].answer);
        assert_works(query(a->request, &demand));
        assert_memory_equal(&demand, &rows[i].demand, sizeof(demand));
        api_must(api_read_all(a));
        assert_string_equal(a->body, "hello");
        close_answered(a);
    }
}

/* ---- WinHttpSetCredentials, WinHttpQueryAuthParams ---- */

static void J4_arguments_of_credentials(void **state)
{
    static int reserved;
    static const struct {
        DWORD target;
        DWORD scheme;
        const WCHAR *name;
        const WCHAR *password;
        void *params;
        DWORD error;
    } rows[] = {
        {SERVER, BASIC, L"a", L"b", NULL, ERROR_NOT_SUPPORTED},
        {SERVER, BASIC, L"a", L"", NULL, ERROR_NOT_SUPPORTED},
        {PROXY, DIGEST, L"a", L"b", NULL, ERROR_NOT_SUPPORTED},
        {PROXY, NTLM, NULL, NULL, NULL, ERROR_NOT_SUPPORTED},
        {SERVER, NEGOTIATE, NULL, NULL, NULL, ERROR_NOT_SUPPORTED},
        {SERVER, PASSPORT, NULL, NULL, NULL, ERROR_NOT_SUPPORTED},
        {SERVER, BASIC, NULL, L"b", NULL, ERROR_INVALID_PARAMETER},
        {SERVER, BASIC, L"a", NULL, NULL, ERROR_INVALID_PARAMETER},
        {SERVER, DIGEST, NULL, L"b", NULL, ERROR_INVALID_PARAMETER},
        {SERVER, DIGEST, L"a", NULL, NULL, ERROR_INVALID_PARAMETER},
        {2, BASIC, L"a", L"b", NULL, ERROR_INVALID_PARAMETER},
        {SERVER, 0, L"a", L"b", NULL, ERROR_INVALID_PARAMETER},
        {SERVER, BASIC | NTLM, L"a", L"b", NULL, ERROR_INVALID_PARAMETER},
        {SERVER, 32, L"a", L"b", NULL, ERROR_INVALID_PARAMETER},
        {SERVER, BASIC, L"a", L"b", &reserved, ERROR_INVALID_PARAMETER},
    };
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_fails(WinHttpSetCredentials(a->request, rows[i].target, rows[i].scheme, rows[i].name,
                                           rows[i].password, rows[i].params),
                     rows[i].error);
    }
}

static void credentials_that_were_refused_go_nowhere(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(DENIED(W "Basic\r\n"))}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/");
    for (int i = 0; i < 2; i++) {
        assert_fails(WinHttpSetCredentials(a->request, SERVER, BASIC, L"a", L"b", NULL),
                     ERROR_NOT_SUPPORTED);
        api_must(api_exchange(a));
        assert_int_equal(api_status(a), 401);
    }
    assert_null(api_sent_field(a, 1, "Authorization"));
    assert_int_equal(server_requests(a->server), 2);
}

static void auth_params(void **state)
{
    struct api *a = *state;
    void *params = a;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    assert_fails(WinHttpQueryAuthParams(a->request, BASIC, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryAuthParams(a->request, 0, &params), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryAuthParams(a->request, PASSPORT, &params), ERROR_NOT_SUPPORTED);
    assert_ptr_equal(params, a);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(J1_nothing_is_asked_for),
    API_BOTH(J1_before_there_is_an_answer),
    API_BOTH(J1_pointers_that_are_missing),
    API_BOTH(J2_J3_what_is_asked_for),
    API_BOTH(J4_arguments_of_credentials),
    API_BOTH(credentials_that_were_refused_go_nowhere),
    API_BOTH(auth_params),
};

API_MAIN(tests)
