/* SPDX-License-Identifier: MIT */
/* The numbers that Windows Sockets has for what the system says, for programs that ask behind an error. */
#ifndef WH_NET_WINSOCK_H
#define WH_NET_WINSOCK_H

#include <stdint.h>

/* Of an errno, and of what getaddrinfo answers. */
uint32_t wh_winsock_of_errno(int number);
uint32_t wh_winsock_of_lookup(int number);

#endif
