/* SPDX-License-Identifier: MIT */
#include "http/chunks.h"

#include "base/text.h"

enum state {
    STATE_SIZE, /* its first digit */
    STATE_SIZE_MORE,
    STATE_EXTENSION,
    STATE_SIZE_LF,
    STATE_DATA,
    STATE_DATA_CR,
    STATE_DATA_LF,
    STATE_LINE, /* the beginning of a trailer, or of the empty line behind them */
    STATE_TRAILER,
    STATE_TRAILER_LF,
    STATE_LAST_LF,
    STATE_OVER,
    STATE_LOST
};

static enum state take_size(struct wh_chunks *chunks, char c)
{
    int digit = wh_ascii_hex_value(c);
    if (digit >= 0 && chunks->left <= UINT64_MAX >> 4) {
        chunks->left = chunks->left << 4 | (unsigned)digit;
        return STATE_SIZE_MORE;
    }
    if (chunks->state == STATE_SIZE || digit >= 0) {
        return STATE_LOST;
    }
    return c == '\r' ? STATE_SIZE_LF : c == ';' ? STATE_EXTENSION : STATE_LOST;
}

/* What follows c, which is not data. */
static enum state take(struct wh_chunks *chunks, char c)
{
    switch ((enum state)chunks->state) {
    case STATE_SIZE:
    case STATE_SIZE_MORE:
        return take_size(chunks, c);
    case STATE_EXTENSION:
        return c == '\r' ? STATE_SIZE_LF : c == '\n' ? STATE_LOST : STATE_EXTENSION;
    case STATE_SIZE_LF:
        return c != '\n' ? STATE_LOST : chunks->left ? STATE_DATA : STATE_LINE;
    case STATE_DATA_CR:
        return c == '\r' ? STATE_DATA_LF : STATE_LOST;
    case STATE_DATA_LF:
        return c == '\n' ? STATE_SIZE : STATE_LOST;
    case STATE_LINE:
        return c == '\r' ? STATE_LAST_LF : c == '\n' ? STATE_LOST : STATE_TRAILER;
    case STATE_TRAILER:
        return c == '\r' ? STATE_TRAILER_LF : c == '\n' ? STATE_LOST : STATE_TRAILER;
    case STATE_TRAILER_LF:
        return c == '\n' ? STATE_LINE : STATE_LOST;
    case STATE_LAST_LF:
        return c == '\n' ? STATE_OVER : STATE_LOST;
    case STATE_DATA:
    case STATE_OVER:
    case STATE_LOST:
        break;
    }
    return STATE_LOST;
}

void wh_chunks_follow(struct wh_chunks *chunks, const char *data, size_t len)
{
    while (len) {
        size_t used = 1;
        if (chunks->state == STATE_DATA) {
            used = chunks->left < len ? (size_t)chunks->left : len;
            chunks->left -= used;
            chunks->state = chunks->left ? STATE_DATA : STATE_DATA_CR;
        } else {
            chunks->state = (int)take(chunks, *data);
        }
        data += used;
        len -= used;
    }
}

bool wh_chunks_are_over(const struct wh_chunks *chunks)
{
    return chunks->state == STATE_OVER;
}
