/* SPDX-License-Identifier: MIT */
/*
 * TLS as a channel over another channel, by mbedTLS 2.28 or 3.6. The handshake is a step that may
 * answer WH_AGAIN; the certificate is judged by our own rules when it is over, or before the server
 * is told who the client is.
 */
#ifndef WH_NET_TLS_H
#define WH_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct wh_buffer;
struct wh_channel;
struct wh_roots;
struct wh_tls;
struct wh_tls_chain;
struct wh_tls_crl_place;
struct wh_tls_crls;
struct wh_tls_identity;
struct wh_tls_legs;
struct wh_tls_session;
struct wh_tls_suite;

enum { WH_TLS_FINGERPRINT = 32 };

/* Who a client is to a server that asks for a certificate. */
struct wh_tls_client {
    enum { WH_TLS_UNDECIDED, WH_TLS_NOBODY, WH_TLS_IDENTITY } kind;
    uint8_t fingerprint[WH_TLS_FINGERPRINT]; /* of the identity; zeros without one */
    struct wh_tls_identity *identity; /* borrowed; NULL in keys that are kept */
};

/* Certificates that are known to be revoked are refused, or all that are not known to be good. */
enum wh_tls_revocation_rule {
    WH_TLS_REVOCATION_IGNORED,
    WH_TLS_REVOCATION_IF_KNOWN,
    WH_TLS_REVOCATION_NEEDED
};

/* What a connection is allowed to be; part of the key under which connections are shared. */
struct wh_tls_settings {
    uint32_t protocols; /* WINHTTP_FLAG_SECURE_PROTOCOL_… bits; 0 means the library's default */
    uint32_t ignore_flags; /* SECURITY_FLAG_IGNORE_… bits */
    enum wh_tls_revocation_rule revocation;
    struct wh_roots
        *roots; /* whom to trust, see roots.h; borrowed for as long as wh_tls_new runs */
    struct wh_tls_client client;
};

/*
 * Who the peer proved to be and how; valid once the handshake is over, or has failed behind the server's
 * certificate. chain and what is in it live with the tls, or with a reference.
 */
struct wh_tls_info {
    uint32_t
        protocol; /* WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2, …, which is SP_PROT_TLS1_2_CLIENT, … */
    const struct wh_tls_suite *suite; /* never freed */
    struct wh_tls_chain *chain; /* NULL before the server's certificate has been looked at */
    bool is_open; /* the handshake is over, and the certificate is accepted */
    int resumed; /* 1 when an earlier session was taken up again */
};

/*
 * A TLS client over below, which it owns from then on (also when this fails: below is closed).
 * host is the server's name in A-label form, or an address; it is checked and, if a name, sent as
 * SNI. resume may be NULL; it is only read, and only offered to the server if it was made for the
 * same host, protocols and trust store and its certificate would be accepted today under these
 * settings. Errors: ERROR_NOT_ENOUGH_MEMORY, ERROR_WINHTTP_SECURE_FAILURE when no protocol is left
 * or host can be nobody's name. A missing trust store shows as an unknown authority later.
 */
int wh_tls_new(struct wh_channel *below, const struct wh_tls_settings *settings, const char *host,
               const struct wh_tls_session *resume, struct wh_tls **out);

/*
 * 0 when the handshake is over and the certificate acceptable; WH_AGAIN;
 * ERROR_WINHTTP_SECURE_FAILURE: see wh_tls_faults; ERROR_WINHTTP_CONNECTION_ERROR when the peer
 * closed or reset, or there is no common protocol; ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED when it
 * asks for a certificate and the client is undecided, or it is nobody and the server broke off. One that
 * does not accept the client's certificate is ERROR_WINHTTP_SECURE_FAILURE (with TLS 1.3 the channel's
 * recv may say either later). Nothing of the client is shown to a server whose own certificate is not
 * acceptable. After an error only close is allowed, and looking at info, faults, issuers and refusal.
 */
int wh_tls_handshake(struct wh_tls *tls);

/*
 * The list of revoked certificates that the handshake has answered WH_AGAIN for, NULL for any other reason.
 * It goes on without when it is called again, and perhaps wants another one.
 */
const struct wh_tls_crl_place *wh_tls_find_wanted_crl(const struct wh_tls *tls);
/* What has been fetched from there, with a NUL behind it, if it is of any use; else NULL. With a reference. */
struct wh_tls_crls *wh_tls_read_crl(const struct wh_tls *tls, struct wh_slice data);

/* The server has not accepted the client's certificate: the reason of an error. */
bool wh_tls_is_refused(const struct wh_tls *tls);

/*
 * Whose certificates the server takes, if it has asked: appends distinguished names as DER, each behind
 * two bytes of its length, as TLS has them (RFC 8446, 4.2.4). Nothing if it does not say.
 */
int wh_tls_write_issuers(const struct wh_tls *tls, struct wh_buffer *out);

/* WINHTTP_CALLBACK_STATUS_FLAG_… bits of the faults that are not ignored. */
uint32_t wh_tls_faults(const struct wh_tls *tls);

/*
 * Why an authority is unknown, for the trace: how many are trusted, and what to do when none is, else
 * NULL. A literal.
 */
const char *wh_tls_find_advice(const struct wh_tls *tls, size_t *out_trusted);

void wh_tls_get_info(const struct wh_tls *tls, struct wh_tls_info *out);
/* How the handshake went, as far as it has gone. Lives with the tls. */
const struct wh_tls_legs *wh_tls_find_legs(const struct wh_tls *tls);

/*
 * The same object as a channel, once the handshake is over. Data that send has taken has left for
 * the channel below: of a record that could not be written whole, the last byte counts as not taken
 * until the rest has gone. The caller comes again with that byte, as it was; what follows it is free.
 * recv ends with 0 bytes only after close_notify; ERROR_WINHTTP_CONNECTION_ERROR is an end without
 * it, an alert, and data that was tampered with. close sends close_notify if that needs no waiting.
 */
struct wh_channel *wh_tls_channel(struct wh_tls *tls);

/*
 * Whether a connection that nothing is expected from is as it was: neither closed nor with data, read or
 * not, that nobody has asked for. Tickets are taken. If not, all that is left is to close it.
 */
bool wh_tls_is_quiet(struct wh_tls *tls);

/*
 * A session to resume later; NULL when there is none (any more, or yet: with TLS 1.3 it comes with
 * the first data received). The caller frees it. Any thread may use it in wh_tls_new.
 */
struct wh_tls_session *wh_tls_take_session(struct wh_tls *tls);
void wh_tls_session_free(struct wh_tls_session *session);

#endif
