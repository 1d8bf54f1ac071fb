/* SPDX-License-Identifier: MIT */
/*
 * Every certificate of the table in test/support/certificates.py, which says what is wrong with it. It is
 * asked for with nothing ignored, with its faults ignored, with all of them but one, and with those ignored
 * that it does not have; and the table is held against what `openssl verify` thinks. C98, C99. Of each
 * the chain is asked for as well, whether it is refused or not. Synchronous sessions speak the newest
 * version of TLS that there is, asynchronous ones TLS 1.2.
 */
#include <stdio.h>

#include "support/api_case.h"
#include "support/columns.h"
#include "support/real_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROWS_MIN = 40, ROWS_MAX = 256, COLUMNS = 6 };

/* Faults by their names in the table. What nothing ignores has no flag. */
static const struct fault {
    const char *name;
    DWORD bit;
    DWORD ignore_flag;
    DWORD statuses; /* of a chain with that fault, one of these */
} faults[] = {
    {"CA", WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA, SECURITY_FLAG_IGNORE_UNKNOWN_CA,
     CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN |
         CERT_TRUST_IS_NOT_SIGNATURE_VALID},
    {"DATE", WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID, SECURITY_FLAG_IGNORE_CERT_DATE_INVALID,
     CERT_TRUST_IS_NOT_TIME_VALID},
    {"NAME", WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID, SECURITY_FLAG_IGNORE_CERT_CN_INVALID, 0},
    {"USAGE", WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE, SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE,
     CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    {"WEAK", WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT, SECURITY_FLAG_IGNORE_WEAK_SIGNATURE,
     CERT_TRUST_HAS_WEAK_SIGNATURE},
    {"CERT", WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT, 0,
     CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT},
};

#define ALL_FAULTS ((1U << COUNT(faults)) - 1)

/* Sets of faults have a bit for each row of the table above. */
static struct row {
    struct columns line; /* what the texts below point into */
    const char *title;
    uint16_t port;
    const char *host;
    unsigned expected;
    unsigned opinion; /* OpenSSL's */
    const char *why; /* the two differ */
} rows[ROWS_MAX];
static size_t row_count;

static struct {
    struct real_server process;
    uint16_t http_port; /* /to/PORT redirects to that port */
    char ca_file[160];
    char table[160];
} server;

/* ---- The table ---- */

static unsigned read_faults(const char *names)
{
    unsigned set = 0;
    while (strcmp(names, "-") != 0 && *names) {
        size_t len = strcspn(names, " ");
        size_t i = 0;
        while (strlen(faults[i].name) != len || memcmp(faults[i].name, names, len) != 0) {
            i++;
            assert_true(i < COUNT(faults));
        }
        set |= 1U << i;
        names += len + (names[len] == ' ');
    }
    return set;
}

static void read_row(struct row *row)
{
    char **columns = row->line.text;
    row->title = columns[0];
    row->port = (uint16_t)strtoul(columns[1], NULL, 10);
    row->host = columns[2];
    row->expected = read_faults(columns[3]);
    row->opinion = read_faults(columns[4]);
    row->why = columns[5];
}

static void read_table(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (row_count < ROWS_MAX && columns_read(file, &rows[row_count].line, COLUMNS)) {
        read_row(&rows[row_count++]);
    }
    assert_true(feof(file));
    fclose(file);
    assert_true(row_count >= ROWS_MIN);
}

static int begin(void **state)
{
    const struct real_server_field fields[] = {
        REAL_SERVER_TEXT("ca_file", server.ca_file),
        REAL_SERVER_TEXT("table", server.table),
        REAL_SERVER_PORT("http", &server.http_port),
    };
    (void)state;
    if (!real_server_start(&server.process, TEST_SUPPORT_DIR "/certificates.py", fields,
                           COUNT(fields)) ||
        unsetenv("SSL_CERT_DIR") || setenv("SSL_CERT_FILE", server.ca_file, 1)) {
        return -1;
    }
    read_table(server.table);
    return 0;
}

static int end(void **state)
{
    (void)state;
    real_server_stop(&server.process);
    return 0;
}

/* ---- One request ---- */

static DWORD bits_of(unsigned set)
{
    DWORD bits = 0;
    for (size_t i = 0; i < COUNT(faults); i++) {
        bits |= set & 1U << i ? faults[i].bit : 0;
    }
    return bits;
}

static DWORD ignore_flags_of(unsigned set)
{
    DWORD flags = 0;
    for (size_t i = 0; i < COUNT(faults); i++) {
        flags |= set & 1U << i ? faults[i].ignore_flag : 0;
    }
    return flags;
}

/* The faults that flags leave. */
static unsigned leave(unsigned set, DWORD flags)
{
    for (size_t i = 0; i < COUNT(faults); i++) {
        if (faults[i].ignore_flag & flags) {
            set &= ~(1U << i);
        }
    }
    return set;
}

static void open_session(struct api *a)
{
    api_open_session(a);
    if (a->mode == API_ASYNC) {
        api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS,
                       WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    }
}

/* Whatever the host, it is looked for here. */
static void open_row(struct api *a, const struct row *row, DWORD flags)
{
    WCHAR *here = wide("127.0.0.1");
    recorder_reset();
    api_open_at(a, row->host, row->port);
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
    assert_works(WinHttpSetOption(a->request, WINHTTP_OPTION_RESOLUTION_HOSTNAME, here,
                                  (DWORD)((wide_len(here) + 1) * sizeof(WCHAR))));
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, flags);
}

