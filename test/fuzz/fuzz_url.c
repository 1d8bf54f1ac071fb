/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a URL: the parts lie inside it, in order, and its target fits a request line; what
 * WinHttpCrackUrl takes apart WinHttpCreateUrl puts together; as a server's name: it stays what it is;
 * and as a Location: what comes out is a URL that leads to itself.
 */
#include "fuzz/fuzz.h"

#include <winhttp.h>

#include "http/host.h"
#include "http/reference.h"
#include "http/url.h"

/* Where part ends, which is no further than len; it begins no earlier than from. */
static size_t end_of(struct wh_url_part part, size_t from, size_t len)
{
    check_that(part.at >= from && part.at <= len && part.len <= len - part.at);
    return part.at + part.len;
}

static void check_parts(const struct wh_url *url, size_t len)
{
    size_t at = end_of(url->scheme_name, 0, len);
    at = end_of(url->user, at, len);
    at = end_of(url->password, at, len);
    at = end_of(url->host, at, len);
    at = end_of(url->path, at, len);
    at = end_of(url->extra, at, len);
    check_that(at == len && url->host.len > 0 && (url->scheme == 1 || url->scheme == 2));
}

static void check_target(struct wh_slice object, unsigned flags)
{
    struct wh_buffer target = {0};
    check_that(wh_url_escape_target(object, flags, &target) == 0);
    check_that(target.len > 0 && target.data[0] == '/');
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.data[i];
        check_that(c < 0x80 && !memchr("\r\n ", c, 4));
    }
    wh_buffer_finish(&target);
}

enum { ROOM = 4096 };

/* In memory of its own, so that what is read behind it is found. */
static WCHAR *widen(struct wh_slice text, size_t room)
{
    WCHAR *wide = calloc(room, sizeof(WCHAR));
    check_that(wide != NULL);
    for (size_t i = 0; i < text.len; i++) {
        wide[i] = (unsigned char)text.data[i];
    }
    return wide;
}

static void check_buffers(struct wh_slice text)
{
    static const DWORD flags[] = {0, ICU_DECODE, ICU_ESCAPE, ICU_DECODE | ICU_ESCAPE};
    static WCHAR buffers[3][ROOM];
    WCHAR *wide = widen(text, text.len);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        URL_COMPONENTS parts = {.dwStructSize = sizeof(parts),
                                .lpszUserName = buffers[0],
                                .dwUserNameLength = 8,
                                .lpszUrlPath = buffers[1],
                                .dwUrlPathLength = ROOM,
                                .lpszExtraInfo = buffers[2],
                                .dwExtraInfoLength = ROOM};
        if (WinHttpCrackUrl(wide, (DWORD)text.len, flags[i], &parts)) {
            check_that(parts.dwUserNameLength < 8 && buffers[0][parts.dwUserNameLength] == 0);
            check_that(buffers[1][parts.dwUrlPathLength] == 0);
            check_that(buffers[2][parts.dwExtraInfoLength] == 0);
        }
    }
    free(wide);
}

static bool crack(const WCHAR *url, size_t len, URL_COMPONENTS *out)
{
    *out = (URL_COMPONENTS){.dwStructSize = sizeof(*out),
                            .dwSchemeLength = 1,
                            .dwUserNameLength = 1,
                            .dwPasswordLength = 1,
                            .dwHostNameLength = 1,
                            .dwUrlPathLength = 1,
                            .dwExtraInfoLength = 1};
    return WinHttpCrackUrl(url, (DWORD)len, 0, out);
}

static void check_same(const WCHAR *a, DWORD a_len, const WCHAR *b, DWORD b_len)
{
    check_that(!a == !b && a_len == b_len && (!a || memcmp(a, b, a_len * sizeof(WCHAR)) == 0));
}

static void check_round_trip(struct wh_slice text)
{
    WCHAR *url = widen(text, text.len + 1);
    WCHAR created[ROOM + sizeof(":65535")];
    DWORD len = sizeof(created) / sizeof(WCHAR);
    URL_COMPONENTS a;
    URL_COMPONENTS b;
    if (crack(url, text.len, &a)) {
        check_that(WinHttpCreateUrl(&a, 0, created, &len) && crack(created, len, &b));
        check_same(a.lpszScheme, a.dwSchemeLength, b.lpszScheme, b.dwSchemeLength);
        check_same(a.lpszUserName, a.dwUserNameLength, b.lpszUserName, b.dwUserNameLength);
        check_same(a.lpszPassword, a.dwPasswordLength, b.lpszPassword, b.dwPasswordLength);
        check_same(a.lpszHostName, a.dwHostNameLength, b.lpszHostName, b.dwHostNameLength);
        check_same(a.lpszUrlPath, a.dwUrlPathLength, b.lpszUrlPath, b.dwUrlPathLength);
        check_same(a.lpszExtraInfo, a.dwExtraInfoLength, b.lpszExtraInfo, b.dwExtraInfoLength);
        check_that(a.nScheme == b.nScheme && a.nPort == b.nPort);
    }
    free(url);
}

/* What a server is called is the host of a URL, and stays what it is. */
static void check_host(struct wh_slice text)
{
    struct wh_buffer url = {0};
    struct wh_buffer again = {0};
    struct wh_url parts;
    check_that(wh_buffer_append_text(&url, "http://") == 0);
    if (wh_host_append(text, &url) == 0) {
        struct wh_slice host = wh_slice_of(url.data + 7, url.len - 7);
        check_that(wh_slice_is_clean(host) && host.len < text.len + sizeof("[%25]"));
        check_that(wh_url_split(wh_slice_of(url.data, url.len), &parts) == 0);
        check_that(parts.host.at == 7 && parts.host.len == host.len);
        check_that(wh_host_append(host, &again) == 0);
        check_that(wh_slice_equal(host, wh_slice_of(again.data, again.len)));
    }
    wh_buffer_finish(&url);
    wh_buffer_finish(&again);
}

static void check_reference(struct wh_slice text)
{
    struct wh_buffer url = {0};
    struct wh_buffer again = {0};
    struct wh_url parts;
    if (wh_reference_resolve(wh_slice_text("http://a/b/c/d;p?q"), text, &url) == 0) {
        struct wh_slice resolved = wh_slice_of(url.data, url.len);
        check_that(wh_url_split(resolved, &parts) == 0 && !parts.has_user && parts.path.len > 0);
        check_that(wh_reference_resolve(resolved, resolved, &again) == 0);
        check_that(wh_slice_equal(resolved, wh_slice_of(again.data, again.len)));
    }
    wh_buffer_finish(&url);
    wh_buffer_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wh_slice text = wh_slice_of((const char *)data, len);
    struct wh_url url;
    if (wh_url_split(text, &url) == 0) {
        check_parts(&url, len);
    }
    for (unsigned flags = 0; flags < 8; flags++) {
        check_target(text, flags);
    }
    if (len > 0 && len < ROOM) {
        check_buffers(text);
        check_round_trip(text);
    }
    check_host(text);
    check_reference(text);
    return 0;
}
