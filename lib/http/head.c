/* SPDX-License-Identifier: MIT */
/*
 * Fields live as offsets into one text, because the text moves when it grows. A changed value is
 * appended again and the old one stays behind, until more has been left behind than is in use.
 */
#include "http/head.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { COMPACT_MIN = 1024 };

void wh_head_finish(struct wh_head *head)
{
    wh_buffer_finish(&head->text);
    wh_free(head->fields);
    *head = (struct wh_head){0};
}

void wh_head_clear(struct wh_head *head)
{
    wh_buffer_clear(&head->text);
    head->count = 0;
    head->status = 0;
    head->major = 0;
    head->minor = 0;
    head->reason.at = 0;
    head->reason.len = 0;
}

static int reserve_fields(struct wh_head *head, size_t count)
{
    if (count <= head->cap) {
        return 0;
    }
    size_t cap = head->cap ? head->cap : 16;
    size_t size;
    while (cap < count) {
        if (!wh_size_mul(cap, 2, &cap)) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    if (!wh_size_mul(cap, sizeof *head->fields, &size)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct wh_field *fields = wh_realloc(head->fields, size);
    if (!fields) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    head->fields = fields;
    head->cap = cap;
    return 0;
}

int wh_head_copy(struct wh_head *to, const struct wh_head *from)
{
    int rc = reserve_fields(to, from->count);
    if (rc) {
        return rc;
    }
    if (from->text.len > to->text.len) {
        rc = wh_buffer_reserve(&to->text, from->text.len - to->text.len);
        if (rc) {
            return rc;
        }
    }
    wh_head_clear(to);
    rc = wh_buffer_append(&to->text, from->text.data, from->text.len);
    assert(rc == 0);
    if (from->count) {
        memcpy(to->fields, from->fields, from->count * sizeof *from->fields);
    }
    to->count = from->count;
    to->status = from->status;
    to->major = from->major;
    to->minor = from->minor;
    to->reason = from->reason;
    return rc;
}

static struct wh_slice text_at(const struct wh_head *head, size_t at, size_t len)
{
    return wh_slice_of(len ? head->text.data + at : "", len);
}

struct wh_slice wh_head_name(const struct wh_head *head, size_t at)
{
    return text_at(head, head->fields[at].name, head->fields[at].name_len);
}

struct wh_slice wh_head_value(const struct wh_head *head, size_t at)
{
    return text_at(head, head->fields[at].value, head->fields[at].value_len);
}

int wh_head_write_wire(const struct wh_head *head, size_t at, struct wh_buffer *out)
{
    struct wh_slice value = wh_head_value(head, at);
    if (!head->fields[at].is_latin) {
        return wh_buffer_append(out, value.data, value.len);
    }
    int rc = wh_buffer_reserve(out, value.len);
    for (size_t i = 0; rc == 0 && i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        unsigned code = c < 0xC0 ? c : (c & 3u) << 6 | ((unsigned char)value.data[++i] & 0x3Fu);
        char byte = (char)code;
        rc = wh_buffer_append(out, &byte, 1);
    }
    return rc;
}

struct wh_slice wh_head_reason(const struct wh_head *head)
{
    return text_at(head, head->reason.at, head->reason.len);
}

bool wh_head_find(const struct wh_head *head, struct wh_slice name, size_t index, size_t *out_at)
{
    for (size_t i = 0; i < head->count; i++) {
        if (head->fields[i].name_len != name.len ||
            !wh_slice_equal_nocase(wh_head_name(head, i), name)) {
            continue;
        }
        if (index == 0) {
            *out_at = i;
            return true;
        }
        index--;
    }
    return false;
}

struct wh_slice wh_head_get(const struct wh_head *head, const char *name)
{
    size_t at;
    if (!wh_head_find(head, wh_slice_text(name), 0, &at)) {
        return wh_slice_of(NULL, 0);
    }
    return wh_head_value(head, at);
}

struct wh_slice wh_head_take_element(struct wh_slice *list)
{
    return wh_slice_trim(wh_slice_take_until(list, ','));
}

bool wh_head_has_token(const struct wh_head *head, const char *name, const char *token)
{
    struct wh_slice field = wh_slice_text(name);
    struct wh_slice wanted = wh_slice_text(token);
    size_t at;
    for (size_t i = 0; wh_head_find(head, field, i, &at); i++) {
        struct wh_slice list = wh_head_value(head, at);
        while (list.len) {
            if (wh_slice_equal_nocase(wh_head_take_element(&list), wanted)) {
                return true;
            }
        }
    }
    return false;
}

/* Appends to the text, which has room for it. */
static size_t put_text(struct wh_head *head, struct wh_slice text)
{
    size_t at = head->text.len;
    int rc = wh_buffer_append(&head->text, text.data, text.len);
    assert(rc == 0);
    (void)rc;
    return at;
}

static size_t live_len(const struct wh_head *head)
{
    size_t len = head->reason.len;
    for (size_t i = 0; i < head->count; i++) {
        len += head->fields[i].name_len + head->fields[i].value_len;
    }
    return len;
}

/* Drops what is left behind, if it is much; without memory for that it stays for now. */
static void compact(struct wh_head *head)
{
    size_t live = live_len(head);
    struct wh_buffer text = {0};
    if (head->text.len / 2 <= live || head->text.len <= COMPACT_MIN ||
        wh_buffer_reserve(&text, live)) {
        return;
    }
    struct wh_buffer before = head->text;
    const char *reason = before.data + head->reason.at;
    head->text = text;
    head->reason.at = put_text(head, wh_slice_of(reason, head->reason.len));
    for (size_t i = 0; i < head->count; i++) {
        struct wh_field *field = &head->fields[i];
        field->name = put_text(head, wh_slice_of(before.data + field->name, field->name_len));
        field->value = put_text(head, wh_slice_of(before.data + field->value, field->value_len));
    }
    wh_buffer_finish(&before);
}

static void remove_field(struct wh_head *head, size_t at)
{
    head->count--;
    memmove(head->fields + at, head->fields + at + 1, (head->count - at) * sizeof *head->fields);
}

void wh_head_remove(struct wh_head *head, size_t at)
{
    remove_field(head, at);
    compact(head);
}

void wh_head_remove_all(struct wh_head *head, const char *name)
{
    size_t at;
    while (wh_head_find(head, wh_slice_text(name), 0, &at)) {
        remove_field(head, at);
    }
    compact(head);
}

void wh_head_cut(struct wh_head *head, size_t at, size_t from, size_t len)
{
    struct wh_field *field = &head->fields[at];
    assert(from <= field->value_len && len <= field->value_len - from);
    if (len) {
        char *gap = head->text.data + field->value + from;
        memmove(gap, gap + len, field->value_len - from - len);
        field->value_len -= len;
    }
}

static int add_field(struct wh_head *head, struct wh_slice name, struct wh_slice value)
{
    size_t len;
    if (!wh_size_add(name.len, value.len, &len) || wh_buffer_reserve(&head->text, len) ||
        reserve_fields(head, head->count + 1)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct wh_field *field = &head->fields[head->count++];
    field->name = put_text(head, name);
    field->name_len = name.len;
    field->value = put_text(head, value);
    field->value_len = value.len;
    field->is_latin = false;
    return 0;
}

static int replace_value(struct wh_head *head, size_t at, struct wh_slice value)
{
    if (value.len == 0) {
        remove_field(head, at);
        return 0;
    }
    if (wh_buffer_reserve(&head->text, value.len)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    head->fields[at].value = put_text(head, value);
    head->fields[at].value_len = value.len;
    return 0;
}

static int extend_value(struct wh_head *head, size_t at, const char *separator,
                        struct wh_slice value)
{
    size_t old_len = head->fields[at].value_len;
    size_t len;
    if (value.len == 0) {
        return 0;
    }
    if (old_len == 0) {
        return replace_value(head, at, value);
    }
    if (!wh_size_add(value.len, old_len, &len) || !wh_size_add(len, 2, &len) ||
        wh_buffer_reserve(&head->text, len)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    /* The text no longer moves: the old value may be read while it is appended. */
    head->fields[at].value = put_text(head, wh_head_value(head, at));
    put_text(head, wh_slice_of(separator, 2));
    put_text(head, value);
    head->fields[at].value_len = len;
    return 0;
}

static int change_found(struct wh_head *head, enum wh_head_change change, size_t at,
                        struct wh_slice value)
{
    switch (change) {
    case WH_HEAD_ADD:
    case WH_HEAD_ADD_IF_NEW:
        break;
    case WH_HEAD_REPLACE:
    case WH_HEAD_SET:
        return replace_value(head, at, value);
    case WH_HEAD_COMMA:
        return extend_value(head, at, ", ", value);
    case WH_HEAD_SEMICOLON:
        return extend_value(head, at, "; ", value);
    }
    return ERROR_WINHTTP_HEADER_ALREADY_EXISTS;
}

int wh_head_change(struct wh_head *head, enum wh_head_change change, struct wh_slice name,
                   struct wh_slice value)
{
    size_t at;
    if (change != WH_HEAD_ADD && wh_head_find(head, name, 0, &at)) {
        int rc = change_found(head, change, at, value);
        if (rc == 0) {
            compact(head);
        }
        return rc;
    }
    if (change == WH_HEAD_REPLACE) {
        return ERROR_WINHTTP_HEADER_NOT_FOUND;
    }
    if (change == WH_HEAD_SET && value.len == 0) {
        return 0;
    }
    return add_field(head, name, value);
}

/* Bit c says whether c may stand in a token: letters, digits and !#$%&'*+-.^_`|~ */
static const uint32_t token_bytes[8] = {0, 0x03FF6CFA, 0xC7FFFFFE, 0x57FFFFFF};

bool wh_head_is_name(struct wh_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (!(token_bytes[c / 32] >> (c % 32) & 1)) {
            return false;
        }
    }
    return text.len > 0;
}

/* Cuts the first line off *text, past any CR and LF before it; false when none is left. */
static bool take_line(struct wh_slice *text, struct wh_slice *out)
{
    const char *at = text->data;
    const char *end = text->data + text->len;
    while (at < end && (*at == '\r' || *at == '\n')) {
        at++;
    }
    const char *stop = at;
    while (stop < end && *stop != '\r' && *stop != '\n') {
        stop++;
    }
    *text = wh_slice_of(stop, (size_t)(end - stop));
    *out = wh_slice_of(at, (size_t)(stop - at));
    return stop > at;
}

static bool split_field(struct wh_slice line, struct wh_slice *out_name, struct wh_slice *out_value)
{
    const char *colon = memchr(line.data, ':', line.len);
    if (!colon || memchr(line.data, '\0', line.len)) {
        return false;
    }
    size_t name_len = (size_t)(colon - line.data);
    *out_name = wh_slice_of(line.data, name_len);
    *out_value = wh_slice_trim(wh_slice_of(colon + 1, line.len - name_len - 1));
    return wh_head_is_name(*out_name);
}

int wh_head_parse(struct wh_head *head, enum wh_head_change change, struct wh_slice text)
{
    struct wh_slice rest = text;
    struct wh_slice line;
    struct wh_slice name;
    struct wh_slice value;
    if (text.len == 0) {
        return 0;
    }
    while (take_line(&rest, &line)) {
        if (!split_field(line, &name, &value)) {
            return ERROR_INVALID_PARAMETER;
        }
    }
    rest = text;
    while (take_line(&rest, &line)) {
        split_field(line, &name, &value);
        int rc = wh_head_change(head, change, name, value);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* The length of the UTF-8 character at the front of text; 0 when there is none (RFC 3629, 4). */
static size_t utf8_len(const unsigned char *text, size_t len)
{
    unsigned char lead = text[0];
    size_t need = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead > 0xF4 || need > len) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) ||
        (lead == 0xF0 && text[1] < 0x90) || (lead == 0xF4 && text[1] > 0x8F)) {
        return 0;
    }
    return need;
}

static size_t ascii_len(struct wh_slice text)
{
    const uint64_t high = 0x8080808080808080;
    size_t len = 0;
    for (uint64_t some; text.len - len >= sizeof(some); len += sizeof(some)) {
        memcpy(&some, text.data + len, sizeof(some));
        if (some & high) {
            break;
        }
    }
    while (len < text.len && (unsigned char)text.data[len] < 0x80) {
        len++;
    }
    return len;
}

static bool is_utf8(struct wh_slice text)
{
    size_t ascii = ascii_len(text); /* mostly all */
    const unsigned char *at = (const unsigned char *)text.data + ascii;
    for (size_t left = text.len - ascii; left;) {
        size_t len = utf8_len(at, left);
        if (len == 0) {
            return false;
        }
        at += len;
        left -= len;
    }
    return true;
}

/* Appends received text as UTF-8 and says how long it became, and whether it was none before. */
static int put_received(struct wh_head *head, struct wh_slice text, size_t *out_len,
                        bool *out_is_latin)
{
    size_t start = head->text.len;
    size_t most = text.len;
    *out_is_latin = !is_utf8(text);
    if ((*out_is_latin && !wh_size_mul(text.len, 2, &most)) ||
        wh_buffer_reserve(&head->text, most)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (!*out_is_latin) {
        put_text(head, text);
    } else {
        for (size_t i = 0; i < text.len; i++) {
            unsigned char c = (unsigned char)text.data[i];
            char pair[2] = {(char)(0xC0 | (c >> 6)), (char)(0x80 | (c & 0x3F))};
            put_text(head, c < 0x80 ? wh_slice_of(text.data + i, 1) : wh_slice_of(pair, 2));
        }
    }
    *out_len = head->text.len - start;
    return 0;
}

int wh_head_add_received(struct wh_head *head, struct wh_slice name, struct wh_slice value)
{
    size_t len;
    int rc = add_field(head, name, wh_slice_of("", 0));
    if (rc) {
        return rc;
    }
    struct wh_field *field = &head->fields[head->count - 1];
    rc = put_received(head, value, &len, &field->is_latin);
    if (rc) {
        head->count--;
        return rc;
    }
    field->value_len = len;
    return 0;
}

int wh_head_set_reason_received(struct wh_head *head, struct wh_slice reason)
{
    size_t at = head->text.len;
    size_t len;
    bool is_latin;
    int rc = put_received(head, reason, &len, &is_latin);
    if (rc) {
        return rc;
    }
    head->reason.at = at;
    head->reason.len = len;
    return 0;
}

int wh_head_write_status_line(const struct wh_head *head, struct wh_buffer *out)
{
    struct wh_slice reason = wh_head_reason(head);
    if (wh_buffer_append_text(out, "HTTP/") || wh_buffer_append_number(out, head->major) ||
        wh_buffer_append_text(out, ".") || wh_buffer_append_number(out, head->minor) ||
        wh_buffer_append_text(out, " ") || wh_buffer_append_number(out, head->status)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (reason.len == 0) {
        return 0;
    }
    if (wh_buffer_append_text(out, " ") || wh_buffer_append(out, reason.data, reason.len)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return 0;
}

int wh_head_write_fields(const struct wh_head *head, struct wh_buffer *out)
{
    for (size_t i = 0; i < head->count; i++) {
        struct wh_slice name = wh_head_name(head, i);
        struct wh_slice value = wh_head_value(head, i);
        if (wh_buffer_append(out, name.data, name.len) || wh_buffer_append_text(out, ": ") ||
            wh_buffer_append(out, value.data, value.len) || wh_buffer_append_text(out, "\r\n")) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    return 0;
}
