/* SPDX-License-Identifier: MIT */
/*
 * A getaddrinfo of the program's own, which the library finds before the C library's: every name has
 * the addresses that the test says. Included by one file of a program.
 */
#ifndef TEST_SUPPORT_NAMES_H
#define TEST_SUPPORT_NAMES_H

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char *names_addresses = ""; /* in their order, a blank between them */
static int names_error; /* EAI_…: why names have none */
static atomic_uint names_asked; /* how often somebody has looked up a name */

struct name_address {
    struct addrinfo info; /* first, so that one is the other */
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } address;
};

/* NULL when the text is no address. The zone of an IPv6 address is a number. */
static inline struct addrinfo *name_read(const char *text, const char *service)
{
    struct name_address *read = calloc(1, sizeof(*read));
    in_port_t port = htons((in_port_t)atoi(service));
    char ipv6[INET6_ADDRSTRLEN] = "";
    size_t len = strcspn(text, "%");
    if (!read) {
        abort();
    }
    memcpy(ipv6, text, len < sizeof(ipv6) ? len : 0);
    if (inet_pton(AF_INET, text, &read->address.ipv4.sin_addr) == 1) {
        read->info.ai_addrlen = sizeof(read->address.ipv4);
        read->address.ipv4.sin_family = AF_INET;
        read->address.ipv4.sin_port = port;
    } else if (inet_pton(AF_INET6, ipv6, &read->address.ipv6.sin6_addr) == 1) {
        read->info.ai_addrlen = sizeof(read->address.ipv6);
        read->address.ipv6.sin6_family = AF_INET6;
        read->address.ipv6.sin6_port = port;
        read->address.ipv6.sin6_scope_id = text[len] ? (uint32_t)atoi(text + len + 1) : 0;
    } else {
        free(read);
        return NULL;
    }
    read->info.ai_family = read->address.any.sa_family;
    read->info.ai_addr = &read->address.any;
    return &read->info;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    *out = name_read(name, service);
    if (*out || hints->ai_flags & AI_NUMERICHOST) {
        return *out ? 0 : EAI_NONAME;
    }
    atomic_fetch_add(&names_asked, 1);
    if (names_error) {
        return names_error;
    }
    struct addrinfo **end = out;
    char word[INET6_ADDRSTRLEN];
    for (const char *at = names_addresses; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        memcpy(word, at, len);
        word[len] = '\0';
        at += len;
        *end = name_read(word, service);
        end = &(*end)->ai_next;
    }
    return *out ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}

#endif
