/* SPDX-License-Identifier: MIT */
/* Connections that a real server keeps, for a while: see the limits that nginx.h and apache.h name. */
#ifndef TEST_SUPPORT_API_KEPT_H
#define TEST_SUPPORT_API_KEPT_H

#include "support/api_case.h"

/* A session whose connections, and TLS sessions, no other one uses, and a connect. */
void api_open_apart(struct api *a, const char *host, uint16_t port);
/* The same with TLS 1.2 alone, whose handshakes have legs that are known. */
void api_open_apart_1_2(struct api *a, const char *host, uint16_t port);

/* How many connections there have been, as the recorder has heard. */
size_t api_connects(void);

/* Ten requests. Every third answer says that it is the last one of its connection. */
void api_get_three_by_three(struct api *a, const char *path);

/*
 * Gaps between requests that are about as long as the server keeps a connection, a tenth of a second:
 * before the end of that, behind it, and when the server is closing. The application notices nothing.
 */
void api_get_in_the_nick_of_time(struct api *a, const char *path);

#endif
