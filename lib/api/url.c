/* SPDX-License-Identifier: MIT */
/*
 * WinHttpCrackUrl. The URL is narrowed character by character, so that the offsets of http/url are
 * offsets into the caller's text. Compiled once per width.
 */
#include "http/url.h"
#include "api/api.h"
#include "api/wide.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { PARTS = 6 };

/* One component: where it stands in the URL, and what the caller wants of it. */
struct part {
    struct wh_url_part at;
    bool is_absent; /* not even empty: answered with a NULL pointer */
    bool is_hollow; /* empty, with more of the URL behind it */
    bool is_escapable; /* ICU_ESCAPE applies */
    LPWSTR *pointer;
    LPDWORD length;
};

static bool is_wanted(const struct part *part)
{
    return *part->length != 0;
}

static bool is_copied(const struct part *part)
{
    return *part->pointer && *part->length;
}

static int check_parts(const struct part *parts, DWORD flags)
{
    for (int i = 0; i < PARTS; i++) {
        bool is_senseless = *parts[i].pointer && *parts[i].length == 0;
        bool is_in_place = !*parts[i].pointer && *parts[i].length;
        if (is_senseless || (is_in_place && flags & (ICU_DECODE | ICU_ESCAPE))) {
            return ERROR_INVALID_PARAMETER;
        }
    }
    return 0;
}

/* --- decoding and escaping ------------------------------------------------------------------ */

static bool is_ascii(WCHAR c)
{
    return c > 0 && c < 0x80;
}

