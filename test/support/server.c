/* SPDX-License-Identifier: MIT */
/*
 * One thread accepts, one thread per connection plays its script with blocking calls. server_stop
 * shuts every socket down, which ends all of those calls, and joins the threads. What several
 * threads see is under one lock; every change is told to one condition variable.
 */
#include "support/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/loopback.h"
#include "support/patience.h"
#include "support/pattern.h"

enum { HEAD_MAX = 1 << 20 };

struct connection {
    struct server *server;
    struct connection *next;
    pthread_t thread;
    size_t index;
    int fd; /* -1 once it is closed; under the server's lock */
    int is_over; /* the thread is about to end; under the server's lock */
    struct server_step *steps; /* a copy */
    char input[16 * 1024]; /* what has been received and not been used */
    size_t input_len;
};

struct server {
    int fd;
    uint16_t port;
    pthread_t acceptor;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    int is_stopping;
    int is_forgetful;
    const struct server_step **scripts;
    size_t script_count;
    size_t script_first; /* the connection that plays scripts[0] */
    struct connection *connections;
    size_t accepted;
    size_t closed;
    size_t excess;
    size_t releases;
    size_t holding;
    struct server_request **requests;
    size_t request_count;
};

static void die(const char *what)
{
    perror(what);
    abort();
}

static void *must_have(void *memory)
{
    if (!memory) {
        die("the test server is out of memory");
    }
    return memory;
}

/* ---- Bytes ---- */

static int send_all(struct connection *c, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(c->fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return -1;
        }
        data += sent;
        len -= (size_t)sent;
    }
    return 0;
}

static int send_times(struct connection *c, const struct server_step *step)
{
    size_t times = step->times ? step->times : 1;
    for (size_t i = 0; i < times || step->times == SERVER_ENDLESS; i++) {
        if (send_all(c, step->data, step->len)) {
            return -1;
        }
    }
    return 0;
}

static int send_pieces(struct connection *c, const struct server_step *step)
{
    for (size_t i = 0; i < step->len; i++) {
        if (send_all(c, step->data + i, 1)) {
            return -1;
        }
    }
    return 0;
}

static int send_pattern(struct connection *c, size_t len)
{
    char block[4096];
    for (size_t at = 0; at < len;) {
        size_t piece = len - at < sizeof(block) ? len - at : sizeof(block);
        pattern_fill(block, piece, at);
        if (send_all(c, block, piece)) {
            return -1;
        }
        at += piece;
    }
    return 0;
}

/* More input; 0 at the end of the connection, however it ended. */
static int receive_more(struct connection *c)
{
    ssize_t got = recv(c->fd, c->input + c->input_len, sizeof(c->input) - c->input_len, 0);
    if (got <= 0) {
        return 0;
    }
    c->input_len += (size_t)got;
    return 1;
}

static void use_input(struct connection *c, size_t len)
{
    memmove(c->input, c->input + len, c->input_len - len);
    c->input_len -= len;
}

/* ---- Requests ---- */

static size_t room_for(size_t len)
{
    size_t room = 64;
    while (room < len + 1) {
        room *= 2;
    }
    return room;
}

/* text has room_for(*len) bytes, or is NULL. */
static void append(char **text, size_t *len, const char *data, size_t data_len)
{
    if (!*text || room_for(*len + data_len) > room_for(*len)) {
        *text = must_have(realloc(*text, room_for(*len + data_len)));
    }
    memcpy(*text + *len, data, data_len);
    *len += data_len;
    (*text)[*len] = '\0';
}

/* Moves input to the text, byte by byte, until the text ends so. */
static int take_until(struct connection *c, char **text, size_t *len, const char *end)
{
    size_t end_len = strlen(end);
    size_t from = *len;
    while (*len - from < HEAD_MAX) {
        if (c->input_len == 0 && !receive_more(c)) {
            return -1;
        }
        append(text, len, c->input, 1);
        use_input(c, 1);
        if (*len - from >= end_len && memcmp(*text + *len - end_len, end, end_len) == 0) {
            return 0;
        }
    }
    return -1;
}

