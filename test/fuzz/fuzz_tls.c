/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what a TLS server says, from its hello to its farewell. The client comes to an end, the
 * same one however the bytes are cut, and hears no data unless the handshake went well. Its random numbers
 * are always the same, so that what record_tls.c has recorded is a good server.
 *
 * Bit 0 of the first byte: no protocol but TLS 1.2; bit 1: no fault of certificates is ignored. The second
 * byte is the length of the pieces in the second run.
 */
#include "fuzz/fuzz.h"

#include "base/error.h"
#include "net/tls.h"
#include "support/script_channel.h"
#include "support/still_world.h"
#include "winhttp/constants.h"

enum { LEN_MAX = 20000, DATA_MAX = 4096 };

/* What came of it. */
struct outcome {
    int handshake; /* its error */
    int end; /* that of receiving */
    uint32_t faults;
    bool has_session;
    size_t len;
    char data[DATA_MAX];
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    still_world_open();
    return 0;
}

static void check_error(int error)
{
    check_that(error == 0 || error == ERROR_WINHTTP_CONNECTION_ERROR ||
               error == ERROR_WINHTTP_SECURE_FAILURE ||
               error == ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED);
}

static int shake(struct wh_tls *tls)
{
    int error;
    do {
        error = wh_tls_handshake(tls);
    } while (error == WH_AGAIN);
    check_error(error);
    check_that((error == ERROR_WINHTTP_SECURE_FAILURE) == (wh_tls_faults(tls) != 0));
    return error;
}

/* As much as there is room for. */
static int recv_all(struct wh_tls *tls, struct outcome *outcome)
{
    int error;
    size_t len = 1;
    do {
        error = wh_channel_recv(wh_tls_channel(tls), outcome->data + outcome->len,
                                DATA_MAX - outcome->len, &len);
        outcome->len += error ? 0 : len;
    } while (error == WH_AGAIN || (!error && len && outcome->len < DATA_MAX));
    check_error(error);
    check_that(error != ERROR_WINHTTP_SECURE_FAILURE);
    return error;
}

static void play(struct wh_script_channel *script, const struct wh_tls_settings *settings,
                 struct outcome *outcome)
{
    struct wh_tls *tls;
    memset(outcome, 0, sizeof(*outcome));
    still_world_rewind();
    check_that(wh_tls_new(&script->channel, settings, "host.test", NULL, &tls) == 0);
    outcome->handshake = shake(tls);
    outcome->end = outcome->handshake ? 0 : recv_all(tls, outcome);
    outcome->faults = wh_tls_faults(tls);
    struct wh_tls_session *session = wh_tls_take_session(tls);
    outcome->has_session = session != NULL;
    wh_tls_session_free(session);
    wh_channel_close(wh_tls_channel(tls));
    check_that(script->close_calls == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct wh_script_channel script;
    static struct outcome whole, pieces;
    if (len < 2 || len > LEN_MAX) {
        return 0;
    }
    const struct wh_tls_settings settings = {
        .protocols = data[0] & 1 ? WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 : 0,
        .ignore_flags = data[0] & 2 ? 0 : SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS,
    };
    const struct wh_script_step steps[] = {
        {len > 2 ? WH_SCRIPT_GIVE : WH_SCRIPT_END, (const char *)data + 2, len - 2, 0}, SCRIPT_END};
    wh_script_channel_init(&script, steps, 2);
    play(&script, &settings, &whole);
    wh_script_channel_init(&script, steps, 2);
    script.recv_max = data[1];
    script.hesitates = true;
    play(&script, &settings, &pieces);
    check_that(memcmp(&whole, &pieces, sizeof(whole)) == 0);
    return 0;
}
