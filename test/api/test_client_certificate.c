/* SPDX-License-Identifier: MIT */
/*
 * Certificates of clients: winhttp/extensions.h, CLIENT_CERT_CONTEXT and CLIENT_CERT_ISSUER_LIST, held against
 * what nginx and OpenSSL say of the client. C100, C101, H14.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <winhttp/extensions.h>

#include "support/api_case.h"
#include "support/real_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
#define OPTION WINHTTP_OPTION_CLIENT_CERT_CONTEXT
#define ISSUERS WINHTTP_OPTION_CLIENT_CERT_ISSUER_LIST
#define NEEDED ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED
#define PASSWORD "s\xc3\xa9same"

/* ---- Servers ---- */

enum { VERSIONS = 2 };

static struct {
    struct real_server process;
    char ca_file[160];
    char clients[160];
    uint16_t http;
    struct { /* for TLS 1.2 and TLS 1.3 */
        uint16_t on;
        uint16_t optional;
        uint16_t verify;
        uint16_t gnutls; /* 0 where it may not be started */
    } port[VERSIONS];
    size_t spoken; /* of the versions, by the library */
} servers;

/* The library says that it has no TLS 1.3 before it connects. */
static size_t count_spoken(void)
{
    DWORD protocol = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
    HINTERNET session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    WinHttpSetOption(session, WINHTTP_OPTION_SECURE_PROTOCOLS, &protocol, sizeof(protocol));
    HINTERNET connect = WinHttpConnect(session, wide("localhost"), servers.port[1].optional, 0);
    HINTERNET request =
        WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, WINHTTP_FLAG_SECURE);
    BOOL is_sent = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    size_t spoken = is_sent || GetLastError() == NEEDED ? 2 : 1;
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
    return spoken;
}

static int begin(void **state)
{
    (void)state;
    const struct real_server_field fields[] = {
        REAL_SERVER_TEXT("ca_file", servers.ca_file),
        REAL_SERVER_TEXT("clients", servers.clients),
        REAL_SERVER_PORT("http", &servers.http),
        REAL_SERVER_PORT("on12", &servers.port[0].on),
        REAL_SERVER_PORT("optional12", &servers.port[0].optional),
        REAL_SERVER_PORT("verify12", &servers.port[0].verify),
        REAL_SERVER_PORT("gnutls12", &servers.port[0].gnutls),
        REAL_SERVER_PORT("on13", &servers.port[1].on),
        REAL_SERVER_PORT("optional13", &servers.port[1].optional),
        REAL_SERVER_PORT("verify13", &servers.port[1].verify),
        REAL_SERVER_PORT("gnutls13", &servers.port[1].gnutls),
    };
    if (!real_server_start(&servers.process, TEST_SUPPORT_DIR "/client_auth.py", fields,
                           COUNT(fields)) ||
        unsetenv("SSL_CERT_DIR") || setenv("SSL_CERT_FILE", servers.ca_file, 1)) {
        return -1;
    }
    servers.spoken = count_spoken();
    print_message("  versions %zu\n", servers.spoken);
    return 0;
}

static int end(void **state)
{
    (void)state;
    real_server_stop(&servers.process);
    return 0;
}

static void open_secure(struct api *a, uint16_t port, const char *path)
{
    api_open_at(a, "localhost", port);
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
}

static void close_secure(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
}

/* ---- Clients ---- */

/* In one of two buffers. */
static const char *path_of(const char *name)
{
    static char paths[2][256];
    static size_t next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof(paths[0]), "%s/%s", servers.clients, name);
    return path;
}

static PCCERT_CONTEXT load(const char *name)
{
    SetLastError(0xBAD);
    PCCERT_CONTEXT client = WinHttpPosixLoadCertificateFile(path_of(name), NULL, PASSWORD);
    assert_int_equal(GetLastError(), 0);
    assert_non_null(client);
    return client;
}

