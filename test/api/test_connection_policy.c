/* SPDX-License-Identifier: MIT */
/* Routes and proxies of connections: what makes sense is denied, what does not is told so. */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEFAULT TAG_WINHTTP_CONNECTION_POLICY_TAG_DEFAULT
#define WWWPT TAG_WINHTTP_CONNECTION_POLICY_TAG_WWWPT
#define HTTP WINHTTP_CONNECTION_PROXY_TYPE_HTTP

static const WCHAR name_of_64[] =
    L"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const WCHAR name_of_65[] =
    L"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static WINHTTP_CONNECTION_POLICY_TAG no_tag(void)
{
    return (WINHTTP_CONNECTION_POLICY_TAG)(WWWPT + 1);
}

static void entries_of_a_tag(void **state)
{
    struct api *a = *state;
    PCWSTR connections[] = {L"Cellular"};
    WINHTTP_CONNECTION_POLICY_ENTRY entry = {
        .pwszHost = L"a.example",
        .pwszAppId = L"*",
        .nConnections = 1,
        .ppwszConnections = connections,
        .dwPolicyEntryFlags = WINHTTP_CONNECTION_POLICY_ENTRY_ONDEMAND,
    };
    WINHTTP_CONNECTION_POLICY_ENTRY_LIST list = {&entry, 1};
    WINHTTP_CONNECTION_POLICY_ENTRY_LIST none = {NULL, 0};
    WINHTTP_CONNECTION_POLICY_ENTRY_LIST missing = {NULL, 1};
    api_open_session(a);
    const struct {
        WINHTTP_CONNECTION_POLICY_TAG tag;
        WINHTTP_CONNECTION_POLICY_ENTRY_LIST *list;
        DWORD error;
    } rows[] = {
        {DEFAULT, &list, ERROR_ACCESS_DENIED},      {WWWPT, &none, ERROR_ACCESS_DENIED},
        {DEFAULT, NULL, ERROR_INVALID_PARAMETER},   {DEFAULT, &missing, ERROR_INVALID_PARAMETER},
        {no_tag(), &list, ERROR_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(WinHttpConnectionSetPolicyEntries(a->session, rows[i].tag, rows[i].list),
                         rows[i].error);
    }
    assert_int_equal(WinHttpConnectionDeletePolicyEntries(a->session, DEFAULT),
                     ERROR_ACCESS_DENIED);
    assert_int_equal(WinHttpConnectionDeletePolicyEntries(a->session, no_tag()),
                     ERROR_INVALID_PARAMETER);
}

static void interfaces_of_connections(void **state)
{
    struct api *a = *state;
    WINHTTP_CONNECTION_IFINDEX_ENTRY entry = {L"Cellular", 2};
    WINHTTP_CONNECTION_IFINDEX_LIST list = {&entry, 1};
    WINHTTP_CONNECTION_IFINDEX_LIST none = {NULL, 0};
    WINHTTP_CONNECTION_IFINDEX_LIST missing = {NULL, 1};
    api_open_session(a);
    assert_int_equal(WinHttpConnectionUpdateIfIndexTable(a->session, &list), ERROR_ACCESS_DENIED);
    assert_int_equal(WinHttpConnectionUpdateIfIndexTable(a->session, &none), ERROR_ACCESS_DENIED);
    assert_int_equal(WinHttpConnectionUpdateIfIndexTable(a->session, &missing),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpConnectionUpdateIfIndexTable(a->session, NULL),
                     ERROR_INVALID_PARAMETER);
}

static void proxy_of_a_connection(void **state)
{
    static const WINHTTP_CONNECTION_PROXY_INFO good = {.Version = 1};
    static const WINHTTP_CONNECTION_PROXY_INFO wpad = {
        .Version = 1, .Switch = WINHTTP_CONNECTION_PROXY_INFO_SWITCH_WPAD};
    static const WINHTTP_CONNECTION_PROXY_INFO old = {.Version = 0};
    static const WINHTTP_CONNECTION_PROXY_INFO strange = {
        .Version = 1, .Switch = (WINHTTP_CONNECTION_PROXY_INFO_SWITCH)3};
    static const struct {
        const WCHAR *name;
        int type;
        const WINHTTP_CONNECTION_PROXY_INFO *info;
        DWORD error;
    } rows[] = {
        {name_of_64, HTTP, &good, ERROR_ACCESS_DENIED},
        {L"a", WINHTTP_CONNECTION_PROXY_TYPE_WAP, &good, ERROR_ACCESS_DENIED},
        {L"a", WINHTTP_CONNECTION_PROXY_TYPE_SOCKS4, &wpad, ERROR_ACCESS_DENIED},
        {L"a", WINHTTP_CONNECTION_PROXY_TYPE_SOCKS5, &good, ERROR_ACCESS_DENIED},
        {NULL, HTTP, &good, ERROR_INVALID_PARAMETER},
        {L"", HTTP, &good, ERROR_INVALID_PARAMETER},
        {name_of_65, HTTP, &good, ERROR_INVALID_PARAMETER},
        {L"a", WINHTTP_CONNECTION_PROXY_TYPE_NULL, &good, ERROR_INVALID_PARAMETER},
        {L"a", 3, &good, ERROR_INVALID_PARAMETER},
        {L"a", 6, &good, ERROR_INVALID_PARAMETER},
        {L"a", HTTP, NULL, ERROR_INVALID_PARAMETER},
        {L"a", HTTP, &old, ERROR_INVALID_PARAMETER},
        {L"a", HTTP, &strange, ERROR_INVALID_PARAMETER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        WINHTTP_CONNECTION_PROXY_TYPE type = (WINHTTP_CONNECTION_PROXY_TYPE)rows[i].type;
        assert_int_equal(WinHttpConnectionSetProxyInfo(rows[i].name, type, rows[i].info),
                         rows[i].error);
    }
    assert_int_equal(WinHttpConnectionDeleteProxyInfo(name_of_64, HTTP), ERROR_FILE_NOT_FOUND);
    assert_int_equal(WinHttpConnectionDeleteProxyInfo(name_of_65, HTTP), ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpConnectionDeleteProxyInfo(NULL, HTTP), ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpConnectionDeleteProxyInfo(L"a", WINHTTP_CONNECTION_PROXY_TYPE_NULL),
                     ERROR_INVALID_PARAMETER);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(entries_of_a_tag),
    API_BOTH(interfaces_of_connections),
    API_SYNC_ONLY(proxy_of_a_connection),
};

API_MAIN(tests)
