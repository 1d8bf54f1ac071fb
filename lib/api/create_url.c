/* SPDX-License-Identifier: MIT */
/* WinHttpCreateUrl. Text is copied as it is, WCHAR by WCHAR. Compiled once per width. */
#include "api/api.h"
#include "api/wide.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Counts what is put, and keeps what there is room for. */
struct url_text {
    LPWSTR data;
    size_t cap;
    size_t len;
};

static void put(struct url_text *out, WCHAR c)
{
    if (out->len < out->cap) {
        out->data[out->len] = c;
    }
    out->len++;
}

static void put_ascii(struct url_text *out, const char *text)
{
    for (; *text; text++) {
        put(out, (WCHAR)*text);
    }
}

/* A component of the caller's; it is not there when data is NULL. */
struct component {
    LPCWSTR data;
    size_t len;
};

/* A length of 0 is, as -1, that of text up to its NUL (URL_COMPONENTS). */
static struct component component_of(LPCWSTR text, DWORD len)
{
    bool ends_in_nul = text && (len == 0 || len == (DWORD)-1);
    return (struct component){text, ends_in_nul ? wh_wide_len(text) : text ? len : 0};
}

static void put_component(struct url_text *out, struct component component)
{
    for (size_t i = 0; i < component.len; i++) {
        put(out, component.data[i]);
    }
}

/* --- escaping ------------------------------------------------------------------------------- */

/* G15 */
static bool is_safe(char c)
{
    static const char unsafe[] = " \"#%<>[\\]^`{|}~";
    unsigned char byte = (unsigned char)c;
    return byte > 0x20 && byte < 0x7F && !strchr(unsafe, c);
}

static int put_escaped(struct url_text *out, struct component component)
{
    static const char digits[] = "0123456789ABCDEF";
    struct wh_buffer utf8 = {0};
    int error = wh_wide_append(&utf8, component.data, component.len);
    for (size_t i = 0; i < utf8.len && !error; i++) {
        unsigned char byte = (unsigned char)utf8.data[i];
        if (is_safe(utf8.data[i])) {
            put(out, byte);
        } else {
            put(out, '%');
            put(out, (WCHAR)digits[byte >> 4]);
            put(out, (WCHAR)digits[byte & 15]);
        }
    }
    wh_buffer_finish(&utf8);
    return error;
}

/* --- the parts ------------------------------------------------------------------------------ */

static const struct scheme {
    INTERNET_SCHEME number;
    const char *name;
    INTERNET_PORT port; /* the one that is not shown */
} schemes[] = {
    {INTERNET_SCHEME_HTTP, "http", INTERNET_DEFAULT_HTTP_PORT},
    {INTERNET_SCHEME_HTTPS, "https", INTERNET_DEFAULT_HTTPS_PORT},
    {INTERNET_SCHEME_FTP, "ftp", 21},
};

enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };

static bool is_named(struct component name, const char *text)
{
    size_t i = 0;
    while (i < name.len && text[i] && name.data[i] < 0x80 &&
           wh_ascii_lower((char)name.data[i]) == text[i]) {
        i++;
    }
    return i == name.len && !text[i];
}

/* The text counts, if there is any; else the number; else it is http. NULL for one of no port. */
static const struct scheme *find_scheme(struct component name, INTERNET_SCHEME number)
{
    for (size_t i = 0; i < SCHEMES; i++) {
        if (name.len ? is_named(name, schemes[i].name) : schemes[i].number == number) {
            return &schemes[i];
        }
    }
    return name.len ? NULL : &schemes[0];
}

static void put_user(struct url_text *out, struct component user, struct component password)
{
    if (!user.data) {
        return;
    }
    put_component(out, user);
    if (password.data) {
        put(out, ':');
        put_component(out, password);
    }
    put(out, '@');
}

static void put_port(struct url_text *out, INTERNET_PORT port, const struct scheme *scheme)
{
    char digits[sizeof(":65535")];
    if (!scheme || scheme->port != port) {
        snprintf(digits, sizeof(digits), ":%u", port);
        put_ascii(out, digits);
    }
}

static int put_target(struct url_text *out, struct component target, DWORD flags)
{
    if (flags & ICU_ESCAPE) {
        return put_escaped(out, target);
    }
    put_component(out, target);
    return 0;
}

static int write_url(const URL_COMPONENTS *from, DWORD flags, struct url_text *out)
{
    struct component name = component_of(from->lpszScheme, from->dwSchemeLength);
    struct component host = component_of(from->lpszHostName, from->dwHostNameLength);
    struct component path = component_of(from->lpszUrlPath, from->dwUrlPathLength);
    const struct scheme *scheme = find_scheme(name, from->nScheme);
    if (name.len) {
        put_component(out, name);
    } else {
        put_ascii(out, scheme->name);
    }
    put_ascii(out, "://");
    if (host.data) {
        put_user(out, component_of(from->lpszUserName, from->dwUserNameLength),
                 component_of(from->lpszPassword, from->dwPasswordLength));
        put_component(out, host);
        put_port(out, from->nPort, scheme);
    }
    if (host.data && path.len && path.data[0] != '/') {
        put(out, '/'); /* or it would be another host */
    }
    int error = put_target(out, path, flags);
    return error
               ? error
               : put_target(out, component_of(from->lpszExtraInfo, from->dwExtraInfoLength), flags);
}

/* --- the function --------------------------------------------------------------------------- */

static int check(const URL_COMPONENTS *from, DWORD flags)
{
    if (!from || from->dwStructSize != sizeof(*from) ||
        flags & ~(DWORD)(ICU_ESCAPE | ICU_REJECT_USERPWD)) {
        return ERROR_INVALID_PARAMETER;
    }
    if (flags & ICU_REJECT_USERPWD && (from->lpszUserName || from->lpszPassword)) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    return from->lpszPassword && !from->lpszUserName ? ERROR_INVALID_PARAMETER : 0;
}

static int create(const URL_COMPONENTS *from, DWORD flags, LPWSTR url, LPDWORD length)
{
    struct url_text measured = {.cap = 0};
    int error = check(from, flags);
    error = error ? error : write_url(from, flags, &measured);
    if (error) {
        return error;
    }
    if (measured.len >= UINT32_MAX) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (measured.len >= *length) {
        *length = (DWORD)measured.len + 1;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    if (!url) {
        return ERROR_INVALID_PARAMETER;
    }
    struct url_text text = {.data = url, .cap = *length};
    error = write_url(from, flags, &text);
    if (!error) {
        put(&text, 0);
        *length = (DWORD)measured.len;
    }
    return error;
}

BOOL WinHttpCreateUrl(LPURL_COMPONENTS lpUrlComponents, DWORD dwFlags, LPWSTR pwszUrl,
                      LPDWORD pdwUrlLength)
{
    wh_api_enter_first("WinHttpCreateUrl");
    return wh_api_finish(pdwUrlLength ? create(lpUrlComponents, dwFlags, pwszUrl, pdwUrlLength)
                                      : ERROR_INVALID_PARAMETER);
}