/* The number behind a '%' at the begin of text, or -1. */
static int escaped_number(LPCWSTR text, size_t len)
{
    if (len < 3 || text[0] != '%' || !is_ascii(text[1]) || !is_ascii(text[2])) {
        return -1;
    }
    int high = wh_ascii_hex_value((char)text[1]);
    int low = wh_ascii_hex_value((char)text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* In place. Each "%xx" becomes one character, which is not taken for a part of UTF-8. */
static size_t decode(LPWSTR text, size_t len)
{
    size_t decoded = 0;
    for (size_t i = 0; i < len; decoded++) {
        int number = escaped_number(text + i, len - i);
        text[decoded] = number < 0 ? text[i] : (WCHAR)number;
        i += number < 0 ? 1 : 3;
    }
    return decoded;
}

static int escape(LPCWSTR text, size_t len, struct wh_buffer *out)
{
    struct wh_buffer utf8 = {0};
    int error = wh_wide_append(&utf8, text, len);
    if (!error) {
        error = wh_url_escape_target(wh_slice_of(utf8.data, utf8.len), WH_ESCAPE_DEFAULT, out);
    }
    wh_buffer_finish(&utf8);
    return error;
}

/* --- giving out ----------------------------------------------------------------------------- */

/* Ends what is going to be there. ERROR_INSUFFICIENT_BUFFER: the length has become what is needed. */
static int make_room(const struct part *part, size_t len)
{
    if (len >= *part->length) {
        *part->length = (DWORD)len + 1;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    (*part->pointer)[len] = 0;
    *part->length = (DWORD)len;
    return 0;
}

static int copy_escaped(const struct part *part, LPCWSTR text, size_t len)
{
    struct wh_buffer ascii = {0};
    int error = len ? escape(text, len, &ascii) : 0;
    if (!error) {
        error = make_room(part, ascii.len);
    }
    for (size_t i = 0; i < ascii.len && !error; i++) {
        (*part->pointer)[i] = (WCHAR)ascii.data[i];
    }
    wh_buffer_finish(&ascii);
    return error;
}

static int copy_plain(const struct part *part, LPCWSTR text, size_t len)
{
    int error = make_room(part, len);
    if (!error) {
        memcpy(*part->pointer, text, len * sizeof(WCHAR));
    }
    return error;
}

static int copy_part(const struct part *part, LPCWSTR url, DWORD flags)
{
    size_t len = part->at.len;
    LPWSTR text = wh_alloc((len + 1) * sizeof(WCHAR));
    if (!text) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    memcpy(text, url + part->at.at, len * sizeof(WCHAR));
    len = flags & ICU_DECODE ? decode(text, len) : len;
    int error = flags & ICU_ESCAPE && part->is_escapable ? copy_escaped(part, text, len)
                                                         : copy_plain(part, text, len);
    wh_free(text);
    return error;
}

/*
 * For WinHttpCreateUrl a length of 0 is that of text up to its NUL, which a hollow part must have. It
 * can be written to: there are programs that put a NUL behind each part.
 */
static void point_to_part(const struct part *part, LPCWSTR url)
{
    static WCHAR empty[1];
    /* The caller's own text, given back as the API's type wants it. */
    LPWSTR text = part->is_hollow ? empty : (LPWSTR)(uintptr_t)(url + part->at.at);
    *part->pointer = part->is_absent ? NULL : text;
    *part->length = (DWORD)part->at.len;
}

static int give_out(struct part *parts, LPCWSTR url, DWORD flags)
{
    int result = 0;
    for (int i = 0; i < PARTS; i++) {
        int error = 0;
        if (is_copied(&parts[i])) {
            error = copy_part(&parts[i], url, flags);
        } else if (is_wanted(&parts[i])) {
            point_to_part(&parts[i], url);
        }
        result = error ? error : result;
    }
    return result;
}

/* --- the function --------------------------------------------------------------------------- */

static void list_parts(struct part parts[PARTS], URL_COMPONENTS *components)
{
    parts[0] =
        (struct part){.pointer = &components->lpszScheme, .length = &components->dwSchemeLength};
    parts[1] = (struct part){.pointer = &components->lpszUserName,
                             .length = &components->dwUserNameLength};
    parts[2] = (struct part){.pointer = &components->lpszPassword,
                             .length = &components->dwPasswordLength};
    parts[3] = (struct part){.pointer = &components->lpszHostName,
                             .length = &components->dwHostNameLength};
    parts[4] = (struct part){.pointer = &components->lpszUrlPath,
                             .length = &components->dwUrlPathLength,
                             .is_escapable = true};
    parts[5] = (struct part){.pointer = &components->lpszExtraInfo,
                             .length = &components->dwExtraInfoLength};
}

static void place_parts(struct part parts[PARTS], const struct wh_url *url)
{
    parts[0].at = url->scheme_name;
    parts[1].at = url->user;
    parts[1].is_absent = !url->has_user;
    parts[2].at = url->password;
    parts[2].is_absent = !url->has_password;
    parts[3].at = url->host;
    parts[4].at = url->path;
    parts[5].at = url->extra;
    if (!is_wanted(&parts[5])) {
        parts[4].at.len += url->extra.len;
    }
    for (int i = 0; i < PARTS; i++) {
        parts[i].is_hollow = !parts[i].at.len && parts[i].at.at < url->extra.at + url->extra.len;
    }
}

static int split(LPCWSTR url, size_t len, struct wh_url *out)
{
    char *narrow = wh_alloc(len + 1);
    if (!narrow) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    for (size_t i = 0; i < len; i++) {
        narrow[i] = is_ascii(url[i]) ? (char)url[i] : (char)0x80;
    }
    int error = wh_url_split(wh_slice_of(narrow, len), out);
    wh_free(narrow);
    return error;
}

static int crack(LPCWSTR url, size_t len, DWORD flags, URL_COMPONENTS *components)
{
    struct part parts[PARTS];
    list_parts(parts, components);
    int error = check_parts(parts, flags);
    if (error) {
        return error;
    }
    struct wh_url split_url;
    error = split(url, len, &split_url);
    if (error) {
        return error;
    }
    if (flags & ICU_REJECT_USERPWD && (split_url.has_user || split_url.has_password)) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    place_parts(parts, &split_url);
    components->nScheme = (INTERNET_SCHEME)split_url.scheme;
    components->nPort = split_url.port;
    return give_out(parts, url, flags);
}

BOOL WinHttpCrackUrl(LPCWSTR pwszUrl, DWORD dwUrlLength, DWORD dwFlags,
                     LPURL_COMPONENTS lpUrlComponents)
{
    wh_api_enter_first("WinHttpCrackUrl");
    DWORD known = ICU_DECODE | ICU_ESCAPE | ICU_REJECT_USERPWD;
    if (!pwszUrl || !lpUrlComponents || lpUrlComponents->dwStructSize != sizeof(*lpUrlComponents) ||
        dwFlags & ~known) {
        return wh_api_finish(ERROR_INVALID_PARAMETER);
    }
    size_t len = dwUrlLength ? dwUrlLength : wh_wide_len(pwszUrl);
    return wh_api_finish(crack(pwszUrl, len, dwFlags, lpUrlComponents));
}