static int take_bytes(struct connection *c, char **text, size_t *len, size_t count)
{
    while (count > 0) {
        if (c->input_len == 0 && !receive_more(c)) {
            return -1;
        }
        size_t piece = count < c->input_len ? count : c->input_len;
        if (text) {
            append(text, len, c->input, piece);
        }
        use_input(c, piece);
        count -= piece;
    }
    return 0;
}

/* The field's value in the head, or NULL; ends with CR. */
static const char *find_field(const char *head, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strchr(head, '\n'); line; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1;
            return value + strspn(value, " ");
        }
    }
    return NULL;
}

/* The whole body stays as it came, chunk sizes included. */
static int take_chunks(struct connection *c, struct server_request *request)
{
    for (;;) {
        size_t line = request->body_len;
        if (take_until(c, &request->body, &request->body_len, "\r\n")) {
            return -1;
        }
        size_t size = strtoul(request->body + line, NULL, 16);
        if (take_bytes(c, &request->body, &request->body_len, size + 2)) {
            return -1;
        }
        if (size == 0) {
            return 0;
        }
    }
}

static int take_body(struct connection *c, struct server_request *request)
{
    const char *length = find_field(request->head, "Content-Length");
    const char *coding = find_field(request->head, "Transfer-Encoding");
    if (coding && strncasecmp(coding, "chunked", 7) == 0) {
        return take_chunks(c, request);
    }
    size_t count = length ? strtoul(length, NULL, 10) : 0;
    return take_bytes(c, &request->body, &request->body_len, count);
}

static void free_request(struct server_request *request)
{
    free(request->head);
    free(request->body);
    free(request);
}

