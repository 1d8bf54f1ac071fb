/* SPDX-License-Identifier: MIT */
/* Whom the requests go to, and what each of them may lead to. */
#ifndef TEST_STRESS_PEERS_H
#define TEST_STRESS_PEERS_H

#include <winhttp.h>

#include <stdbool.h>
#include <stddef.h>

#include "stress/dice.h"

/* What comes as the body of the response to GET or POST. */
enum body {
    BODY_UNKNOWN,
    BODY_PATTERN, /* len bytes of support/pattern.h */
    BODY_TEXT, /* text */
    BODY_ECHO /* "POST <length>\n" */
};

/* Why an operation may fail. Cancelled it may be only when its handle is being closed. */
enum {
    FAILS_CUT = 1,
    FAILS_BAD = 2, /* an answer that is none */
    FAILS_TIMEOUT = 4,
    FAILS_CONNECT = 8,
    FAILS_SECURE = 16,
    FAILS_REDIRECT = 32
};

enum { VERB_GET = 1, VERB_HEAD = 2, VERB_POST = 4 };

struct peer {
    const char *name;
    const WCHAR *path;
    unsigned verbs;
    enum body body;
    size_t len;
    const char *text;
    unsigned fails; /* FAILS_ */
    bool is_out_of_reach; /* SendRequest cannot succeed */
    int connect_ms; /* time limits for those who do not answer; 0: those of the session */
    int receive_ms;
    bool is_endless; /* never answers, within minutes: others close the handle */
    unsigned weight;
    /* Filled in by peers_start. */
    const WCHAR *host;
    INTERNET_PORT port;
    DWORD flags; /* of WinHttpOpenRequest */
};

/* False when nginx does not start. Sets SSL_CERT_FILE. */
bool peers_start(void);
void peers_stop(void);
const struct peer *peers_pick(struct dice *dice);

/* Whether a failure is among FAILS_. */
bool peers_may_fail(unsigned fails, DWORD error);

#endif