/* Faults that are left are told of, and fail the call that sends; else nothing is said and it is served. */
static int check_with(struct api *a, const struct row *row, DWORD flags)
{
    DWORD expected = bits_of(leave(row->expected, flags));
    struct event event = {0};
    open_row(a, row, flags);
    DWORD error = api_send(a);
    int is_told = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event) >= 0;
    int is_right = error == (expected ? ERROR_WINHTTP_SECURE_FAILURE : 0) &&
                   is_told == (expected != 0) && event.number == expected;
    if (is_right && !error) {
        is_right = api_receive(a) == 0 && api_read_all(a) == 0 && strcmp(a->body, "served") == 0;
    }
    if (!is_right) {
        print_error("%s, ignoring %lx: error %lu, bits %lx instead of %lx\n", row->title,
                    (unsigned long)flags, (unsigned long)error, (unsigned long)event.number,
                    (unsigned long)expected);
    }
    api_close_request(a);
    api_close_connect(a);
    return is_right;
}

/* ---- All of them ---- */

static void C98_C99_each_certificate(void **state)
{
    size_t wrong = 0;
    open_session(*state);
    for (size_t i = 0; i < row_count; i++) {
        wrong += check_with(*state, &rows[i], 0) ? 0 : 1;
    }
    assert_int_equal(wrong, 0);
}