/* Seen by the test from now on; the body of an unfinished one must not change any more. */
static void publish(struct connection *c, struct server_request *request)
{
    struct server *s = c->server;
    pthread_mutex_lock(&s->lock);
    if (s->is_forgetful) {
        pthread_mutex_unlock(&s->lock);
        free_request(request);
        return;
    }
    size_t size = (s->request_count + 1) * sizeof(struct server_request *);
    s->requests = must_have(realloc(s->requests, size));
    s->requests[s->request_count++] = request;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static uint16_t peer_port(int fd)
{
    struct sockaddr_in6 peer = {0}; /* the port of an IPv4 address has the same place */
    socklen_t len = sizeof(peer);
    return getpeername(fd, (struct sockaddr *)&peer, &len) == 0 ? ntohs(peer.sin6_port) : 0;
}

static int expect(struct connection *c, int has_body, const struct server_step *next)
{
    struct server_request *request = must_have(calloc(1, sizeof(*request)));
    size_t head_len = 0;
    request->connection = c->index;
    request->from_port = peer_port(c->fd);
    append(&request->body, &request->body_len, "", 0);
    int rc = take_until(c, &request->head, &head_len, "\r\n\r\n");
    if (rc == 0 && has_body) {
        rc = take_body(c, request);
    } else if (rc == 0 && next->kind == SERVER_EXPECT_BYTES) {
        rc = take_bytes(c, &request->body, &request->body_len, next->len);
    }
    if (rc) {
        free_request(request);
        return -1;
    }
    publish(c, request);
    return 0;
}

/* ---- Scripts ---- */

static int hold(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->holding++;
    pthread_cond_broadcast(&s->changed);
    while (s->releases == 0 && !s->is_stopping) {
        pthread_cond_wait(&s->changed, &s->lock);
    }
    s->holding--;
    if (s->releases > 0) {
        s->releases--;
    }
    int rc = s->is_stopping ? -1 : 0;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int await_end(struct connection *c)
{
    struct server *s = c->server;
    do {
        pthread_mutex_lock(&s->lock);
        s->excess += c->input_len;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        c->input_len = 0;
    } while (receive_more(c));
    return -1;
}

static void reset_on_close(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* 0: go on with the next step. */
static int play_step(struct connection *c, const struct server_step *step)
{
    switch (step->kind) {
    case SERVER_END:
        return await_end(c);
    case SERVER_EXPECT:
        return expect(c, 1, step + 1);
    case SERVER_EXPECT_HEAD:
        return expect(c, 0, step + 1);
    case SERVER_EXPECT_BYTES:
        return 0;
    case SERVER_READ:
        return take_bytes(c, NULL, NULL, step->len);
    case SERVER_SEND:
        return send_times(c, step);
    case SERVER_PIECES:
        return send_pieces(c, step);
    case SERVER_PATTERN:
        return send_pattern(c, step->len);
    case SERVER_HOLD:
        return hold(c->server);
    case SERVER_FINISH:
        return shutdown(c->fd, SHUT_WR);
    case SERVER_RESET:
        reset_on_close(c->fd);
        return -1;
    case SERVER_CLOSE:
    case SERVER_AGAIN:
        break;
    }
    return -1;
}

static void *play(void *argument)
{
    struct connection *c = argument;
    struct server *s = c->server;
    const struct server_step *step = c->steps;
    for (;;) {
        if (step->kind == SERVER_AGAIN) {
            step = c->steps;
        } else if (play_step(c, step)) {
            break;
        } else {
            step++;
        }
    }
    pthread_mutex_lock(&s->lock);
    close(c->fd);
    c->fd = -1;
    c->is_over = 1;
    s->closed++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static struct server_step *copy_script(const struct server_step *script)
{
    size_t count = 1;
    while (script[count - 1].kind != SERVER_END && script[count - 1].kind != SERVER_CLOSE &&
           script[count - 1].kind != SERVER_RESET && script[count - 1].kind != SERVER_AGAIN) {
        count++;
    }
    struct server_step *copy = must_have(malloc(count * sizeof(*copy)));
    memcpy(copy, script, count * sizeof(*copy));
    return copy;
}

/* ---- Accepting ---- */

static void free_connection(struct connection *c)
{
    pthread_join(c->thread, NULL);
    free(c->steps);
    free(c);
}

/* Under the lock, which a connection that is over does not need any more. */
static void forget_connections(struct server *s)
{
    struct connection **link = &s->connections;
    while (*link) {
        struct connection *c = *link;
        if (c->is_over) {
            *link = c->next;
            free_connection(c);
        } else {
            link = &c->next;
        }
    }
}

static void begin(struct server *s, int fd)
{
    struct connection *c = must_have(calloc(1, sizeof(*c)));
    size_t number = s->accepted - s->script_first;
    size_t last = s->script_count - 1;
    int is_on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof(is_on));
    c->server = s;
    c->fd = fd;
    c->index = s->accepted++;
    c->steps = copy_script(s->scripts[number < last ? number : last]);
    c->next = s->connections;
    s->connections = c;
    if (pthread_create(&c->thread, NULL, play, c)) {
        die("the test server cannot start a thread");
    }
    pthread_cond_broadcast(&s->changed);
}

static void *accept_all(void *argument)
{
    struct server *s = argument;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        int error = errno;
        pthread_mutex_lock(&s->lock);
        int is_stopping = s->is_stopping;
        if (s->is_forgetful) {
            forget_connections(s);
        }
        if (!is_stopping && fd >= 0) {
            begin(s, fd);
        }
        pthread_mutex_unlock(&s->lock);
        if (is_stopping) {
            if (fd >= 0) {
                close(fd);
            }
            return NULL;
        }
        if (fd < 0 && error != EINTR && error != ECONNABORTED) {
            errno = error;
            die("the test server cannot accept");
        }
    }
}

static int listen_on(const char *address, uint16_t port, uint16_t *out_port)
{
    int fd = loopback_bind_to(address, port);
    if (fd >= 0 && listen(fd, 1024)) {
        close(fd);
        return -1;
    }
    *out_port = fd < 0 ? 0 : loopback_port(fd);
    return fd;
}

struct server *server_start_on(const char *address, uint16_t port, const struct server_step *script)
{
    uint16_t actual_port = 0;
    int fd = listen_on(address, port, &actual_port);
    if (fd < 0) {
        return NULL;
    }
    struct server *s = must_have(calloc(1, sizeof(*s)));
    s->fd = fd;
    s->port = actual_port;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    server_then(s, script);
    if (pthread_create(&s->acceptor, NULL, accept_all, s)) {
        die("the test server cannot start");
    }
    return s;
}

struct server *server_start(const struct server_step *script)
{
    struct server *s = server_start_on("127.0.0.1", 0, script);
    if (!s) {
        die("the test server cannot listen");
    }
    return s;
}

/* accept() does not end on every system when its socket is shut down, so it gets a connection. */
static void wake_acceptor(struct server *s)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    int fd = -1;
    if (getsockname(s->fd, (struct sockaddr *)&address, &len) == 0) {
        fd = socket(address.ss_family, SOCK_STREAM, 0);
    }
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, len)) {
        shutdown(s->fd, SHUT_RDWR);
    }
    pthread_join(s->acceptor, NULL);
    if (fd >= 0) {
        close(fd);
    }
}

