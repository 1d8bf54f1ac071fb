/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a body in chunks, as a response and as the request of a program that frames by itself.
 * The response tells the same however the bytes arrive, and what is exactly as RFC 9112, 7.1 writes it
 * is decoded; the request ends at the same byte however it is cut. The first byte chooses the end.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"
#include "http/chunks.h"
#include "support/http1_story.h"

#define HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TOLD "200 OK|Transfer-Encoding: chunked|"

enum { CHUNK_LINE_MAX = 4096 }; /* longer ones are refused in responses */

static bool take(struct wh_slice *body, const char *text)
{
    struct wh_slice start = wh_slice_text(text);
    if (!wh_slice_starts_with(*body, start)) {
        return false;
    }
    *body = wh_slice_of(body->data + start.len, body->len - start.len);
    return true;
}

/* Up to six digits: larger chunks are not whole here. */
static bool take_size(struct wh_slice *body, size_t *out)
{
    size_t len = 0;
    size_t size = 0;
    while (len < body->len && len < 6 && wh_ascii_hex_value(body->data[len]) >= 0) {
        size = size * 16 + (size_t)wh_ascii_hex_value(body->data[len]);
        len++;
    }
    *body = wh_slice_of(body->data + len, body->len - len);
    *out = size;
    return len > 0 && take(body, "\r\n");
}

/* Appends the data of a body without extensions and trailers, which ends with the text. */
static bool decode(struct wh_slice body, struct wh_buffer *out)
{
    size_t size;
    while (take_size(&body, &size)) {
        if (size == 0) {
            return take(&body, "\r\n") && body.len == 0;
        }
        if (size > body.len) {
            return false;
        }
        check_that(wh_buffer_append(out, body.data, size) == 0);
        body = wh_slice_of(body.data + size, body.len - size);
        if (!take(&body, "\r\n")) {
            return false;
        }
    }
    return false;
}

static bool ends_with(const struct wh_told *told, const char *end)
{
    size_t len = strlen(end);
    return told->len >= len && memcmp(told->text + told->len - len, end, len) == 0;
}

/* The very data, and then the connection is as before. */
static void check_told(const struct wh_told *told, const struct wh_buffer *decoded)
{
    size_t start = strlen(TOLD "=");
    if (decoded->len == 0) {
        check_that(strcmp(told->text, TOLD "keep") == 0 || strcmp(told->text, TOLD "close") == 0);
        return;
    }
    check_that(told->len >= start + decoded->len && memcmp(told->text, TOLD "=", start) == 0);
    check_that(memcmp(told->text + start, decoded->data, decoded->len) == 0);
    check_that(strcmp(told->text + start + decoded->len, "|keep") == 0 ||
               strcmp(told->text + start + decoded->len, "|close") == 0);
}

/* The end has come, and of the chunks only what no program writes was refused. */
static bool is_well_framed(const struct wh_told *told, struct wh_slice body)
{
    char refused[32];
    snprintf(refused, sizeof refused, "error %d",
             ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW);
    bool is_strange = body.len > CHUNK_LINE_MAX || memchr(body.data, '\0', body.len);
    return !ends_with(told, "wait") && (is_strange || !ends_with(told, refused));
}

/* Whether a program that wrote these bytes has ended its body, which the cut does not change. */
static bool follow(struct wh_slice body)
{
    struct wh_chunks whole = {0};
    wh_chunks_follow(&whole, body.data, body.len);
    for (size_t piece = 1; piece < body.len; piece = piece * 3 + 1) {
        struct wh_chunks cut = {0};
        for (size_t at = 0; at < body.len; at += piece) {
            size_t left = body.len - at;
            wh_chunks_follow(&cut, body.data + at, left < piece ? left : piece);
        }
        check_that(wh_chunks_are_over(&cut) == wh_chunks_are_over(&whole));
    }
    bool is_over = wh_chunks_are_over(&whole);
    if (is_over) {
        wh_chunks_follow(&whole, "0", 1);
        check_that(!wh_chunks_are_over(&whole));
    }
    return is_over;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct wh_told told;
    struct wh_buffer response = {0};
    struct wh_buffer decoded = {0};
    if (len == 0) {
        return 0;
    }
    struct wh_slice body = wh_slice_of((const char *)data + 1, len - 1);
    check_that(wh_buffer_append_text(&response, HEAD) == 0 &&
               wh_buffer_append(&response, body.data, body.len) == 0);
    struct wh_story story = {
        .response = response.data,
        .len = response.len,
        .end = data[0] % 3,
    };
    check_that(wh_story_play_all(&story, &told));
    bool is_over = follow(body);
    if (decode(body, &decoded)) {
        check_that(is_over);
        check_told(&told, &decoded);
    }
    check_that(!is_over || is_well_framed(&told, body));
    wh_buffer_finish(&response);
    wh_buffer_finish(&decoded);
    return 0;
}
