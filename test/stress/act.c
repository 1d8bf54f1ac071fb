/* SPDX-License-Identifier: MIT */
/* Operations: what is sent, in which pieces, and into what it is read. */
#include "stress/act.h"

#include <string.h>
#include <time.h>

enum { UPLOAD_MAX = 1 << 20, LOOSE_BYTES = 4096 };

/* Nobody writes to it, so that it is there for as long as the library may look at it. */
static char upload[UPLOAD_MAX];
static char chunk[] = "5;a=b\r\nhello\r\n";
static char last_chunk[] = "0\r\n\r\n";

void act_sleep_us(uint32_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&time, NULL);
}

DWORD_PTR act_context(const struct record *r, struct dice *dice)
{
    return (DWORD_PTR)r | dice_roll(dice, TAG_BITS + 1);
}

static DWORD roll_size(struct dice *dice)
{
    static const DWORD sizes[] = {1, 1, 17, 300, 4096, 20000, READ_MAX};
    return sizes[dice_roll(dice, sizeof(sizes) / sizeof(sizes[0]))];
}

/* ---- SendRequest ---- */

static struct upload roll_upload(const struct record *r, struct dice *dice)
{
    DWORD size = dice_hits(dice, 10) ? UPLOAD_MAX : roll_size(dice);
    if (r->verb != VERB_POST) {
        return (struct upload){.total = 0};
    }
    if (r->is_chunked) {
        return (struct upload){.total = WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH,
                               .left = 1 + dice_roll(dice, 4)};
    }
    if (r->is_autochunked) {
        return (struct upload){.left = size};
    }
    switch (dice_roll(dice, 4)) {
    case 0:
        return (struct upload){.total = 0};
    case 1:
        return (struct upload){.optional = size, .total = size};
    case 2:
        return (struct upload){.optional = size / 2, .total = size, .left = size - size / 2};
    default:
        return (struct upload){.total = size, .left = size};
    }
}

static BOOL send_request(struct record *r, struct dice *dice, const struct upload *body)
{
    LPCWSTR headers = dice_hits(dice, 20) ? L"X-Stress: a\r\nAccept: b" : NULL;
    DWORD len = headers ? (DWORD)-1 : 0;
    DWORD_PTR context = dice_hits(dice, 50) ? act_context(r, dice) : 0;
    return WinHttpSendRequest(r->handle, headers, len, body->optional ? upload : NULL,
                              body->optional, body->total, context);
}

static bool step_send(struct record *r, struct dice *dice)
{
    struct call call;
    struct operation operation = {.api = API_SEND_REQUEST, .upload = roll_upload(r, dice)};
    if (!record_begin_operation(r, &operation, &call)) {
        return false;
    }
    record_end_operation(&call, send_request(r, dice, &operation.upload), 0);
    return true;
}

/* ---- WriteData ---- */

static BOOL write_some(struct record *r, const void *data, DWORD len, DWORD *out_count)
{
    return WinHttpWriteData(r->handle, data, len, r->is_async ? NULL : out_count);
}

static bool step_write(struct record *r, struct dice *dice)
{
    struct call call;
    DWORD count = 0;
    pthread_mutex_lock(&r->lock);
    DWORD left = r->upload.left;
    pthread_mutex_unlock(&r->lock);
    DWORD size = dice_hits(dice, 50) ? left : roll_size(dice);
    struct operation operation = {.api = API_WRITE_DATA, .len = size < left ? size : left};
    const void *data = upload;
    if (r->is_chunked) {
        data = left == 1 ? last_chunk : chunk;
        operation.len = left == 1 ? sizeof(last_chunk) - 1 : sizeof(chunk) - 1;
    }
    operation.left = left;
    if (!record_begin_operation(r, &operation, &call)) {
        return false;
    }
    BOOL ok = write_some(r, data, operation.len, &count);
    record_end_operation(&call, ok, count);
    return true;
}

/* ---- Receiving ---- */

static bool step_receive(struct record *r)
{
    struct call call;
    if (!record_begin_operation(r, &(struct operation){.api = API_RECEIVE_RESPONSE}, &call)) {
        return false;
    }
    record_end_operation(&call, WinHttpReceiveResponse(r->handle, NULL), 0);
    return true;
}

/* In an asynchronous session a count is tolerated, and not written to after the return (C61). */
static bool step_query(struct record *r, struct dice *dice)
{
    struct call call;
    DWORD count = 0;
    bool wants_count = !r->is_async || dice_hits(dice, 30);
    if (!record_begin_operation(r, &(struct operation){.api = API_QUERY_DATA_AVAILABLE}, &call)) {
        return false;
    }
    BOOL ok = WinHttpQueryDataAvailable(r->handle, wants_count ? &count : NULL);
    record_end_operation(&call, ok, count);
    return true;
}

/* Inside of a record's call; WinHttpReadDataEx tells of ERROR_IO_PENDING by the last error only. */
static BOOL read_some(struct record *r, const struct operation *operation, DWORD *count)
{
    void *data = operation->reading->data;
    if (operation->is_filling) {
        return WinHttpReadDataEx(r->handle, data, operation->len, count,
                                 WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER, 0, NULL) == 0;
    }
    return WinHttpReadData(r->handle, data, operation->len, count);
}

static bool step_read(struct record *r, struct dice *dice)
{
    struct call call;
    DWORD count = 0;
    bool wants_count = !r->is_async || dice_hits(dice, 30);
    struct operation operation = {
        .api = API_READ_DATA, .len = roll_size(dice), .is_filling = dice_hits(dice, 15)};
    operation.reading = record_take_buffer(r, operation.len);
    if (!record_begin_operation(r, &operation, &call)) {
        return false;
    }
    BOOL ok = read_some(r, &operation, wants_count ? &count : NULL);
    record_end_operation(&call, ok, count);
    return true;
}

bool act_step(struct record *r, struct dice *dice)
{
    switch (record_next(r)) {
    case API_SEND_REQUEST:
        return step_send(r, dice);
    case API_WRITE_DATA:
        return step_write(r, dice);
    case API_RECEIVE_RESPONSE:
        return step_receive(r);
    case API_READ_DATA:
        if (dice_hits(dice, 2)) {
            return step_send(r, dice);
        }
        return dice_hits(dice, 30) ? step_query(r, dice) : step_read(r, dice);
    default:
        return false;
    }
}

/* ---- Out of turn ---- */

static BOOL intrude(struct record *r, DWORD api, struct dice *dice, DWORD *out_count)
{
    void *loose = record_loose_buffer(r, LOOSE_BYTES)->data;
    DWORD *count = dice_hits(dice, 50) ? out_count : NULL;
    struct upload body = {.total = 0};
    switch (api) {
    case API_SEND_REQUEST:
        return send_request(r, dice, &body);
    case API_WRITE_DATA:
        return write_some(r, upload, roll_size(dice), out_count);
    case API_RECEIVE_RESPONSE:
        return WinHttpReceiveResponse(r->handle, NULL);
    case API_QUERY_DATA_AVAILABLE:
        return WinHttpQueryDataAvailable(r->handle, count);
    default:
        return WinHttpReadData(r->handle, loose, dice_roll(dice, LOOSE_BYTES), count);
    }
}

void act_intrude(struct record *r, struct dice *dice)
{
    struct call call;
    DWORD count = 0;
    DWORD api = 1 + dice_roll(dice, API_COUNT - 1);
    record_intrude(r, api, &call);
    record_end_operation(&call, intrude(r, api, dice, &count), count);
}
