/* SPDX-License-Identifier: MIT */
/*
 * A server in a process of its own, so that its memory does not count, which sends and checks any number
 * of bytes of a pattern (see pattern.h):
 *
 *   GET /length/N, GET /chunked/N    N bytes of it, in that framing
 *   GET /damaged/N                   with a length, and one of the bytes in the middle is wrong
 *   PUT /anything                    answers "<framing> <bytes> right\n", or wrong, for what has come
 */
#ifndef TEST_BULK_PEER_H
#define TEST_BULK_PEER_H

#include <stdint.h>

/* Accepting when this returns its port; ends with the process that has called it. No threads yet. */
uint16_t peer_start(void);

#endif
