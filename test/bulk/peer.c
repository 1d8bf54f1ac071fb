/* SPDX-License-Identifier: MIT */
/* A process for each connection, on which one request comes after the other. */
#include "bulk/peer.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "bulk/pattern.h"
#include "support/loopback.h"

enum { IN_SIZE = 256 * 1024, HEAD_MAX = 4096, CHUNK_MAX = 1000003 };

/* What has come and has not been looked at, and what goes either way. */
struct peer {
    int fd;
    size_t begin;
    size_t end;
    char in[IN_SIZE];
    struct pattern pattern;
};

/* At least one more byte; 0 when there is none any more. */
static int receive(struct peer *p)
{
    if (p->begin == p->end) {
        p->begin = 0;
        p->end = 0;
    }
    ssize_t n = recv(p->fd, p->in + p->end, IN_SIZE - p->end, 0);
    p->end += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static int send_bytes(struct peer *p, const void *data, size_t len)
{
    const char *bytes = data;
    while (len) {
        ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return 0;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return 1;
}

static int send_text(struct peer *p, const char *text)
{
    return send_bytes(p, text, strlen(text));
}

/* ---- Downloads ---- */

static int send_pattern(struct peer *p, uint64_t len)
{
    while (len) {
        size_t part;
        const void *bytes = pattern_next(&p->pattern, &part);
        part = part < len ? part : (size_t)len;
        if (!send_bytes(p, bytes, part)) {
            return 0;
        }
        pattern_advance(&p->pattern, part);
        len -= part;
    }
    return 1;
}

/* Chunks of many sizes; they do not begin where blocks do. */
static int send_chunks(struct peer *p, uint64_t len)
{
    char line[64];
    uint64_t size = 1;
    while (len) {
        size = size * 7 % CHUNK_MAX + 1;
        size = size < len ? size : len;
        snprintf(line, sizeof(line), "%llx\r\n", (unsigned long long)size);
        if (!send_text(p, line) || !send_pattern(p, size) || !send_text(p, "\r\n")) {
            return 0;
        }
        len -= size;
    }
    return send_text(p, "0\r\n\r\n");
}

static int send_damaged(struct peer *p, uint64_t len)
{
    char wrong;
    size_t part;
    if (!send_pattern(p, len / 2)) {
        return 0;
    }
    wrong = (char)(*(const char *)pattern_next(&p->pattern, &part) ^ 1);
    pattern_advance(&p->pattern, 1);
    return send_bytes(p, &wrong, 1) && send_pattern(p, len - len / 2 - 1);
}

static int answer_get(struct peer *p, const char *framing, uint64_t len)
{
    char head[128];
    pattern_begin(&p->pattern);
    if (strcmp(framing, "chunked") == 0) {
        return send_text(p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") &&
               send_chunks(p, len);
    }
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
             (unsigned long long)len);
    return send_text(p, head) &&
           (strcmp(framing, "damaged") == 0 ? send_damaged(p, len) : send_pattern(p, len));
}

/* ---- Uploads ---- */

static int take_body(struct peer *p, uint64_t len, int *is_right)
{
    while (len) {
        if (p->begin == p->end && !receive(p)) {
            return 0;
        }
        size_t part = p->end - p->begin < len ? p->end - p->begin : (size_t)len;
        *is_right &= pattern_take(&p->pattern, p->in + p->begin, part);
        p->begin += part;
        len -= part;
    }
    return 1;
}

static int take_line(struct peer *p, char *line, size_t size)
{
    size_t len = 0;
    while (len < size - 1) {
        if (p->begin == p->end && !receive(p)) {
            return 0;
        }
        line[len++] = p->in[p->begin++];
        if (line[len - 1] == '\n') {
            line[len] = '\0';
            return 1;
        }
    }
    return 0;
}

static int take_chunks(struct peer *p, int *is_right)
{
    char line[64];
    uint64_t size;
    do {
        if (!take_line(p, line, sizeof(line))) {
            return 0;
        }
        size = strtoull(line, NULL, 16);
        if (!take_body(p, size, is_right) || !take_line(p, line, sizeof(line))) {
            return 0;
        }
        *is_right &= strcmp(line, "\r\n") == 0;
    } while (size);
    return 1;
}

static int answer_put(struct peer *p, int is_chunked, uint64_t len)
{
    char body[64];
    char head[128];
    int is_right = 1;
    pattern_begin(&p->pattern);
    if (!(is_chunked ? take_chunks(p, &is_right) : take_body(p, len, &is_right))) {
        return 0;
    }
    int body_len = snprintf(body, sizeof(body), "%s %llu %s\n", is_chunked ? "chunked" : "length",
                            (unsigned long long)p->pattern.at, is_right ? "right" : "wrong");
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", body_len);
    return send_text(p, head) && send_text(p, body);
}

/* ---- Requests ---- */

static int answer(struct peer *p)
{
    char line[HEAD_MAX];
    char framing[16];
    unsigned long long len = 0;
    int is_chunked = 0;
    if (!take_line(p, line, sizeof(line))) {
        return 0;
    }
    int is_get = sscanf(line, "GET /%15[a-z]/%llu ", framing, &len) == 2;
    while (strcmp(line, "\r\n") != 0) {
        if (!take_line(p, line, sizeof(line))) {
            return 0;
        }
        is_chunked |= strcasecmp(line, "Transfer-Encoding: chunked\r\n") == 0;
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            len = strtoull(line + 15, NULL, 10);
        }
    }
    return is_get ? answer_get(p, framing, len) : answer_put(p, is_chunked, len);
}

static void serve_connection(int fd)
{
    static struct peer peer;
    peer.fd = fd;
    while (answer(&peer)) {
    }
    _exit(0);
}

/* Until the other end of alive is closed, as it is by its process' end. */
static void serve(int listener, int alive)
{
    struct pollfd fds[] = {{.fd = listener, .events = POLLIN}, {.fd = alive}};
    signal(SIGCHLD, SIG_IGN);
    while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
        int fd = loopback_accept(listener);
        if (fork() == 0) {
            serve_connection(fd);
        }
        close(fd);
    }
}

uint16_t peer_start(void)
{
    uint16_t port;
    int ends[2];
    int listener = loopback_listen(&port);
    if (pipe(ends)) {
        abort();
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        serve(listener, ends[0]);
        _exit(0);
    }
    if (pid < 0) {
        abort();
    }
    close(ends[0]);
    close(listener);
    return port;
}
