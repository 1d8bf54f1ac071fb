/* SPDX-License-Identifier: MIT */
/*
 * Every certificate of the table in test/support/certificates.py, which says what is wrong with it. It is
 * asked for with nothing ignored, with its faults ignored, with all of them but one, and with those ignored
 * that it does not have; and the table is held against what `openssl verify` thinks. C98, C99. Synchronous
 * sessions speak the newest version of TLS that there is, asynchronous ones TLS 1.2.
 */
#include <stdio.h>

#include "support/api_case.h"
#include "support/real_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROWS_MIN = 40, ROWS_MAX = 256, COLUMNS = 6 };

/* Faults by their names in the table. What nothing ignores has no flag. */
static const struct fault {
    const char *name;
    DWORD bit;
    DWORD ignore_flag;
} faults[] = {
    {"CA", WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA, SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {"DATE", WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID,
     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {"NAME", WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID, SECURITY_FLAG_IGNORE_CERT_CN_INVALID},
    {"USAGE", WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE, SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE},
    {"WEAK", WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT, SECURITY_FLAG_IGNORE_WEAK_SIGNATURE},
    {"CERT", WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT, 0},
};

#define ALL_FAULTS ((1U << COUNT(faults)) - 1)

/* Sets of faults have a bit for each row of the table above. */
static struct row {
    char line[512]; /* what the texts below point into */
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
    char *columns[COLUMNS];
    char *at = row->line;
    at[strcspn(at, "\n")] = '\0';
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = at;
        at += strcspn(at, "\t");
        assert_int_equal(*at == '\0', i == COLUMNS - 1);
        *at++ = '\0';
    }
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
    while (row_count < ROWS_MAX && fgets(rows[row_count].line, sizeof(rows->line), file)) {
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
    API_BOTH(C98_after_a_redirect_the_call_that_receives_fails),
    cmocka_unit_test(openssl_agrees_or_the_table_says_why_not),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, end);
}