void server_stop(struct server *s)
{
    if (!s) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->is_stopping = 1;
    for (struct connection *c = s->connections; c; c = c->next) {
        if (c->fd >= 0) {
            shutdown(c->fd, SHUT_RDWR);
        }
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    wake_acceptor(s);
    while (s->connections) {
        struct connection *c = s->connections;
        s->connections = c->next;
        free_connection(c);
    }
    for (size_t i = 0; i < s->request_count; i++) {
        free_request(s->requests[i]);
    }
    close(s->fd);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s->requests);
    free(s->scripts);
    free(s);
}

/* ---- What tests ask ---- */

uint16_t server_port(const struct server *s)
{
    return s->port;
}

void server_then(struct server *s, const struct server_step *script)
{
    pthread_mutex_lock(&s->lock);
    size_t size = (s->script_count + 1) * sizeof(*s->scripts);
    s->scripts = must_have(realloc(s->scripts, size));
    s->scripts[s->script_count++] = script;
    pthread_mutex_unlock(&s->lock);
}

void server_play(struct server *s, const struct server_step *script)
{
    pthread_mutex_lock(&s->lock);
    s->scripts[0] = script;
    s->script_count = 1;
    s->script_first = s->accepted;
    pthread_mutex_unlock(&s->lock);
}

void server_forget(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_forgetful = 1;
    pthread_mutex_unlock(&s->lock);
}

void server_release(struct server *s, size_t holds)
{
    pthread_mutex_lock(&s->lock);
    s->releases += holds;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static size_t read_count(struct server *s, const size_t *count)
{
    pthread_mutex_lock(&s->lock);
    size_t value = *count;
    pthread_mutex_unlock(&s->lock);
    return value;
}

static int await_count(struct server *s, const size_t *count, size_t wanted)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    while (*count < wanted && rc == 0) {
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &end);
    }
    int is_there = *count >= wanted;
    pthread_mutex_unlock(&s->lock);
    return is_there;
}

size_t server_connections(struct server *s)
{
    return read_count(s, &s->accepted);
}

size_t server_requests(struct server *s)
{
    return read_count(s, &s->request_count);
}

size_t server_closed(struct server *s)
{
    return read_count(s, &s->closed);
}

size_t server_excess(struct server *s)
{
    return read_count(s, &s->excess);
}

int server_await_requests(struct server *s, size_t count)
{
    return await_count(s, &s->request_count, count);
}

int server_await_closed(struct server *s, size_t count)
{
    return await_count(s, &s->closed, count);
}

int server_await_holding(struct server *s, size_t count)
{
    return await_count(s, &s->holding, count);
}

const struct server_request *server_request(struct server *s, size_t index)
{
    pthread_mutex_lock(&s->lock);
    const struct server_request *request = index < s->request_count ? s->requests[index] : NULL;
    pthread_mutex_unlock(&s->lock);
    return request;
}

/* The program keeps the socket. */
uint16_t server_refused_port(void)
{
    uint16_t port;
    loopback_bind(&port);
    return port;
}

/* The program keeps the socket. */
uint16_t server_silent_port(void)
{
    uint16_t port;
    return loopback_silence(loopback_bind(&port)) ? port : 0;
}
