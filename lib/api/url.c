/* SPDX-License-Identifier: MIT */
/*
 * WinHttpCrackUrl. The URL is narrowed character by character, so that the offsets of http/url are
 * offsets into the caller's text. Compiled once per width.
 */
#include "http/url.h"
#include "api/api.h"
#include "api/wide.h"

#include <stdbool.h>

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

/* The byte that "%xx" stands for at the begin of text, or -1. */
static int escaped_byte(struct wh_slice text)
{
    if (text.len < 3 || text.data[0] != '%') {
        return -1;
    }
    int high = wh_ascii_hex_value(text.data[1]);
    int low = wh_ascii_hex_value(text.data[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/*
 * In place; a '%' without two hex digits stays. Each "%xx" becomes the character of that number, which
 * is not taken for a part of UTF-8.
 */
static void decode(struct wh_buffer *text)
{
    size_t len = 0;
    for (size_t i = 0; i < text->len;) {
        int byte = escaped_byte(wh_slice_of(text->data + i, text->len - i));
        if (byte < 0) {
            text->data[len++] = text->data[i++];
            continue;
        }
        i += 3;
        if (byte >= 0x80) {
            text->data[len++] = (char)(0xC0 | byte >> 6);
            byte = 0x80 | (byte & 0x3F);
        }
        text->data[len++] = (char)byte;
    }
    text->len = len;
}

static int escape(struct wh_buffer *text)
{
    struct wh_buffer escaped = {0};
    int error =
        wh_url_escape_target(wh_slice_of(text->data, text->len), WH_ESCAPE_DEFAULT, &escaped);
    if (error) {
        wh_buffer_finish(&escaped);
        return error;
    }
    wh_buffer_finish(text);
    *text = escaped;
    return 0;
}

/* The component as it is to be given out, as UTF-8. */
static int transform(const struct part *part, LPCWSTR url, DWORD flags, struct wh_buffer *out)
{
    int error = wh_wide_append(out, url + part->at.at, part->at.len);
    if (!error && flags & ICU_DECODE) {
        decode(out);
    }
    if (!error && flags & ICU_ESCAPE && part->is_escapable && out->len) {
        error = escape(out);
    }
    return error;
}

/* --- giving out ----------------------------------------------------------------------------- */

/* ERROR_INSUFFICIENT_BUFFER: the length has become what is needed. */
static int copy_part(const struct part *part, LPCWSTR url, DWORD flags)
{
    struct wh_buffer text = {0};
    int error = transform(part, url, flags, &text);
    if (!error) {
        struct wh_slice slice = wh_slice_of(text.data, text.len);
        size_t len = wh_wide_from(slice, NULL, 0);
        if (len >= *part->length) {
            *part->length = (DWORD)len + 1;
            error = ERROR_INSUFFICIENT_BUFFER;
        } else {
            wh_wide_from(slice, *part->pointer, len);
            (*part->pointer)[len] = 0;
            *part->length = (DWORD)len;
        }
    }
    wh_buffer_finish(&text);
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
        narrow[i] = url[i] > 0 && url[i] < 0x80 ? (char)url[i] : (char)0x80;
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
