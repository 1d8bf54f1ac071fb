/* SPDX-License-Identifier: MIT */
/*
 * mbedTLS between two channels.
 *
 * Writing: mbedTLS wants a record that could not be written whole to be offered again with the same
 * data, which a channel's caller need not do. So mbedTLS is never told to wait: what the channel
 * below does not take is kept in out.pending, and nothing more is encrypted until that is gone. The
 * caller is told that all but the last byte of such a record was taken; it comes again with that
 * byte, finds out whether it must wait, and is told of the byte once the record has left. So no one
 * believes sent what is still here, and whoever waits is woken to send it.
 *
 * Reading: mbedTLS may say "want read" with input left to look at. Only the channel below knows
 * whether there is a reason to wait: in.is_starved.
 */
#include "net/tls.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/list.h"
#include "net/channel.h"
#include "net/tls_ahead.h"
#include "net/tls_chain.h"
#include "net/tls_config.h"
#include "net/tls_issuers.h"
#include "net/tls_keylog.h"
#include "net/tls_legs.h"
#include "net/tls_mbedtls.h"
#include "net/tls_path.h"
#include "net/tls_revocation.h"
#include "net/tls_suite.h"
#include "net/tls_verify.h"
#include "net/trust.h"
#include "winhttp/constants.h"

enum {
    SEND_MAX = 16 * 1024, /* of a caller's data in one call */
    PENDING_MAX = 64 * 1024, /* a peer that asks for more while it takes nothing is not served */
    DATALESS_MAX = 256 * 1024, /* nor one that says so much and nothing in it is for the caller */
    ALERT_FIRST_OF_CERTIFICATES = 42, /* RFC 8446, 6.2: bad_certificate */
    ALERT_LAST_OF_CERTIFICATES = 51, /* decrypt_error */
    ALERT_RECORD = 7, /* bytes of one in the clear */
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_USER_CANCELED = 90,
    ALERT_NO_CERTIFICATE = 41, /* RFC 8446, 6.2; what mbedTLS says */
    ALERT_CERTIFICATE_REQUIRED = 116 /* what others say */
};

/* A channel and its handshake. One owner, its machine, who closes the channel. */
struct wh_tls {
    struct wh_channel channel;
    struct wh_channel *below; /* owned */
    struct wh_tls_config *config;
    mbedtls_ssl_context ssl;
    struct wh_tls_host host;
    struct wh_tls_settings settings;
    struct wh_tls_path path; /* that was looked at in this handshake */
    struct wh_tls_chain *chain; /* then; until then that of the session which is offered */
    struct wh_tls_revocation *revocation; /* NULL when nobody asks, or before that */
    uint32_t chain_flags; /* of the chain that was looked at, now or when the session began */
    uint32_t faults;
    bool is_open; /* the handshake is over and the certificate accepted */
    bool saw_certificate; /* in this handshake: it is not a resumption */
    bool is_asked; /* for a certificate */
    bool is_looked_at; /* the chain */
    bool is_judged; /* the certificate was looked at, and so were lists of revoked ones */
    bool is_refused; /* the server does not accept the one it got */
    struct wh_buffer issuers; /* whose it takes, as wh_tls_write_issuers says */
    bool has_session;
    struct wh_tls_legs legs; /* of the handshake */
    struct {
        struct wh_buffer pending;
        bool owes_byte;
        int error; /* of the channel below; for good */
    } out;
    struct {
        struct wh_tls_ahead ahead;
        bool is_starved;
        bool is_cut; /* the channel below is at its end */
        bool is_ended; /* with close_notify */
        size_t dataless; /* bytes of records since there was data for the caller */
        int below_error;
        int error; /* the first answer that was one; for good */
    } in;
};

/* What a handshake leaves for a later one. Never changes. */
struct wh_tls_session {
    uint64_t config; /* its number */
    struct wh_tls_host host;
    uint32_t chain_flags;
    struct wh_tls_chain *chain; /* mbedTLS keeps the server's own only */
    mbedtls_ssl_session saved;
};

/* Of an error of mbedTLS, and of one of any of a module's. */
enum { HIGH = WH_MBEDTLS_HIGH, MODULE = 0x7000 };

