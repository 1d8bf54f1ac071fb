/* SPDX-License-Identifier: MIT */
/*
 * From a key to a connection:
 *
 *     RESOLVE -> TCP (see attempts.h) -> TLS -> READY
 *
 * Belongs to one exchange and is stepped with the loop held. Tells the application what it does
 * through the object, and waits until it has been told.
 */
#ifndef WH_CLIENT_DIAL_H
#define WH_CLIENT_DIAL_H

#include <stdbool.h>
#include <stdint.h>

struct wh_account;
struct wh_conn;
struct wh_dial;
struct wh_object;
struct wh_peer_key;
struct wh_task;
struct wh_tls;

/*
 * key is borrowed until close. address_text has WH_ADDRESS_TEXT bytes and lives as long as object:
 * notices point at it. NULL: the application is told nothing; not with TLS. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_dial_open(struct wh_object *object, struct wh_task *task, const struct wh_peer_key *key,
                 char *address_text, struct wh_dial **out);
/* What happens from now on is marked there. account is borrowed until close. */
void wh_dial_set_account(struct wh_dial *dial, struct wh_account *account);
/* 0 with a connection attached to the task; WH_AGAIN; or why there is none. */
int wh_dial_run(struct wh_dial *dial, struct wh_conn **out);
/* Its TLS, to be asked why the handshake failed; NULL before that. */
const struct wh_tls *wh_dial_find_tls(const struct wh_dial *dial);
/* The handshake has begun, and is not over or has failed. */
bool wh_dial_is_in_tls(const struct wh_dial *dial);
/* When it wants to run again at the latest; 0 for no limit. */
uint64_t wh_dial_deadline(const struct wh_dial *dial);
/* At any point; NULL is fine. */
void wh_dial_close(struct wh_dial *dial);

#endif
