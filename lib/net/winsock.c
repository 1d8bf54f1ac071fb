/* SPDX-License-Identifier: MIT */
#include "net/winsock.h"

#include <errno.h>
#include <netdb.h>

uint32_t wh_winsock_of_errno(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
        return 10013; /* WSAEACCES */
    case EINVAL:
        return 10022; /* WSAEINVAL */
    case EMFILE:
    case ENFILE:
        return 10024; /* WSAEMFILE */
    case EAFNOSUPPORT:
        return 10047; /* WSAEAFNOSUPPORT */
    case EADDRINUSE:
        return 10048; /* WSAEADDRINUSE */
    case EADDRNOTAVAIL:
        return 10049; /* WSAEADDRNOTAVAIL */
    case ENETDOWN:
        return 10050; /* WSAENETDOWN */
    case ENETUNREACH:
        return 10051; /* WSAENETUNREACH */
    case ENETRESET:
        return 10052; /* WSAENETRESET */
    case ECONNABORTED:
    case EPIPE:
        return 10053; /* WSAECONNABORTED */
    case ECONNRESET:
        return 10054; /* WSAECONNRESET */
    case ENOBUFS:
    case ENOMEM:
        return 10055; /* WSAENOBUFS */
    case ETIMEDOUT:
        return 10060; /* WSAETIMEDOUT */
    case ECONNREFUSED:
        return 10061; /* WSAECONNREFUSED */
    case EHOSTDOWN:
        return 10064; /* WSAEHOSTDOWN */
    case EHOSTUNREACH:
        return 10065; /* WSAEHOSTUNREACH */
    default:
        return 10107; /* WSASYSCALLFAILURE */
    }
}

uint32_t wh_winsock_of_lookup(int number)
{
    switch (number) {
    case EAI_AGAIN:
        return 11002; /* WSATRY_AGAIN */
    case EAI_FAIL:
        return 11003; /* WSANO_RECOVERY */
    case EAI_MEMORY:
        return 8; /* WSA_NOT_ENOUGH_MEMORY */
    default:
        return 11001; /* WSAHOST_NOT_FOUND */
    }
}