static const struct {
    int mask;
    int code;
    int error;
    uint32_t fault;
} translations[] = {
    {HIGH, -MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {HIGH, -MBEDTLS_ERR_SSL_CONN_EOF, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {HIGH, -MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {HIGH, -WH_MBEDTLS_BAD_PROTOCOL_VERSION, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {HIGH, -MBEDTLS_ERR_X509_FATAL_ERROR, ERROR_WINHTTP_SECURE_FAILURE,
     WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT},
    {MODULE, -MBEDTLS_ERR_X509_INVALID_FORMAT &MODULE, ERROR_WINHTTP_SECURE_FAILURE,
     WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT},
    {0, 0, ERROR_WINHTTP_SECURE_FAILURE, WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR},
};

/* What the server said last, if that is what the error is about; else 0, close_notify, which is none. */
static int find_alert(const struct wh_tls *tls, int ret)
{
    return ret == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE ? tls->ssl.MBEDTLS_PRIVATE(in_msg)[1] : 0;
}

/* Servers say late, with TLS 1.3 behind the handshake, that they want one. */
static bool lacks_client_certificate(const struct wh_tls *tls, int alert)
{
    bool is_nobody = tls->settings.client.kind != WH_TLS_IDENTITY;
    return alert && is_nobody &&
           ((tls->is_asked && !tls->is_open) || alert == ALERT_NO_CERTIFICATE ||
            alert == ALERT_CERTIFICATE_REQUIRED);
}

static bool refuses_client_certificate(const struct wh_tls *tls, int alert)
{
    bool is_shown = tls->is_asked && tls->settings.client.kind == WH_TLS_IDENTITY;
    return alert && is_shown &&
           (!tls->is_open || alert == ALERT_HANDSHAKE_FAILURE ||
            alert == ALERT_CERTIFICATE_REQUIRED ||
            (alert >= ALERT_FIRST_OF_CERTIFICATES && alert <= ALERT_LAST_OF_CERTIFICATES));
}

/* What an alert says of who the client is, or is not; 0 for anything else. */
static int judge_alert(struct wh_tls *tls, int alert)
{
    if (lacks_client_certificate(tls, alert)) {
        return ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED;
    }
    if (refuses_client_certificate(tls, alert)) {
        tls->is_refused = true;
        tls->faults |= WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR;
        return ERROR_WINHTTP_SECURE_FAILURE;
    }
    return 0;
}

/*
 * A server that breaks off may close before it has heard all, and nothing more can be sent then. What it
 * said last stands in the clear before TLS 1.3. An alert, or 0.
 */
static int read_last_words(struct wh_tls *tls)
{
    unsigned char record[ALERT_RECORD];
    size_t len = 0;
    size_t got = 1;
    while (len < sizeof(record) && got) {
        got = 0;
        (void)wh_tls_ahead_recv(&tls->in.ahead, tls->below, record + len, sizeof(record) - len,
                                &got);
        len += got;
    }
    bool is_alert = len == sizeof(record) && record[0] == MBEDTLS_SSL_MSG_ALERT && !record[3] &&
                    record[4] == 2 && record[5] == MBEDTLS_SSL_ALERT_LEVEL_FATAL;
    return is_alert ? record[6] : 0;
}

/* Sending is over. */
static int explain_out(struct wh_tls *tls)
{
    bool has_words =
        !tls->is_open && tls->is_asked && tls->out.error == ERROR_WINHTTP_CONNECTION_ERROR;
    int said = has_words ? judge_alert(tls, read_last_words(tls)) : 0;
    return said ? said : tls->out.error;
}

/*
 * What an error of mbedTLS means. What the channel below answered comes before it, but not before what
 * the server has said: it may have closed with that.
 */
static int translate(struct wh_tls *tls, int ret)
{
    int said = judge_alert(tls, find_alert(tls, ret));
    if (said) {
        return said;
    }
    if (tls->in.below_error) {
        return tls->in.below_error;
    }
    if (tls->out.error) {
        return explain_out(tls);
    }
    if (wh_mbedtls_is_out_of_memory(ret)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    size_t row = 0;
    while ((-ret & translations[row].mask) != translations[row].code) {
        row++;
    }
    /* The flags belong to the handshake; later a connection just breaks. */
    if (tls->is_open && translations[row].fault) {
        return ERROR_WINHTTP_CONNECTION_ERROR;
    }
    tls->faults |= translations[row].fault;
    return translations[row].error;
}

/* Offers all of it to the channel below. *out_taken is set whatever the answer. */
static int send_below(struct wh_tls *tls, const void *data, size_t len, size_t *out_taken)
{
    size_t taken = 0;
    int error = 0;
    while (!error && taken < len) {
        size_t part = 0;
        error = wh_channel_send(tls->below, (const char *)data + taken, len - taken, &part);
        taken += error ? 0 : part;
    }
    *out_taken = taken;
    return error;
}

/* 0 when nothing is pending any more, WH_AGAIN, or the error that ended sending. */
static int flush(struct wh_tls *tls)
{
    if (tls->out.error || tls->out.pending.len == 0) {
        return tls->out.error;
    }
    size_t taken;
    int error = send_below(tls, tls->out.pending.data, tls->out.pending.len, &taken);
    wh_buffer_consume(&tls->out.pending, taken);
    if (error && error != WH_AGAIN) {
        tls->out.error = error;
    }
    return error;
}

static int keep_pending(struct wh_tls *tls, const void *data, size_t len)
{
    if (tls->out.pending.len + len > PENDING_MAX) {
        return ERROR_WINHTTP_CONNECTION_ERROR;
    }
    return wh_buffer_append(&tls->out.pending, data, len);
}

/*
 * mbedTLS hands over a record; it is taken whole or sending is over. Once the connection is open mbedTLS
 * hears only of what cannot be kept: 3.6 reads no ticket, nor what is behind it, while it has something
 * left to send.
 */
static int on_send(void *context, const unsigned char *data, size_t len)
{
    struct wh_tls *tls = context;
    size_t taken = 0;
    int error = tls->out.error;
    int keep_error = 0;
    if (!error) {
        error = tls->out.pending.len ? WH_AGAIN : send_below(tls, data, len, &taken);
    }
    if (error == WH_AGAIN) {
        keep_error = keep_pending(tls, data + taken, len - taken);
        error = keep_error;
    }
    tls->out.error = error;
    if (!tls->is_open) {
        wh_tls_legs_sent(&tls->legs, len);
    }
    return keep_error || (error && !tls->is_open) ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : (int)len;
}

/* mbedTLS passes over warnings, and takes all of them at a stretch: without a limit, for ever. */
static int recv_below(struct wh_tls *tls, void *buf, size_t len, size_t *out_len)
{
    if (tls->in.dataless > DATALESS_MAX) {
        return ERROR_WINHTTP_CONNECTION_ERROR;
    }
    int error = wh_tls_ahead_recv(&tls->in.ahead, tls->below, buf, len, out_len);
    tls->in.dataless += error ? 0 : *out_len;
    return error;
}

static int on_recv(void *context, unsigned char *buf, size_t len)
{
    struct wh_tls *tls = context;
    size_t got = 0;
    if (!tls->is_open) {
        wh_tls_legs_listen(&tls->legs);
    }
    int error = recv_below(tls, buf, len, &got);
    if (error == WH_AGAIN) {
        tls->in.is_starved = true;
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    tls->in.below_error = error;
    tls->in.is_cut = !error && got == 0;
    if (!tls->is_open && got) {
        wh_tls_legs_received(&tls->legs, got);
    }
    return error ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : (int)got;
}

/* mbedTLS calls this for each certificate, root first, and not when a session is resumed. */
static int on_verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    struct wh_tls *tls = context;
    tls->saw_certificate = true;
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
    wh_tls_path_add(&tls->path, certificate, depth, flags);
    return 0;
}

/* Nothing has come of mbedtls_ssl_read yet. 0 may be a record without data (RFC 8446, 5.1). */
static bool must_read_on(const struct wh_tls *tls, int ret)
{
    return ret == 0 ? !tls->in.is_cut : ret == MBEDTLS_ERR_SSL_WANT_READ && !tls->in.is_starved;
}

static int recv_data(struct wh_tls *tls, void *buf, size_t len)
{
    for (;;) {
        tls->in.is_starved = false;
        int ret = mbedtls_ssl_read(&tls->ssl, buf, len < INT_MAX ? len : INT_MAX);
        tls->in.dataless = ret > 0 ? 0 : tls->in.dataless;
        if (ret == WH_MBEDTLS_NEW_TICKET) {
            tls->has_session = true;
        } else if (!must_read_on(tls, ret)) {
            return ret;
        }
    }
}

static int recv_tls(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    struct wh_tls *tls = WH_CONTAINER_OF(channel, struct wh_tls, channel);
    assert(tls->is_open && len > 0);
    /* The peer may wait for the rest of a record. That sending is over is not for us to say. */
    (void)flush(tls);
    if (tls->in.error) {
        return tls->in.error;
    }
    int ret = tls->in.is_ended ? MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY : recv_data(tls, buf, len);
    if (ret == MBEDTLS_ERR_SSL_WANT_READ) {
        return WH_AGAIN;
    }
    if (ret == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        tls->in.is_ended = true;
        *out_len = 0;
        return 0;
    }
    if (ret > 0) {
        *out_len = (size_t)ret;
        return 0;
    }
    /* 0 is the end of the channel below, not of what the peer had to say: RFC 8446, 6.1. */
    tls->in.error = translate(tls, ret ? ret : MBEDTLS_ERR_SSL_CONN_EOF);
    return tls->in.error;
}

static int send_tls(struct wh_channel *channel, const void *data, size_t len, size_t *out_len)
{
    struct wh_tls *tls = WH_CONTAINER_OF(channel, struct wh_tls, channel);
    assert(tls->is_open && len > 0);
    int error = flush(tls);
    if (error) {
        return error;
    }
    if (tls->out.owes_byte) {
        tls->out.owes_byte = false;
        *out_len = 1;
        return 0;
    }
    int ret = mbedtls_ssl_write(&tls->ssl, data, len < SEND_MAX ? len : SEND_MAX);
    if (ret <= 0 || tls->out.error) {
        tls->out.error = translate(tls, ret);
        return tls->out.error;
    }
    size_t taken = (size_t)ret;
    if (tls->out.pending.len) {
        tls->out.owes_byte = true;
        taken--;
    }
    if (taken == 0) {
        return WH_AGAIN;
    }
    *out_len = taken;
    return 0;
}

static void free_tls(struct wh_tls *tls)
{
    wh_channel_close(tls->below);
    wh_tls_ahead_finish(&tls->in.ahead);
    mbedtls_ssl_free(&tls->ssl);
    wh_tls_revocation_free(tls->revocation);
    wh_tls_config_unref(tls->config);
    wh_buffer_finish(&tls->out.pending);
    wh_buffer_finish(&tls->issuers);
    wh_tls_chain_unref(tls->chain);
    wh_free(tls);
}

static void close_tls(struct wh_channel *channel)
{
    struct wh_tls *tls = WH_CONTAINER_OF(channel, struct wh_tls, channel);
    if (tls->is_open && !tls->in.error && flush(tls) == 0) {
        (void)mbedtls_ssl_close_notify(&tls->ssl);
    }
    free_tls(tls);
}

static const struct wh_channel_ops tls_ops = {recv_tls, send_tls, close_tls};

/* Where the certificate of a session is; mbedTLS keeps it for us. */
static const mbedtls_x509_crt *find_session_certificate(const struct wh_tls_session *session)
{
    return session->saved.MBEDTLS_PRIVATE(peer_cert);
}

/*
 * A session is offered only if it was made by this configuration, hence under the same trust, for
 * the same host, and would be accepted under today's settings: otherwise a full handshake finds out. So it
 * does whether the certificates have been revoked meanwhile: a session has the server's only.
 */
static int offer_session(struct wh_tls *tls, const struct wh_tls_session *session)
{
    if (!session || tls->settings.revocation != WH_TLS_REVOCATION_IGNORED ||
        session->config != wh_tls_config_number(tls->config) ||
        !wh_tls_host_equal(&session->host, &tls->host) ||
        wh_tls_judge(&tls->host, find_session_certificate(session), session->chain_flags,
                     &tls->settings)) {
        return 0;
    }
    tls->chain_flags = session->chain_flags;
    tls->chain = wh_tls_chain_ref(session->chain);
    return mbedtls_ssl_set_session(&tls->ssl, &session->saved);
}

static int prepare(struct wh_tls *tls, const struct wh_tls_session *resume)
{
    int ret = mbedtls_ssl_setup(&tls->ssl, wh_tls_config_find_ssl(tls->config));
    if (ret == 0) {
        ret = mbedtls_ssl_set_hostname(&tls->ssl, tls->host.address_len ? NULL : tls->host.name);
    }
    if (ret == 0) {
        ret = offer_session(tls, resume);
    }
    mbedtls_ssl_set_bio(&tls->ssl, tls, on_send, on_recv, NULL);
    mbedtls_ssl_set_verify(&tls->ssl, on_verify, tls);
    wh_tls_keylog_follow(&tls->ssl);
    return ret ? translate(tls, ret) : 0;
}

int wh_tls_new(struct wh_channel *below, const struct wh_tls_settings *settings, const char *host,
               const struct wh_tls_session *resume, struct wh_tls **out)
{
    struct wh_tls *tls = wh_calloc(1, sizeof(*tls));
    if (!tls) {
        wh_channel_close(below);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    tls->channel.ops = &tls_ops;
    tls->below = below;
    tls->settings = *settings;
    tls->settings.roots = NULL; /* the config holds what it needs of them */
    tls->chain_flags = UINT32_MAX;
    mbedtls_ssl_init(&tls->ssl);
    int error = wh_tls_host_init(&tls->host, host) ? 0 : ERROR_WINHTTP_SECURE_FAILURE;
    if (!error) {
        error = wh_tls_config_ref_current(settings->protocols, settings->roots,
                                          settings->client.identity, &tls->config);
    }
    if (!error && settings->revocation != WH_TLS_REVOCATION_IGNORED) {
        tls->revocation = wh_tls_revocation_new(settings->roots);
        error = tls->revocation ? 0 : ERROR_NOT_ENOUGH_MEMORY;
    }
    tls->settings.client.identity = NULL; /* the configuration has what is needed of it */
    if (!error) {
        error = prepare(tls, resume);
    }
    if (error) {
        free_tls(tls);
        return error;
    }
    wh_tls_legs_begin(&tls->legs);
    *out = tls;
    return 0;
}

static uint32_t find_protocol(const struct wh_tls *tls)
{
    return wh_tls_protocol_find(mbedtls_ssl_get_version(&tls->ssl));
}

/* Before TLS 1.3 the handshake says whether there is a session, later a ticket does. */
static bool has_session_id(const struct wh_tls *tls)
{
    const mbedtls_ssl_session *session = tls->ssl.MBEDTLS_PRIVATE(session);
    return find_protocol(tls) != WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3 &&
           (session->MBEDTLS_PRIVATE(id_len) || session->MBEDTLS_PRIVATE(ticket_len));
}

/* These come from the handshake itself: whether the key may be used for what it was used for. */
enum { HANDSHAKE_FLAGS = MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_BAD_KEY };

/* Of this handshake, over or not; mbedTLS itself tells only afterwards. */
static const mbedtls_ssl_session *find_session(const struct wh_tls *tls)
{
    const mbedtls_ssl_session *session = tls->ssl.MBEDTLS_PRIVATE(session_negotiate);
    return session ? session : tls->ssl.MBEDTLS_PRIVATE(session);
}

static mbedtls_x509_crt *find_peer_certificate(const struct wh_tls *tls)
{
    const mbedtls_ssl_session *session = find_session(tls);
    return session ? session->MBEDTLS_PRIVATE(peer_cert) : NULL;
}

/* What mbedTLS found, or finds when the certificates that the server sent are in their order. */
static uint32_t find_chain_flags(struct wh_tls *tls)
{
    uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);
    mbedtls_x509_crt *first = find_peer_certificate(tls);
    if (!first || !(flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) || !wh_tls_path_sort(first)) {
        return flags;
    }
    const mbedtls_ssl_config *config = wh_tls_config_find_ssl(tls->config);
    uint32_t sorted_flags = 0;
    int ret = mbedtls_x509_crt_verify_with_profile(first, config->MBEDTLS_PRIVATE(ca_chain), NULL,
                                                   config->MBEDTLS_PRIVATE(cert_profile), NULL,
                                                   &sorted_flags, on_verify, tls);
    bool is_done = ret == 0 || ret == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
    return is_done ? sorted_flags | (flags & HANDSHAKE_FLAGS) : flags;
}

/* Once. */
static void look_at_chain(struct wh_tls *tls)
{
    if (tls->saw_certificate && !tls->is_looked_at) {
        tls->chain_flags = find_chain_flags(tls);
    }
    tls->is_looked_at = true;
}

/* A session that is taken up again has kept what there was to see. */
static int keep_chain(struct wh_tls *tls, uint32_t flags)
{
    if (!tls->saw_certificate) {
        return 0;
    }
    wh_tls_chain_unref(tls->chain);
    tls->chain = NULL;
    return wh_tls_chain_new(&tls->path, flags, &tls->chain);
}

static uint32_t find_revocation_flags(struct wh_tls *tls)
{
    bool is_trusted = !(tls->chain_flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED);
    return tls->revocation ? wh_tls_revocation_look(tls->revocation, &tls->path, is_trusted) : 0;
}

/* Nothing is fetched for certificates that are refused anyway, or from where somebody unknown says. */
static bool wants_list(struct wh_tls *tls, uint32_t flags)
{
    bool is_open = flags & MBEDTLS_X509_BADCRL_NOT_TRUSTED &&
                   !(flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) &&
                   !(tls->faults & ~(uint32_t)WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED);
    return is_open && tls->revocation && wh_tls_revocation_want(tls->revocation, &tls->path);
}

static void refuse(struct wh_tls *tls)
{
    bool is_revoked = tls->faults & WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED;
    (void)mbedtls_ssl_send_alert_message(&tls->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                         is_revoked ? MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED
                                                    : MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
}

/* The server's certificate is looked at before anything is said, or shown, or believed. */
static int judge(struct wh_tls *tls)
{
    if (tls->is_judged) {
        return 0;
    }
    look_at_chain(tls);
    uint32_t flags = tls->chain_flags | find_revocation_flags(tls);
    tls->faults = wh_tls_judge(&tls->host, find_peer_certificate(tls), flags, &tls->settings);
    if (wants_list(tls, flags)) {
        return WH_AGAIN;
    }
    int error = keep_chain(tls, flags);
    if (error) {
        return error;
    }
    tls->is_judged = true;
    wh_tls_revocation_free(tls->revocation);
    tls->revocation = NULL;
    if (tls->faults) {
        refuse(tls);
        return ERROR_WINHTTP_SECURE_FAILURE;
    }
    return 0;
}

static void open_tls(struct wh_tls *tls)
{
    wh_tls_legs_end(&tls->legs);
    tls->has_session = has_session_id(tls);
    tls->is_open = true;
}

/* --- who the client is ---------------------------------------------------------------------- */

/* mbedTLS does not say whether the server asks, but leaves the message where it has read it. */
static int look_for_question(struct wh_tls *tls)
{
    const unsigned char *message = tls->ssl.MBEDTLS_PRIVATE(in_msg);
    tls->is_asked = message && message[0] == MBEDTLS_SSL_HS_CERTIFICATE_REQUEST;
    return tls->is_asked ? wh_tls_issuers_read(message, tls->ssl.MBEDTLS_PRIVATE(in_hslen),
                                               find_protocol(tls), &tls->issuers)
                         : 0;
}

/* The server has said all it has to say before the client shows who it is. */
static int decide(struct wh_tls *tls)
{
    int error = judge(tls);
    if (!error && tls->settings.client.kind == WH_TLS_UNDECIDED) {
        (void)mbedtls_ssl_send_alert_message(&tls->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                             ALERT_USER_CANCELED);
        error = ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED;
    }
    return error;
}

/* --- the handshake -------------------------------------------------------------------------- */

/* One message. 0 with *out_ret from mbedTLS, or why there will be no more. */
static int step(struct wh_tls *tls, int *out_ret)
{
    int state = tls->ssl.MBEDTLS_PRIVATE(state);
    if (state == MBEDTLS_SSL_CLIENT_CERTIFICATE && tls->is_asked && !tls->is_judged) {
        int error = decide(tls);
        if (error) {
            return error;
        }
    }
    *out_ret = mbedtls_ssl_handshake_step(&tls->ssl);
    bool is_read = state == MBEDTLS_SSL_CERTIFICATE_REQUEST && *out_ret == 0;
    return is_read ? look_for_question(tls) : 0;
}

static int run_steps(struct wh_tls *tls)
{
    int ret = 0;
    while (!wh_mbedtls_is_over(&tls->ssl)) {
        tls->in.is_starved = false;
        int error = step(tls, &ret);
        if (error) {
            return error;
        }
        if (ret == MBEDTLS_ERR_SSL_WANT_READ && tls->in.is_starved) {
            return WH_AGAIN;
        }
        if (ret && ret != MBEDTLS_ERR_SSL_WANT_READ) {
            return translate(tls, ret);
        }
    }
    return 0;
}

static int flush_shaking(struct wh_tls *tls)
{
    int error = flush(tls);
    return error && error != WH_AGAIN ? explain_out(tls) : error;
}

int wh_tls_handshake(struct wh_tls *tls)
{
    int error = flush_shaking(tls);
    error = error ? error : run_steps(tls);
    error = error ? error : flush_shaking(tls);
    error = error ? error : judge(tls);
    if (!error) {
        open_tls(tls);
    }
    return error;
}

const struct wh_tls_crl_place *wh_tls_find_wanted_crl(const struct wh_tls *tls)
{
    return tls->revocation && tls->revocation->wants_list ? &tls->revocation->place : NULL;
}

struct wh_tls_crls *wh_tls_read_crl(const struct wh_tls *tls, struct wh_slice data)
{
    return wh_tls_revocation_read(tls->revocation, &tls->path, data);
}

bool wh_tls_is_refused(const struct wh_tls *tls)
{
    return tls->is_refused;
}

int wh_tls_write_issuers(const struct wh_tls *tls, struct wh_buffer *out)
{
    return wh_buffer_append(out, tls->issuers.data, tls->issuers.len);
}

uint32_t wh_tls_faults(const struct wh_tls *tls)
{
    return tls->faults;
}

const char *wh_tls_find_advice(const struct wh_tls *tls, size_t *out_trusted)
{
    struct wh_trust *trust = wh_tls_config_find_trust(tls->config);
    *out_trusted = 0;
    for (const mbedtls_x509_crt *at = wh_trust_find_first(trust); at; at = at->next) {
        ++*out_trusted;
    }
    return wh_trust_find_advice(trust);
}

void wh_tls_get_info(const struct wh_tls *tls, struct wh_tls_info *out)
{
    const mbedtls_ssl_session *session = find_session(tls);
    *out = (struct wh_tls_info){
        .protocol = find_protocol(tls),
        .suite = session ? wh_tls_suite_find(session->MBEDTLS_PRIVATE(ciphersuite)) : NULL,
        .chain = tls->is_judged ? tls->chain : NULL,
        .is_open = tls->is_open,
        .resumed = !tls->saw_certificate,
    };
}

const struct wh_tls_legs *wh_tls_find_legs(const struct wh_tls *tls)
{
    return &tls->legs;
}

struct wh_channel *wh_tls_channel(struct wh_tls *tls)
{
    return &tls->channel;
}

bool wh_tls_is_quiet(struct wh_tls *tls)
{
    char byte;
    size_t len;
    return recv_tls(&tls->channel, &byte, sizeof(byte), &len) == WH_AGAIN && !tls->out.error &&
           !tls->out.pending.len;
}

struct wh_tls_session *wh_tls_take_session(struct wh_tls *tls)
{
    if (!tls->is_open || !tls->has_session) {
        return NULL;
    }
    struct wh_tls_session *session = wh_calloc(1, sizeof(*session));
    if (!session) {
        return NULL;
    }
    session->host = tls->host;
    session->chain_flags = tls->chain_flags;
    session->chain = wh_tls_chain_ref(tls->chain);
    session->config = wh_tls_config_number(tls->config);
    mbedtls_ssl_session_init(&session->saved);
    if (mbedtls_ssl_get_session(&tls->ssl, &session->saved) != 0) {
        wh_tls_session_free(session);
        return NULL;
    }
    tls->has_session = false;
    return session;
}

void wh_tls_session_free(struct wh_tls_session *session)
{
    if (session) {
        wh_tls_chain_unref(session->chain);
        mbedtls_ssl_session_free(&session->saved);
        wh_free(session);
    }
}