static void set_client(HINTERNET request, PCCERT_CONTEXT client)
{
    CERT_CONTEXT *context;
    memcpy(&context, &client, sizeof(context));
    assert_works(WinHttpSetOption(request, OPTION, context, sizeof(*context)));
}

/* It need not be kept. */
static void set_loaded(HINTERNET request, const char *name)
{
    PCCERT_CONTEXT client = load(name);
    set_client(request, client);
    assert_true(CertFreeCertificateContext(client));
}

static void set_nobody(HINTERNET request)
{
    assert_works(WinHttpSetOption(request, OPTION, WINHTTP_NO_CLIENT_CERT_CONTEXT, 0));
}

/* The begin of what nginx says: "SUCCESS CN=anna". */
static void assert_known(struct api *a, const char *words)
{
    assert_int_equal(a->body_len >= strlen(words), 1);
    a->body[strlen(words)] = '\0';
    assert_string_equal(a->body, words);
}

/* ---- Asked, and asked again ---- */

static void assert_issuers(HINTERNET request)
{
    static const char name[] = "libwinhttp test ca";
    SecPkgContext_IssuerListInfoEx *list = NULL;
    DWORD size = sizeof(list);
    assert_works(WinHttpQueryOption(request, ISSUERS, &list, &size));
    assert_int_equal(size, sizeof(list));
    assert_int_equal(list->cIssuers, 1);
    assert_in_range(list->aIssuers[0].cbData, sizeof(name), 100);
    const char *end = (const char *)list->aIssuers[0].pbData + list->aIssuers[0].cbData;
    assert_memory_equal(end - (sizeof(name) - 1), name, sizeof(name) - 1);
    GlobalFree(list);
}

/* Who decides may want to see who asks. */
static void assert_server_is_known(HINTERNET request)
{
    PCCERT_CONTEXT context = NULL;
    DWORD size = sizeof(context);
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_SERVER_CERT_CONTEXT, &context, &size));
    assert_true(context->cbCertEncoded > 100);
    CertFreeCertificateContext(context);
}

static void C100_who_has_not_decided_is_asked_to(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < 4 * servers.spoken; i++) {
        const uint16_t ports[] = {servers.port[i / 4].on, servers.port[i / 4].optional,
                                  servers.port[i / 4].verify, servers.port[i / 4].gnutls};
        if (!ports[i % 4]) {
            continue;
        }
        recorder_reset();
        open_secure(a, ports[i % 4], "/");
        api_must_fail(api_send(a), NEEDED);
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 0);
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST), 0);
        assert_issuers(a->request);
        api_must_fail(api_send(a), NEEDED);
        assert_issuers(a->request);
        assert_server_is_known(a->request);
        set_loaded(a->request, "anna.pem");
        api_must(api_exchange(a));
        if (i % 4 < 2) {
            assert_known(a, "SUCCESS CN=anna");
        } else {
            assert_non_null(strstr(a->body, "anna"));
        }
        close_secure(a);
    }
}

/* C100: where it is optional, and where a server answers that it is not. */
static void C100_who_is_nobody_is_served_as_such(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < servers.spoken; i++) {
        open_secure(a, servers.port[i].optional, "/");
        set_nobody(a->request);
        api_must(api_exchange(a));
        assert_known(a, "NONE ");
        close_secure(a);
        open_secure(a, servers.port[i].on, "/");
        set_nobody(a->request);
        api_must(api_exchange(a));
        assert_int_equal(api_status(a), 400);
        close_secure(a);
    }
}

/* A server that breaks off says so behind the handshake in TLS 1.3, inside before. */
static void C100_who_is_nobody_hears_that_this_is_not_enough(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < servers.spoken; i++) {
        open_secure(a, servers.port[i].verify, "/");
        set_nobody(a->request);
        DWORD error = api_send(a);
        if (!error && i == 1) {
            error = api_receive(a);
        }
        assert_int_equal(error, NEEDED);
        assert_issuers(a->request);
        set_loaded(a->request, "bert.pem");
        api_must(api_exchange(a));
        assert_non_null(strstr(a->body, "bert"));
        close_secure(a);
    }
}

