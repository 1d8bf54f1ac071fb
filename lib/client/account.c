/* SPDX-License-Identifier: MIT */
#include "client/account.h"

#include <stddef.h>

#include "base/clock.h"
#include "client/conn_record.h"
#include "client/conn.h"
#include "net/tls.h"

void wh_account_begin(struct wh_account *account)
{
    wh_account_finish(account);
    uint64_t now_ns = wh_clock_ns();
    *account = (struct wh_account){
        .moments[WH_MOMENT_ACQUIRE_BEGUN] = now_ns,
        .moments[WH_MOMENT_ACQUIRE_WAITED] = now_ns,
    };
}

void wh_account_wait(struct wh_account *account)
{
    account->moments[WH_MOMENT_ACQUIRE_WAITED] = 0;
}

void wh_account_finish(struct wh_account *account)
{
    wh_conn_record_unref(account->record);
    account->record = NULL;
}

void wh_account_mark(struct wh_account *account, enum wh_moment moment)
{
    if (account && !account->moments[moment]) {
        account->moments[moment] = wh_clock_ns();
    }
}

void wh_account_fail_connect(struct wh_account *account)
{
    if (account) {
        account->connect_failures++;
    }
}

void wh_account_shake(struct wh_account *account, const struct wh_tls *tls)
{
    if (account && tls) {
        struct wh_tls_info info;
        wh_tls_get_info(tls, &info);
        account->tls = *wh_tls_find_legs(tls);
        account->is_resumed = info.resumed && info.chain;
    }
}

void wh_account_note(struct wh_account *account, struct wh_conn_record *record)
{
    if (account && record) {
        wh_conn_record_ref(record);
        account->record = record;
    }
}

void wh_account_acquire(struct wh_account *account, struct wh_conn *conn)
{
    wh_account_mark(account, WH_MOMENT_ACQUIRED);
    wh_account_note(account, conn->record);
    if (conn->record) {
        account->index = conn->record->requests++;
    }
}

/* A request that is nothing but a head has left with it. */
void wh_account_send(struct wh_account *account, const struct wh_stream *stream)
{
    const struct wh_stream_account *sent = &stream->account;
    if (stream->bytes_sent == sent->request_head) {
        account->moments[WH_MOMENT_SENT] = sent->head_sent_ns;
    }
    wh_account_mark(account, WH_MOMENT_SENT);
}

void wh_account_follow(struct wh_account *account, const struct wh_stream *stream)
{
    if (stream) {
        account->stream = stream->account;
    }
}

void wh_account_copy(const struct wh_account *account, struct wh_account *out)
{
    *out = *account;
    if (out->record) {
        wh_conn_record_ref(out->record);
    }
}
