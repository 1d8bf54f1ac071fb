/* SPDX-License-Identifier: MIT */
/* What completions bring: whether it is what was asked for, byte by byte, and into which memory. */
#include <stdlib.h>
#include <string.h>

#include "stress/record_rules.h"
#include "support/pattern.h"
#include "support/server.h"

enum { CANARY = 0xA5 };

/* ---- Bodies ---- */

/* SIZE_MAX if nobody knows. */
static size_t body_len(const struct record *r)
{
    enum body body = r->is_tweaked ? BODY_UNKNOWN : r->peer->body;
    if (r->verb == VERB_HEAD) {
        return 0;
    }
    switch (body) {
    case BODY_UNKNOWN:
        return SIZE_MAX;
    case BODY_PATTERN:
        return r->peer->len;
    case BODY_TEXT:
        return strlen(r->peer->text);
    case BODY_ECHO:
        /* nginx may have counted chunks or not */
        return r->is_chunked || r->is_autochunked ? SIZE_MAX : strlen(r->echo);
    }
    return SIZE_MAX;
}

static void check_bytes(struct record *r, const char *data, size_t count)
{
    if (body_len(r) == SIZE_MAX) {
        return;
    }
    if (count > body_len(r) - r->body_at) {
        record_fail(r, "%zu bytes at %zu of a body of %zu", count, r->body_at, body_len(r));
    }
    const char *text = r->peer->body == BODY_ECHO ? r->echo : r->peer->text;
    for (size_t i = 0; i < count; i++) {
        size_t at = r->body_at + i;
        char right = r->peer->body == BODY_PATTERN ? pattern_byte(at) : text[at];
        if (data[i] != right) {
            record_fail(r, "body byte %zu is %d, not %d", at, data[i], right);
        }
    }
}

static void end_body(struct record *r)
{
    size_t len = body_len(r);
    if (len != SIZE_MAX && r->body_at != len) {
        record_fail(r, "the body ends at %zu of %zu", r->body_at, len);
    }
    r->phase = PHASE_OVER;
}

/* ---- Buffers ---- */

static void check_canary(struct record *r, const struct buffer *buffer)
{
    for (DWORD i = 0; i < buffer->size; i++) {
        if (buffer->data[i] != CANARY) {
            record_fail(r, "byte %u of a buffer was written after its completion", i);
        }
    }
}

static struct buffer *new_buffer(DWORD size)
{
    struct buffer *buffer = malloc(sizeof(*buffer) + size);
    if (!buffer) {
        record_fail(NULL, "out of memory");
    }
    buffer->next = NULL;
    buffer->size = size;
    memset(buffer->data, CANARY, size);
    return buffer;
}

/* The last buffer again if it is large enough; it must not have been touched meanwhile. */
struct buffer *record_take_buffer(struct record *r, DWORD size)
{
    pthread_mutex_lock(&r->lock);
    struct buffer *buffer = r->spare;
    r->spare = NULL;
    if (buffer) {
        check_canary(r, buffer);
    }
    pthread_mutex_unlock(&r->lock);
    if (buffer && buffer->size >= size) {
        return buffer;
    }
    free(buffer);
    return new_buffer(size);
}

struct buffer *record_loose_buffer(struct record *r, DWORD size)
{
    pthread_mutex_lock(&r->lock);
    r->loose = r->loose ? r->loose : new_buffer(size);
    struct buffer *buffer = r->loose;
    pthread_mutex_unlock(&r->lock);
    return buffer;
}

void record_put_buffer(struct record *r, struct buffer *buffer)
{
    if (!buffer) {
        return;
    }
    if (r->spare) {
        check_canary(r, r->spare);
        free(r->spare);
    }
    memset(buffer->data, CANARY, buffer->size);
    r->spare = buffer;
}

void record_leave_buffer(struct record *r)
{
    struct buffer *buffer = r->reading;
    r->reading = NULL;
    if (buffer && record_is_strict(r)) {
        record_put_buffer(r, buffer);
    } else if (buffer) {
        buffer->next = r->kept;
        r->kept = buffer;
    }
}

/* ---- Completions ---- */