static const char *const refused[] = {"expired.pem", "stranger.pem"};

static void C101_a_certificate_that_is_not_accepted(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < 2 * COUNT(refused) * servers.spoken; i++) {
        const uint16_t ports[] = {servers.port[i / 2 / COUNT(refused)].verify,
                                  servers.port[i / 2 / COUNT(refused)].gnutls};
        struct event event = {0};
        if (!ports[i % 2]) {
            continue;
        }
        recorder_reset();
        open_secure(a, ports[i % 2], "/");
        set_loaded(a->request, refused[i / 2 % COUNT(refused)]);
        api_must(api_send(a));
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 0);
        api_must_fail(api_receive(a), ERROR_WINHTTP_SECURE_FAILURE);
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 1);
        recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
        assert_int_equal(event.number, WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR);
        api_must_fail(api_receive(a), STATE);
        set_loaded(a->request, "anna.pem");
        api_must(api_exchange(a));
        assert_non_null(strstr(a->body, "anna"));
        close_secure(a);
    }
}

/* With data to come the failure is told where it happens: nobody would write any. */
static void C101_before_a_body(void **state)
{
    struct api *a = *state;
    open_secure(a, servers.port[0].verify, "/");
    set_loaded(a->request, "expired.pem");
    api_must_fail(api_send_body(a, NULL, NULL, 0, 10), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 1);
}

/* nginx lets them in and says what it thinks. */
static void certificates_are_judged_by_the_server_alone(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(refused) * servers.spoken; i++) {
        open_secure(a, servers.port[i / COUNT(refused)].on, "/");
        set_loaded(a->request, refused[i % COUNT(refused)]);
        api_must(api_exchange(a));
        assert_int_equal(api_status(a), 400);
        close_secure(a);
    }
}

/* ---- Connections and sessions ---- */

/* Each request of its own. */
static void get_as(struct api *a, const char *name, const char *path, const char *expected)
{
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
    if (name) {
        set_loaded(a->request, name);
    } else {
        set_nobody(a->request);
    }
    api_must(api_exchange(a));
    assert_known(a, expected);
    api_close_request(a);
}

static size_t count_connections(void)
{
    return recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER);
}

static void connections_are_of_one_client(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < servers.spoken; i++) {
        recorder_reset();
        api_open_session(a);
        api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
        api_open_at(a, "localhost", servers.port[i].optional);
        get_as(a, "anna.pem", "/", "SUCCESS CN=anna .");
        get_as(a, "bert.pem", "/", "SUCCESS CN=bert .");
        get_as(a, NULL, "/", "NONE  .");
        assert_int_equal(count_connections(), 3);
        get_as(a, "anna.pem", "/", "SUCCESS CN=anna .");
        get_as(a, "bert.pem", "/", "SUCCESS CN=bert .");
        get_as(a, "anna.p12", "/", "SUCCESS CN=anna .");
        get_as(a, NULL, "/", "NONE  .");
        assert_int_equal(count_connections(), 3);
        api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
        api_must_fail(api_send(a), NEEDED);
        close_secure(a);
        api_close_session(a);
    }
}

/* While the certificate lives; what is loaded anew begins anew. */
static void sessions_are_of_one_client(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < servers.spoken; i++) {
        PCCERT_CONTEXT kept = load("anna.pem");
        api_open_session(a);
        api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
        api_open_at(a, "localhost", servers.port[i].optional);
        for (int times = 0; times < 2; times++) {
            api_request_flags(a, NULL, "/close/", WINHTTP_FLAG_SECURE);
            set_client(a->request, kept);
            api_must(api_exchange(a));
            assert_known(a, times ? "SUCCESS CN=anna r" : "SUCCESS CN=anna .");
            api_close_request(a);
        }
        get_as(a, "bert.pem", "/close/", "SUCCESS CN=bert .");
        get_as(a, NULL, "/close/", "NONE  .");
        api_close_connect(a);
        api_close_session(a);
        CertFreeCertificateContext(kept);
    }
}