static void C99_each_certificate_with_its_faults_ignored(void **state)
{
    size_t wrong = 0;
    open_session(*state);
    for (size_t i = 0; i < row_count; i++) {
        DWORD own = ignore_flags_of(rows[i].expected);
        DWORD others = ignore_flags_of(ALL_FAULTS & ~rows[i].expected);
        wrong += check_with(*state, &rows[i], others) ? 0 : 1;
        wrong += !own || check_with(*state, &rows[i], own) ? 0 : 1;
        for (size_t fault = 0; fault < COUNT(faults); fault++) {
            DWORD all_but_one = own & ~faults[fault].ignore_flag;
            if (all_but_one != own && all_but_one) {
                wrong += check_with(*state, &rows[i], all_but_one) ? 0 : 1;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

static const struct row *find_row(const char *title)
{
    size_t i = 0;
    while (strcmp(rows[i].title, title) != 0) {
        i++;
        assert_true(i < row_count);
    }
    return &rows[i];
}

/* ---- Chains ---- */

/* NULL when there is none to tell of. */
static PCCERT_CHAIN_CONTEXT chain_of(HINTERNET request)
{
    PCCERT_CHAIN_CONTEXT chain = NULL;
    DWORD size = sizeof(chain);
    if (!WinHttpQueryOption(request, WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT, &chain, &size)) {
        assert_int_equal(GetLastError(), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
        assert_null(chain);
    }
    assert_int_equal(size, sizeof(chain));
    return chain;
}

/* Its status tells of the faults it should, and of no other. */
static int has_faults(const CERT_TRUST_STATUS *status, unsigned expected)
{
    DWORD left = status->dwErrorStatus;
    int is_right = 1;
    for (size_t i = 0; i < COUNT(faults); i++) {
        int is_told = (left & faults[i].statuses) != 0;
        is_right &= faults[i].statuses == 0 || is_told == ((expected & 1U << i) != 0);
        left &= ~faults[i].statuses;
    }
    return is_right && !left;
}

/* mbedTLS cannot read, or follow, some of those that are CERT. */
static int check_chain(struct api *a, const struct row *row, size_t *unread)
{
    open_row(a, row, 0);
    api_send(a);
    PCCERT_CHAIN_CONTEXT chain = chain_of(a->request);
    int is_right = chain ? has_faults(&chain->TrustStatus, row->expected)
                         : row->expected == read_faults("CERT");
    if (!is_right) {
        print_error("%s: status %lx\n", row->title,
                    chain ? (unsigned long)chain->TrustStatus.dwErrorStatus : 0);
    }
    *unread += chain == NULL;
    CertFreeCertificateChain(chain);
    api_close_request(a);
    api_close_connect(a);
    return is_right;
}

static void C98_chain_of_each_certificate(void **state)
{
    enum { UNREAD = 4 };
    size_t wrong = 0;
    size_t unread = 0;
    open_session(*state);
    for (size_t i = 0; i < row_count; i++) {
        wrong += check_chain(*state, &rows[i], &unread) ? 0 : 1;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(unread, UNREAD);
}

/* What a chain says of each of its certificates, the server's first. */
static const struct {
    const char *title;
    DWORD count;
    DWORD errors[4];
    DWORD infos[4];
} chains[] = {
    {"good", 3, {0}, {4, 4, 8}},
    {"signed by the root itself", 2, {0}, {4, 8}},
    {"self-signed but trusted", 1, {0}, {8}},
    {"authorities in the wrong order", 4, {0}, {4, 4, 4, 8}},
    {"expired", 3, {1, 0, 0}, {4, 4, 8}},
    {"expired authority", 3, {0, 1, 0}, {4, 4, 8}},
    {"expired root", 2, {0, 1}, {4, 8}},
    {"self-signed", 1, {0x20}, {8}},
    {"unknown authority", 1, {0}, {0}},
    {"missing upper authority", 2, {0, 0}, {4, 0}},
    {"broken signature", 3, {8, 0, 0}, {4, 4, 8}},
    {"for clients", 3, {0x10, 0, 0}, {4, 4, 8}},
    {"authority for mail", 3, {0, 0x10, 0}, {4, 4, 8}},
    {"not for signatures", 3, {0x10, 0, 0}, {4, 4, 8}},
    {"authority by SHA-1", 3, {0, 0x100000, 0}, {4, 4, 8}},
    {"name that is not permitted", 3, {0x4000, 0, 0}, {4, 4, 8}},
    {"not permitted and expired", 3, {0x4001, 0, 0}, {4, 4, 8}},
};

static void assert_elements(const CERT_SIMPLE_CHAIN *chain, size_t at)
{
    assert_int_equal(chain->cElement, chains[at].count);
    for (DWORD i = 0; i < chain->cElement; i++) {
        const CERT_CHAIN_ELEMENT *element = chain->rgpElement[i];
        assert_int_equal(element->cbSize, sizeof(*element));
        assert_int_equal(element->TrustStatus.dwErrorStatus, chains[at].errors[i]);
        assert_int_equal(element->TrustStatus.dwInfoStatus, chains[at].infos[i]);
        assert_int_equal(element->pCertContext->dwCertEncodingType, X509_ASN_ENCODING);
        assert_int_equal(element->pCertContext->pbCertEncoded[0], 0x30);
        assert_null(element->pRevocationInfo);
        assert_null(element->pIssuanceUsage);
        assert_null(element->pApplicationUsage);
        assert_null(element->pwszExtendedErrorInfo);
    }
}

static void C98_what_a_chain_says_of_each(void **state)
{
    struct api *a = *state;
    open_session(a);
    for (size_t i = 0; i < COUNT(chains); i++) {
        print_message("  %s\n", chains[i].title);
        open_row(a, find_row(chains[i].title), 0);
        api_send(a);
        PCCERT_CHAIN_CONTEXT chain = chain_of(a->request);
        assert_non_null(chain);
        assert_elements(chain->rgpChain[0], i);
        CertFreeCertificateChain(chain);
        api_close_request(a);
        api_close_connect(a);
    }
}

/* ---- Others ---- */

/* What was sent has been answered; the certificate is that of where the answer leads to. */
static void C98_after_a_redirect_the_call_that_receives_fails(void **state)
{
    struct api *a = *state;
    const struct row *row = find_row("unknown authority");
    char path[32];
    struct event event = {0};
    snprintf(path, sizeof(path), "/to/%u", row->port);
    api_open_at(a, "127.0.0.1", server.http_port);
    api_request(a, NULL, path);
    api_must(api_send(a));
    api_must_fail(api_receive(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 1);
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
    assert_int_equal(event.number, WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA |
                                       WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID);
}

/* OpenSSL stops at some faults, so it is enough that it names one of ours; or the table says why not. */
static void openssl_agrees_or_the_table_says_why_not(void **state)
{
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        int agrees =
            rows[i].expected ? (rows[i].expected & rows[i].opinion) != 0 : !rows[i].opinion;
        if (agrees == (rows[i].why[0] != '\0')) {
            print_error("%s: %x, OpenSSL %x%s%s\n", rows[i].title, rows[i].expected,
                        rows[i].opinion, agrees ? ", yet there is a reason to differ: " : "",
                        rows[i].why);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C98_C99_each_certificate),
    API_BOTH(C99_each_certificate_with_its_faults_ignored),
    API_BOTH(C98_chain_of_each_certificate),
    API_BOTH(C98_what_a_chain_says_of_each),
    API_BOTH(C98_after_a_redirect_the_call_that_receives_fails),
    cmocka_unit_test(openssl_agrees_or_the_table_says_why_not),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, end);
}
