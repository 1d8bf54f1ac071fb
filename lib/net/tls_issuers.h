/* SPDX-License-Identifier: MIT */
/* Whose certificates a server takes from clients, as its CertificateRequest says. Pure. Any thread. */
#ifndef WH_NET_TLS_ISSUERS_H
#define WH_NET_TLS_ISSUERS_H

#include <stddef.h>
#include <stdint.h>

struct wh_buffer;

/*
 * Of a whole message, with its header of four bytes, in that WINHTTP_FLAG_SECURE_PROTOCOL_… version (RFC
 * 5246, 7.4.4; RFC 8446, 4.3.2). Appends the names as they are there, each behind two bytes of its
 * length; nothing of a message that is malformed. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_issuers_read(const uint8_t *message, size_t len, uint32_t protocol,
                        struct wh_buffer *out);

#endif