static void other_servers_do_not_get_it(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < servers.spoken; i++) {
        open_secure(a, servers.port[i].on, "/over/");
        set_loaded(a->request, "anna.pem");
        api_must(api_send(a));
        api_must_fail(api_receive(a), NEEDED);
        assert_issuers(a->request);
        set_loaded(a->request, "bert.pem");
        api_must(api_exchange(a));
        assert_known(a, "SUCCESS CN=bert");
        close_secure(a);
    }
}

/* ---- What it is loaded from ---- */

static const struct {
    const char *certificates;
    const char *key;
    const char *password;
    DWORD error;
} forms[] = {
    {"anna.pem", NULL, NULL, 0},
    {"anna.crt", "anna.key", NULL, 0},
    {"anna.crt", "anna.pem", NULL, 0},
    {"anna.der", "anna.key.der", NULL, 0},
    {"anna.der", "anna.key", "not needed", 0},
    {"anna.crt", "anna.p8", PASSWORD, 0},
    {"anna.der", "anna.p8.der", PASSWORD, 0},
    {"anna.crt", "anna.sec1", PASSWORD, 0},
    {"anna.p12", NULL, PASSWORD, 0},
    {"anna.old.p12", NULL, PASSWORD, 0},
    {"anna.open.p12", NULL, NULL, 0},
    {"anna.open.p12", NULL, "", 0},
    {"anna.p12", NULL, "sesame", ERROR_INVALID_PASSWORD},
    {"anna.p12", NULL, NULL, ERROR_INVALID_PASSWORD},
    {"anna.crt", "anna.p8", "sesame", ERROR_INVALID_PASSWORD},
    {"anna.crt", "anna.p8", NULL, ERROR_INVALID_PASSWORD},
    {"anna.crt", NULL, NULL, ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
    {"anna.crt", "bert.key", NULL, ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
    {"anna.key", NULL, NULL, ERROR_INVALID_DATA},
    {"nobody.pem", NULL, NULL, ERROR_FILE_NOT_FOUND},
    {"anna.crt", "nobody.key", NULL, ERROR_FILE_NOT_FOUND},
    {"", NULL, NULL, ERROR_READ_FAULT},
};

static PCCERT_CONTEXT load_form(size_t i)
{
    const char *certificates = path_of(forms[i].certificates);
    const char *key = forms[i].key ? path_of(forms[i].key) : NULL;
    SetLastError(0xBAD);
    return WinHttpPosixLoadCertificateFile(certificates, key, forms[i].password);
}

static void files_are_loaded(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        print_message("  %s\n", forms[i].certificates);
        PCCERT_CONTEXT client = load_form(i);
        assert_int_equal(GetLastError(), forms[i].error);
        assert_int_equal(client != NULL, forms[i].error == 0);
        if (!client) {
            continue;
        }
        assert_int_equal(client->dwCertEncodingType, X509_ASN_ENCODING);
        open_secure(a, servers.port[0].on, "/close/");
        set_client(a->request, client);
        CertFreeCertificateContext(client);
        api_must(api_exchange(a));
        assert_known(a, "SUCCESS CN=anna");
        close_secure(a);
    }
}

/* Those that vouch for it come along. */
static void chains_are_sent(void **state)
{
    static const char *const names[] = {"dora.pem", "dora.p12"};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(names) * servers.spoken; i++) {
        open_secure(a, servers.port[i / COUNT(names)].verify, "/");
        set_loaded(a->request, names[i % COUNT(names)]);
        api_must(api_exchange(a));
        assert_non_null(strstr(a->body, "dora"));
        close_secure(a);
    }
}

