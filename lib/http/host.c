/* SPDX-License-Identifier: MIT */
/*
 * Names beyond ASCII are refused: WinHTTP wants them as A-labels (RFC 5890, 2.3.2.1), and which ones
 * a name stands for is the application's choice.
 */
#include "http/host.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"

enum { MAX_NAME = 1024 }; /* no name of DNS is half as long */

static bool is_unreserved(char c)
{
    return wh_ascii_is_letter(c) || wh_ascii_is_digit(c) || (c && strchr("-._~", c));
}

/* RFC 3986, 3.2.2, but for escapes: no name of DNS needs one. */
static bool is_name_byte(char c)
{
    return is_unreserved(c) || (c && strchr("!$&'()*+,;=", c));
}

static bool is_all(struct wh_slice text, bool (*is_one)(char c))
{
    size_t len = 0;
    while (len < text.len && is_one(text.data[len])) {
        len++;
    }
    return len == text.len;
}

/* Whether there are names like that is for the resolver to say, but for the root of all, which is none. */
static bool is_name(struct wh_slice text)
{
    bool is_root = text.len == 1 && text.data[0] == '.';
    return text.len && text.len <= MAX_NAME && !is_root && is_all(text, is_name_byte);
}

/* --- IPv6 addresses ------------------------------------------------------------------------- */

struct address {
    struct wh_slice digits;
    struct wh_slice zone; /* data is NULL for none */
};

static struct address read_address(struct wh_slice text)
{
    const char *sign = memchr(text.data, '%', text.len);
    if (!sign) {
        return (struct address){.digits = text};
    }
    size_t len = (size_t)(sign - text.data);
    return (struct address){wh_slice_of(text.data, len), wh_slice_of(sign + 1, text.len - len - 1)};
}

/* As in a URL, where '%' is written as "%25" (RFC 6874, 2); many write it as it is. */
static struct address read_bracketed(struct wh_slice text)
{
    struct address address = read_address(wh_slice_of(text.data + 1, text.len - 2));
    if (address.zone.len > 2 && memcmp(address.zone.data, "25", 2) == 0) {
        address.zone = wh_slice_of(address.zone.data + 2, address.zone.len - 2);
    }
    return address;
}

static bool is_address(const struct address *address)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr number;
    struct wh_slice digits = address->digits;
    if (digits.len >= sizeof(text) || memchr(digits.data, '\0', digits.len)) {
        return false;
    }
    memcpy(text, digits.data, digits.len);
    text[digits.len] = '\0';
    bool has_right_zone =
        !address->zone.data || (address->zone.len && is_all(address->zone, is_unreserved));
    return has_right_zone && inet_pton(AF_INET6, text, &number) == 1;
}

static int append_address(const struct address *address, struct wh_buffer *out)
{
    int error = wh_buffer_reserve(out, address->digits.len + address->zone.len + sizeof("[%25]"));
    if (error) {
        return error;
    }
    wh_buffer_append_text(out, "[");
    wh_buffer_append(out, address->digits.data, address->digits.len);
    if (address->zone.data) {
        wh_buffer_append_text(out, "%25");
        wh_buffer_append(out, address->zone.data, address->zone.len);
    }
    return wh_buffer_append_text(out, "]");
}

/* --- from outside --------------------------------------------------------------------------- */

int wh_host_append(struct wh_slice given, struct wh_buffer *out)
{
    bool has_brackets = given.len >= 2 && given.data[0] == '[' && given.data[given.len - 1] == ']';
    if (is_name(given)) {
        return wh_buffer_append(out, given.data, given.len);
    }
    if (given.len == 0) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    const struct address address = has_brackets ? read_bracketed(given) : read_address(given);
    return is_address(&address) ? append_address(&address, out) : ERROR_WINHTTP_INVALID_URL;
}