static bool may_fail(const struct record *r, DWORD api, DWORD error)
{
    if (api == API_RECEIVE_RESPONSE && error == ERROR_WINHTTP_INCORRECT_HANDLE_STATE) {
        return r->phase == PHASE_OVER; /* it was queued behind a send that failed */
    }
    if (error == ERROR_WINHTTP_OPERATION_CANCELLED || error == ERROR_INVALID_HANDLE) {
        return r->close_begun > 0;
    }
    unsigned waiting = r->session->is_limited ? FAILS_TIMEOUT : 0; /* for a connection */
    return peers_may_fail(r->peer->fails | waiting, error);
}

/* What a read must bring at least; a body may be cut short before the buffer is full. */
static DWORD least_of(const struct record *r)
{
    size_t len = body_len(r);
    if (!r->is_filling || len == SIZE_MAX || r->peer->fails) {
        return r->available < r->read_len ? r->available : r->read_len;
    }
    return len - r->body_at < r->read_len ? (DWORD)(len - r->body_at) : r->read_len;
}

static void end_read(struct record *r, const struct outcome *outcome)
{
    DWORD least = least_of(r);
    if (r->is_async && outcome->data != r->reading->data) {
        record_fail(r, "READ_COMPLETE with another buffer");
    }
    if (outcome->count > r->read_len || outcome->count < least) {
        record_fail(r, "%u bytes read into %u, not %u", outcome->count, r->read_len, least);
    }
    check_bytes(r, (const char *)r->reading->data, outcome->count);
    r->body_at += outcome->count;
    r->available -= r->available < outcome->count ? r->available : outcome->count;
    if (outcome->count == 0 && r->read_len > 0) {
        end_body(r);
    }
}

static void end_write(struct record *r, const struct outcome *outcome)
{
    if (outcome->count != r->written) {
        record_fail(r, "%u bytes written of %u", outcome->count, r->written);
    }
    r->upload.left -= r->is_chunked ? 1 : outcome->count;
}

static void succeed(struct record *r, const struct outcome *outcome)
{
    switch (outcome->api) {
    case API_SEND_REQUEST:
        if (r->peer->is_out_of_reach) {
            record_fail(r, "sent to a peer that is not there");
        }
        r->phase = PHASE_SENT;
        break;
    case API_WRITE_DATA:
        end_write(r, outcome);
        break;
    case API_RECEIVE_RESPONSE:
        r->phase = PHASE_HEAD;
        break;
    case API_QUERY_DATA_AVAILABLE:
        r->available = outcome->count;
        if (outcome->count == 0) {
            end_body(r);
        }
        break;
    default:
        end_read(r, outcome);
        break;
    }
}

static void complete_strictly(struct record *r, const struct outcome *outcome, uint64_t serial)
{
    if (!serial) {
        record_fail(r, "call %u is complete, but it was not pending", outcome->api);
    }
    if (outcome->api == API_RECEIVE_RESPONSE && r->pending[API_SEND_REQUEST]) {
        record_fail(r, "the response is there before the request was sent");
    }
    if (outcome->error && !may_fail(r, outcome->api, outcome->error)) {
        record_fail(r, "call %u failed with %u", outcome->api, outcome->error);
    }
    atomic_fetch_add_explicit(&record_strict, 1, memory_order_relaxed);
    record_mark_done(r, serial);
    if (outcome->error) {
        r->phase = PHASE_OVER;
    } else {
        succeed(r, outcome);
    }
}

void record_complete(struct record *r, const struct outcome *outcome)
{
    DWORD api = outcome->api;
    if (api == 0 || api >= API_COUNT) {
        record_fail(r, "a completion of call %u", api);
    }
    atomic_fetch_add_explicit(&record_completions, 1, memory_order_relaxed);
    uint64_t serial = r->pending[api];
    r->pending[api] = 0;
    if (++r->completed[api] > r->started[api]) {
        record_fail(r, "a completion without a call of %u", api);
    }
    if (outcome->error == ERROR_WINHTTP_OPERATION_CANCELLED && !r->close_begun) {
        record_fail(r, "call %u is cancelled, but nobody has closed the handle", api);
    }
    if (r->intruding[api] || (r->intruders && outcome->error)) {
        r->is_muddled = true; /* it may be the intruder's, or its fault */
    } else if (record_is_certain(r) && !r->is_muddled) {
        complete_strictly(r, outcome, serial);
    }
    if (api == API_READ_DATA) {
        record_leave_buffer(r);
    }
}