static size_t read_whole(const char *path, BYTE *out, size_t cap)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, cap, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(len, 1, cap - 1);
    return len;
}

static void memory_is_loaded(void **state)
{
    struct api *a = *state;
    BYTE certificate[8192];
    BYTE key[8192];
    DWORD len = (DWORD)read_whole(path_of("anna.crt"), certificate, sizeof(certificate));
    DWORD key_len = (DWORD)read_whole(path_of("anna.key"), key, sizeof(key));
    PCCERT_CONTEXT client = WinHttpPosixLoadCertificate(certificate, len, key, key_len, NULL);
    assert_non_null(client);
    memset(key, 0, sizeof(key));
    memset(certificate, 0, sizeof(certificate));
    open_secure(a, servers.port[0].on, "/");
    set_client(a->request, client);
    CertFreeCertificateContext(client);
    api_must(api_exchange(a));
    assert_known(a, "SUCCESS CN=anna");
    assert_fails(WinHttpPosixLoadCertificate(NULL, 0, NULL, 0, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpPosixLoadCertificate(certificate, 0, NULL, 0, NULL), ERROR_INVALID_DATA);
    assert_fails(WinHttpPosixLoadCertificateFile(NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
}

/* ---- Keys that are elsewhere ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t is_released;
    int asked;
    int released;
    DWORD answer;
} token = {.lock = PTHREAD_MUTEX_INITIALIZER, .is_released = PTHREAD_COND_INITIALIZER};

/* OpenSSL is the token. */
static DWORD CALLBACK sign(LPVOID context, WINHTTP_POSIX_SIGNING *signing)
{
    char command[1024];
    token.asked++;
    snprintf(command, sizeof(command),
             "openssl pkeyutl -sign -inkey %s -pkeyopt digest:%s -in %s/digest -out %s/signature",
             (const char *)context, signing->dwScheme >> 8 == 5 ? "sha384" : "sha256",
             servers.clients, servers.clients);
    FILE *file = fopen(path_of("digest"), "wb");
    if (!file || fwrite(signing->pbDigest, 1, signing->cbDigest, file) != signing->cbDigest ||
        fclose(file) || system(command)) {
        return ERROR_GEN_FAILURE;
    }
    file = fopen(path_of("signature"), "rb");
    signing->cbSignature =
        file ? (DWORD)fread(signing->pbSignature, 1, signing->cbSignature, file) : 0;
    return file && fclose(file) == 0 ? token.answer : ERROR_GEN_FAILURE;
}

static void CALLBACK release(LPVOID context)
{
    (void)context;
    pthread_mutex_lock(&token.lock);
    token.released++;
    pthread_cond_signal(&token.is_released);
    pthread_mutex_unlock(&token.lock);
}

static void begin_token(DWORD answer)
{
    token.asked = 0;
    token.released = 0;
    token.answer = answer;
}

/* Once: behind HANDLE_CLOSING what a request has had is let go. */
static void await_release(void)
{
    struct timespec end_time = patience_ends_in(PATIENCE_SECONDS);
    int error = 0;
    pthread_mutex_lock(&token.lock);
    while (!token.released && !error) {
        error = pthread_cond_timedwait(&token.is_released, &token.lock, &end_time);
    }
    int released = token.released;
    pthread_mutex_unlock(&token.lock);
    assert_int_equal(released, 1);
}

static PCCERT_CONTEXT load_signer(const char *name, char *key)
{
    BYTE certificate[8192];
    DWORD len = (DWORD)read_whole(path_of(name), certificate, sizeof(certificate));
    return WinHttpPosixLoadCertificateSigner(certificate, len, sign, release, key);
}

/* With TLS 1.2, also where the server has TLS 1.3. */
static void key_that_is_elsewhere_signs(void **state)
{
    struct api *a = *state;
    char key[256];
    begin_token(0);
    snprintf(key, sizeof(key), "%s", path_of("bert.key"));
    PCCERT_CONTEXT client = load_signer("bert.crt", key);
    assert_non_null(client);
    open_secure(a, servers.port[0].on, "/close/");
    set_client(a->request, client);
    CertFreeCertificateContext(client);
    api_must(api_exchange(a));
    assert_known(a, "SUCCESS CN=bert");
    assert_int_equal(token.asked, 1);
    assert_int_equal(token.released, 0);
    close_secure(a);
    await_release();
}

static void key_that_does_not_sign_fails_the_request(void **state)
{
    struct api *a = *state;
    char key[256];
    begin_token(ERROR_ACCESS_DENIED);
    snprintf(key, sizeof(key), "%s", path_of("bert.key"));
    PCCERT_CONTEXT client = load_signer("bert.crt", key);
    open_secure(a, servers.port[0].on, "/");
    set_client(a->request, client);
    CertFreeCertificateContext(client);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(token.asked, 1);
    close_secure(a);
    await_release();
}

/* ---- Handles, sizes, states ---- */

static void H14_client_certificate(void **state)
{
    struct api *a = *state;
    CERT_CONTEXT made_up = {.dwCertEncodingType = X509_ASN_ENCODING};
    BYTE der[8192];
    DWORD len = (DWORD)read_whole(path_of("anna.der"), der, sizeof(der));
    PCCERT_CONTEXT bare = CertCreateCertificateContext(X509_ASN_ENCODING, der, len);
    PCCERT_CONTEXT client = load("anna.pem");
    PCCERT_CONTEXT second = CertDuplicateCertificateContext(client);
    assert_int_equal(client->cbCertEncoded, len);
    assert_memory_equal(client->pbCertEncoded, der, len);
    CertFreeCertificateContext(second);
    CERT_CONTEXT *without_key, *with_key;
    memcpy(&without_key, &bare, sizeof(bare));
    memcpy(&with_key, &client, sizeof(client));
    open_secure(a, servers.port[0].on, "/");
    assert_fails(WinHttpSetOption(a->request, OPTION, without_key, sizeof(CERT_CONTEXT)),
                 ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY);
    assert_fails(WinHttpSetOption(a->request, OPTION, &made_up, sizeof(CERT_CONTEXT)),
                 ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY);
    assert_fails(WinHttpSetOption(a->request, OPTION, with_key, sizeof(CERT_CONTEXT) - 1),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_fails(WinHttpSetOption(a->request, OPTION, with_key, 0), ERROR_INSUFFICIENT_BUFFER);
    assert_fails(WinHttpSetOption(a->session, OPTION, with_key, sizeof(CERT_CONTEXT)), TYPE);
    assert_fails(WinHttpSetOption(a->connect, OPTION, with_key, sizeof(CERT_CONTEXT)), TYPE);
    api_must_fail(api_send(a), NEEDED);
    close_secure(a);
    api_open_at(a, "localhost", servers.http);
    api_request(a, NULL, "/");
    assert_fails(WinHttpSetOption(a->request, OPTION, with_key, sizeof(CERT_CONTEXT)), STATE);
    CertFreeCertificateContext(client);
    CertFreeCertificateContext(bare);
}

/* The last decision counts. */
static void decisions_can_be_changed(void **state)
{
    struct api *a = *state;
    open_secure(a, servers.port[0].optional, "/");
    set_loaded(a->request, "anna.pem");
    set_loaded(a->request, "bert.pem");
    api_must(api_exchange(a));
    assert_known(a, "SUCCESS CN=bert");
    set_nobody(a->request);
    api_must(api_exchange(a));
    assert_known(a, "NONE ");
    set_loaded(a->request, "anna.pem");
    api_must(api_exchange(a));
    assert_known(a, "SUCCESS CN=anna");
    api_must(api_exchange(a));
    assert_known(a, "SUCCESS CN=anna");
}

static void issuers_are_there_when_it_is_needed(void **state)
{
    struct api *a = *state;
    SecPkgContext_IssuerListInfoEx *list = NULL;
    DWORD size = sizeof(list);
    open_secure(a, servers.port[0].optional, "/");
    assert_fails(WinHttpQueryOption(a->request, ISSUERS, &list, &size), STATE);
    assert_fails(WinHttpQueryOption(a->session, ISSUERS, &list, &size), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryOption(a->connect, ISSUERS, &list, &size), ERROR_INVALID_PARAMETER);
    api_must_fail(api_send(a), NEEDED);
    size = sizeof(list) - 1;
    assert_fails(WinHttpQueryOption(a->request, ISSUERS, &list, &size), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, sizeof(list));
    assert_null(list);
    assert_issuers(a->request);
    set_nobody(a->request);
    api_must(api_exchange(a));
    assert_fails(WinHttpQueryOption(a->request, ISSUERS, &list, &size), STATE);
    assert_null(list);
}

/* ---- Threads ---- */

enum { THREADS = 4, ROUNDS = 6 };

struct visitor {
    PCCERT_CONTEXT client;
    size_t successes;
};

static void visit(HINTERNET connect, struct visitor *visitor)
{
    CERT_CONTEXT *client;
    memcpy(&client, &visitor->client, sizeof(client));
    HINTERNET request =
        WinHttpOpenRequest(connect, NULL, wide("/close/"), NULL, NULL, NULL, WINHTTP_FLAG_SECURE);
    DWORD status = 0;
    DWORD size = sizeof(status);
    if (WinHttpSetOption(request, OPTION, client, sizeof(*client)) &&
        WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
        WinHttpReceiveResponse(request, NULL) &&
        WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                            &status, &size, NULL)) {
        visitor->successes += status == 200;
    }
    WinHttpCloseHandle(request);
}

static void *run_visitor(void *argument)
{
    HINTERNET session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    HINTERNET connect = WinHttpConnect(session, wide("localhost"), servers.port[0].on, 0);
    for (int i = 0; i < ROUNDS; i++) {
        visit(connect, argument);
    }
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
    return NULL;
}

static void threads_share_a_certificate(void **state)
{
    static const char *const names[] = {"anna.pem", "bert.pem"};
    (void)state;
    for (size_t n = 0; n < COUNT(names); n++) {
        pthread_t threads[THREADS];
        struct visitor visitors[THREADS];
        PCCERT_CONTEXT client = load(names[n]);
        for (size_t i = 0; i < THREADS; i++) {
            visitors[i] = (struct visitor){.client = client};
            assert_int_equal(pthread_create(&threads[i], NULL, run_visitor, &visitors[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(visitors[i].successes, ROUNDS);
        }
        CertFreeCertificateContext(client);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(C100_who_has_not_decided_is_asked_to),
        API_BOTH(C100_who_is_nobody_is_served_as_such),
        API_BOTH(C100_who_is_nobody_hears_that_this_is_not_enough),
        API_BOTH(C101_a_certificate_that_is_not_accepted),
        API_BOTH(C101_before_a_body),
        API_BOTH(certificates_are_judged_by_the_server_alone),
        API_BOTH(connections_are_of_one_client),
        API_BOTH(sessions_are_of_one_client),
        API_BOTH(other_servers_do_not_get_it),
        API_SYNC_ONLY(files_are_loaded),
        API_BOTH(chains_are_sent),
        API_SYNC_ONLY(memory_is_loaded),
        API_BOTH(key_that_is_elsewhere_signs),
        API_BOTH(key_that_does_not_sign_fails_the_request),
        API_BOTH(H14_client_certificate),
        API_BOTH(decisions_can_be_changed),
        API_BOTH(issuers_are_there_when_it_is_needed),
        API_SYNC_ONLY(threads_share_a_certificate),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, end);
}
