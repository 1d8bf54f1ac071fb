/* SPDX-License-Identifier: MIT */
/*
 * A request handle: what is to be asked, the exchange that asks it, and who may step that exchange
 * when. The only place where synchronous and asynchronous callers differ.
 *
 * The step lock guards everything here but the object. It is held for steps, never for waits or
 * callbacks.
 */
#ifndef WH_CLIENT_REQUEST_H
#define WH_CLIENT_REQUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/exchange.h"
#include "client/op.h"
#include "client/question.h"
#include "http/head.h"
#include "net/loop.h"
#include "object/object.h"

struct wh_buffer;
struct wh_connect;
struct wh_tls_identity;

struct wh_request {
    struct wh_object object;
    pthread_mutex_t step;
    struct wh_task task;
    struct wh_errand errand; /* delivery between turns */
    struct wh_question question;
    /*
     * Borrows the question. NULL before the first send: most of what a request needs is only needed from
     * then on, and many are kept to be sent later.
     */
    struct wh_exchange *exchange;

    struct { /* who the client is to be, from the next send on */
        bool is_new;
        struct wh_tls_identity *identity; /* NULL: nobody */
    } client;

    char *annotation; /* WINHTTP_OPTION_REQUEST_ANNOTATION, or NULL */

    bool is_closing;
    bool is_running; /* a synchronous call is in progress */
    bool has_said_last; /* HANDLE_CLOSING has been notified */
    bool has_ended; /* and the network has been let go */
    bool is_receive_queued; /* ReceiveResponse came while SendRequest was pending */
};

int wh_request_open(struct wh_connect *connect, const struct wh_request_spec *spec, uintptr_t *out);
struct wh_request *wh_request_of(struct wh_object *object);

/* Under the step lock. To be looked at; never NULL. */
const struct wh_exchange *wh_request_exchange(const struct wh_request *request);

/* What SendRequest says. The body is the application's until the exchange is over. */
struct wh_send {
    struct wh_slice headers; /* len 0 for none */
    const void *body;
    uint32_t body_len;
    uint32_t total_len;
    uintptr_t context; /* 0: unchanged */
};

/*
 * The operations. 0: ended, or, asynchronously, accepted and its completion delivered;
 * ERROR_IO_PENDING: accepted, and the completion comes; else refused, nothing comes.
 * count may be NULL: bytes written, read or available; 0 while that is not known. It is untouched
 * when the operation is refused, and not written to once the application may know of the end.
 */
int wh_request_send(struct wh_request *request, const struct wh_send *send);
int wh_request_write(struct wh_request *request, const void *data, uint32_t len, uint32_t *count);
int wh_request_receive(struct wh_request *request);
int wh_request_read(struct wh_request *request, void *buf, uint32_t len, uint32_t *count);
/* Over when buf is full or the body has ended, not before. */
int wh_request_fill(struct wh_request *request, void *buf, uint32_t len, uint32_t *count);
int wh_request_query_available(struct wh_request *request, uint32_t *count);

/* Marks the connection in use, and those that will be. */
void wh_request_mark_connection(struct wh_request *request, const struct wh_mark *mark);
/* From the next send on. */
void wh_request_prefer_connection(struct wh_request *request,
                                  const struct wh_preference *preference);
/* The connection in use serves no further request. ERROR_WINHTTP_INCORRECT_HANDLE_STATE: none is. */
int wh_request_expire_connection(struct wh_request *request);

/* Who the client is to a server that asks, from the next send on; NULL: nobody. */
void wh_request_set_client(struct wh_request *request, struct wh_tls_identity *identity);
/*
 * Whose certificates the server takes that made the last send fail with
 * ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED, see wh_tls_write_issuers.
 * ERROR_WINHTTP_INCORRECT_HANDLE_STATE when none did, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_request_write_issuers(struct wh_request *request, struct wh_buffer *out);

/* Whether it is, or will be, sent over TLS. */
bool wh_request_is_secure(struct wh_request *request);

/* See wh_question_write_url. */
int wh_request_write_url(struct wh_request *request, struct wh_buffer *out);

/*
 * What has happened since it was sent, to be finished by the caller.
 * ERROR_WINHTTP_INCORRECT_HANDLE_STATE before it is sent.
 */
int wh_request_get_account(struct wh_request *request, struct wh_account *out);

/* Under the step lock. A call has been accepted and has not ended. */
bool wh_request_is_busy(const struct wh_request *request);

/*
 * The HTTP version of its line; WH_VERSION_1_0 or 1_1. ERROR_WINHTTP_INCORRECT_HANDLE_STATE while it is
 * busy, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_request_set_version(struct wh_request *request, uint32_t version);
uint32_t wh_request_get_version(struct wh_request *request);

/*
 * The name that is looked up in place of the server's, "" for that one again.
 * ERROR_WINHTTP_INCORRECT_HANDLE_STATE while it is busy, ERROR_INVALID_PARAMETER for what is no name,
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_request_set_resolution_host(struct wh_request *request, const char *name);

/* A note of the application's. ERROR_NOT_ENOUGH_MEMORY. */
int wh_request_set_annotation(struct wh_request *request, const char *text);
/* Appends it. */
int wh_request_write_annotation(struct wh_request *request, struct wh_buffer *out);

/* text is "name: value" lines; see wh_head_parse for the errors. */
int wh_request_change_fields(struct wh_request *request, enum wh_head_change change,
                             struct wh_slice text);
/* One field that has been judged; see wh_head_change. */
int wh_request_change_field(struct wh_request *request, enum wh_head_change change,
                            struct wh_slice name, struct wh_slice value);

#endif
