/* SPDX-License-Identifier: MIT */
/*
 * WinHttpCrackUrl and WinHttpCreateUrl undo each other: URLs of a grammar, and text of any kind, both
 * random and the same in every run. All text ends where memory does: nothing behind it is looked at.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stress/dice.h"
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { CASES = 20000, MAX_PART = 24, MAX_TEXT = 200, SEED = 20261127 };
enum { SCHEME, USER, PASSWORD, HOST, PATH, EXTRA, PARTS };

struct text {
    size_t len;
    WCHAR data[MAX_TEXT];
};

/* What a URL is made of. */
struct parts {
    struct text texts[PARTS];
    bool has_user;
    bool has_password;
    INTERNET_SCHEME scheme;
    INTERNET_PORT port;
};

static struct dice dice;
static unsigned case_number;

static int setup(void **state)
{
    (void)state;
    dice.state = SEED;
    print_message("seed %d\n", SEED);
    return 0;
}

/* ---- Text ---- */

static const char *shown(const WCHAR *data, size_t len)
{
    static char texts[2][10 * MAX_TEXT + 1];
    static unsigned turn;
    char *out = texts[turn++ % 2];
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned long c = (unsigned long)data[i];
        at += (size_t)(c > 0x20 && c < 0x7F ? sprintf(out + at, "%c", (char)c)
                                            : sprintf(out + at, "{%lx}", c));
    }
    out[at] = '\0';
    return out;
}

static void fail_at(const char *what, const WCHAR *data, size_t len)
{
    fail_msg("seed %d, case %u: %s: \"%s\", error %lu", SEED, case_number, what, shown(data, len),
             (unsigned long)GetLastError());
}

static void append(struct text *out, const WCHAR *data, size_t len)
{
    assert_true(len <= MAX_TEXT - out->len);
    memcpy(out->data + out->len, data, len * sizeof(WCHAR));
    out->len += len;
}

static void append_ascii(struct text *out, const char *ascii)
{
    append(out, wide(ascii), strlen(ascii));
}

static bool is_same(const struct text *text, const WCHAR *data, size_t len)
{
    return text->len == len && memcmp(text->data, data, len * sizeof(WCHAR)) == 0;
}

/* Up to max characters of the alphabet, which is UTF-8. */
static void append_random(struct text *out, const char *alphabet, uint32_t max)
{
    const WCHAR *letters = wide(alphabet);
    uint32_t count = dice_roll(&dice, max + 1);
    for (uint32_t i = 0; i < count; i++) {
        append(out, letters + dice_roll(&dice, (uint32_t)wide_len(letters)), 1);
    }
}

/* ---- Memory with an end ---- */

enum { FENCES = 2 * PARTS + 2, INPUT = 2 * PARTS, OUTPUT };

/* Where room for len characters begins that ends at a page nobody may touch; filled with what is none. */
static WCHAR *fenced(size_t fence, size_t len)
{
    static char *pages[FENCES];
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    assert_true(len * sizeof(WCHAR) <= size);
    if (!pages[fence]) {
        pages[fence] =
            mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(pages[fence] != MAP_FAILED);
        assert_int_equal(mprotect(pages[fence] + size, size, PROT_NONE), 0);
    }
    memset(pages[fence], 0x5A, size);
    return (WCHAR *)(void *)(pages[fence] + size) - len;
}

static WCHAR *fenced_copy(size_t fence, const WCHAR *data, size_t len)
{
    return memcpy(fenced(fence, len), data, len * sizeof(WCHAR));
}

/* ---- Components ---- */

static LPWSTR *pointer_of(URL_COMPONENTS *url, size_t part)
{
    LPWSTR *const pointers[PARTS] = {&url->lpszScheme,   &url->lpszUserName, &url->lpszPassword,
                                     &url->lpszHostName, &url->lpszUrlPath,  &url->lpszExtraInfo};
    return pointers[part];
}

static DWORD *length_of(URL_COMPONENTS *url, size_t part)
{
    DWORD *const lengths[PARTS] = {&url->dwSchemeLength,   &url->dwUserNameLength,
                                   &url->dwPasswordLength, &url->dwHostNameLength,
                                   &url->dwUrlPathLength,  &url->dwExtraInfoLength};
    return lengths[part];
}

static bool is_there(const struct parts *parts, size_t part)
{
    return part == USER ? parts->has_user : part == PASSWORD ? parts->has_password : true;
}

/* Each part alone at a fence of its own. A length of 0 asks for a NUL. */
static URL_COMPONENTS components_of(const struct parts *parts)
{
    URL_COMPONENTS url = {
        .dwStructSize = sizeof(url), .nScheme = parts->scheme, .nPort = parts->port};
    for (size_t i = 0; i < PARTS; i++) {
        const struct text *text = &parts->texts[i];
        if (is_there(parts, i)) {
            *pointer_of(&url, i) =
                fenced_copy(i, text->len ? text->data : wide(""), text->len + !text->len);
            *length_of(&url, i) = (DWORD)text->len;
        }
    }
    return url;
}

/* With pointers into the URL, or with buffers that are just large enough for len characters. */
static URL_COMPONENTS wanted(bool has_buffers, size_t len)
{
    URL_COMPONENTS url = {.dwStructSize = sizeof(url)};
    for (size_t i = 0; i < PARTS; i++) {
        *length_of(&url, i) = (DWORD)len + 1;
        *pointer_of(&url, i) = has_buffers ? fenced(PARTS + i, len + 1) : NULL;
    }
    return url;
}

/* A buffer cannot say that a part is not there. */
static void assert_parts(URL_COMPONENTS *url, const struct parts *parts, bool has_buffers)
{
    for (size_t i = 0; i < PARTS; i++) {
        WCHAR *pointer = *pointer_of(url, i);
        DWORD len = *length_of(url, i);
        bool is_right = !is_there(parts, i) && !has_buffers
                            ? !pointer && !len
                            : is_same(&parts->texts[i], pointer, len);
        if (!is_right || (has_buffers && pointer[len] != 0)) {
            fail_at("this part is another one", parts->texts[i].data, parts->texts[i].len);
        }
    }
    assert_int_equal(url->nScheme, parts->scheme);
    assert_int_equal(url->nPort, parts->port);
}

/* Into memory that has room for exactly this URL. */
static struct text create(URL_COMPONENTS *url)
{
    struct text out = {0};
    DWORD len = 0;
    assert_fails(WinHttpCreateUrl(url, 0, NULL, &len), ERROR_INSUFFICIENT_BUFFER);
    DWORD need = len;
    len = need - 1;
    WCHAR *buffer = fenced(OUTPUT, need);
    assert_fails(WinHttpCreateUrl(url, 0, buffer + 1, &len), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(len, need);
    assert_int_equal((unsigned char)buffer[need - 1], 0x5A);
    assert_works(WinHttpCreateUrl(url, 0, buffer, &len));
    assert_int_equal(len, need - 1);
    assert_int_equal(buffer[len], 0);
    append(&out, buffer, len);
    return out;
}

/* ---- URLs of a grammar ---- */

#define LETTERS "ab.Z0-_~!$&'()*+,;= %\\\"<>^`{|}\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"

static void draw_host(struct text *out)
{
    static const char *const hosts[] = {
        "h",        "www.example.com", "127.0.0.1", "xn--bcher-kva.example",
        "[::1]",    "[fe80::1%251]",   "a.",        "bad h.ost",
        "[1:2::3]", "name?x#y"};
    if (dice_hits(&dice, 70)) {
        append_ascii(out, hosts[dice_roll(&dice, COUNT(hosts))]);
    } else {
        append_ascii(out, "h");
        append_random(out, LETTERS "?#", MAX_PART);
    }
}

static void draw(struct parts *out)
{
    static const char *const schemes[] = {"http", "https", "HTTP", "hTTpS"};
    uint32_t scheme = dice_roll(&dice, COUNT(schemes));
    *out = (struct parts){.scheme = scheme % 2 ? INTERNET_SCHEME_HTTPS : INTERNET_SCHEME_HTTP};
    append_ascii(&out->texts[SCHEME], schemes[scheme]);
    out->has_user = dice_hits(&dice, 50);
    out->has_password = out->has_user && dice_hits(&dice, 60);
    if (out->has_user && dice_hits(&dice, 70)) {
        append_random(&out->texts[USER], LETTERS "?#[]", MAX_PART);
    }
    if (out->has_password && dice_hits(&dice, 70)) {
        append_random(&out->texts[PASSWORD], LETTERS ":@?#[]", MAX_PART);
    }
    draw_host(&out->texts[HOST]);
    if (dice_hits(&dice, 80)) {
        append_ascii(&out->texts[PATH], "/");
        append_random(&out->texts[PATH], LETTERS "//:@[]", MAX_PART);
        if (dice_hits(&dice, 60)) {
            append_ascii(&out->texts[EXTRA], dice_hits(&dice, 70) ? "?" : "#");
            append_random(&out->texts[EXTRA], LETTERS "/:@[]?#", MAX_PART);
        }
    }
}

/* Which port it is, and how a URL may write it. */
static const char *draw_port(struct parts *parts)
{
    static char text[16];
    INTERNET_PORT usual = parts->scheme == INTERNET_SCHEME_HTTPS ? 443 : 80;
    INTERNET_PORT ports[] = {usual, usual, usual, 0, 80, 443, 8080, 65535};
    uint32_t kind = dice_roll(&dice, COUNT(ports));
    parts->port = ports[kind];
    snprintf(text, sizeof(text), dice_hits(&dice, 90) ? ":%u" : ":000%u", parts->port);
    return kind == 0 ? "" : kind == 1 ? ":" : text;
}

/* The URL as WinHttpCreateUrl writes it if port is its own text, in any case as it may be written. */
static struct text url_of(const struct parts *parts, const char *port)
{
    struct text out = {0};
    append(&out, parts->texts[SCHEME].data, parts->texts[SCHEME].len);
    append_ascii(&out, "://");
    append(&out, parts->texts[USER].data, parts->texts[USER].len);
    append_ascii(&out, parts->has_password ? ":" : "");
    append(&out, parts->texts[PASSWORD].data, parts->texts[PASSWORD].len);
    append_ascii(&out, parts->has_user ? "@" : "");
    append(&out, parts->texts[HOST].data, parts->texts[HOST].len);
    append_ascii(&out, port);
    append(&out, parts->texts[PATH].data, parts->texts[PATH].len);
    append(&out, parts->texts[EXTRA].data, parts->texts[EXTRA].len);
    return out;
}

static struct text canonical_url_of(const struct parts *parts)
{
    char port[16] = "";
    if (parts->port != (parts->scheme == INTERNET_SCHEME_HTTPS ? 443 : 80)) {
        snprintf(port, sizeof(port), ":%u", parts->port);
    }
    return url_of(parts, port);
}

static void crack(const struct text *text, bool has_nul, URL_COMPONENTS *url)
{
    WCHAR *input = fenced(INPUT, text->len + has_nul);
    memcpy(input, text->data, text->len * sizeof(WCHAR));
    if (has_nul) {
        input[text->len] = 0;
    }
    SetLastError(0xBAD);
    if (!WinHttpCrackUrl(input, has_nul ? 0 : (DWORD)text->len, 0, url) || GetLastError()) {
        fail_at("is not cracked", text->data, text->len);
    }
}

/* G1, G14: crack after create is the identity. */
static void created_and_cracked_again(void **state)
{
    (void)state;
    for (case_number = 0; case_number < CASES; case_number++) {
        struct parts parts;
        draw(&parts);
        draw_port(&parts);
        URL_COMPONENTS url = components_of(&parts);
        struct text text = create(&url);
        struct text expected = canonical_url_of(&parts);
        if (!is_same(&expected, text.data, text.len)) {
            fail_at("was created", text.data, text.len);
        }
        for (int has_buffers = 0; has_buffers < 2; has_buffers++) {
            url = wanted(has_buffers, text.len);
            crack(&text, dice_hits(&dice, 50), &url);
            assert_parts(&url, &parts, has_buffers);
        }
    }
}

/* G1, G14: create after crack writes the port as it is usual, and nothing else otherwise. */
static void cracked_and_created_again(void **state)
{
    (void)state;
    for (case_number = 0; case_number < CASES; case_number++) {
        struct parts parts;
        draw(&parts);
        struct text text = url_of(&parts, draw_port(&parts));
        struct text expected = canonical_url_of(&parts);
        for (int has_buffers = 0; has_buffers < 2; has_buffers++) {
            URL_COMPONENTS url = wanted(has_buffers, text.len);
            crack(&text, !has_buffers, &url);
            if (has_buffers && !parts.has_user) {
                url.lpszUserName = url.lpszPassword = NULL;
            } else if (has_buffers && !parts.has_password) {
                url.lpszPassword = NULL;
            }
            struct text again = create(&url);
            if (!is_same(&expected, again.data, again.len)) {
                fail_at("became another URL", text.data, text.len);
            }
        }
    }
}

/* ---- Text of any kind ---- */

static struct text draw_text(void)
{
    static const char *const begins[] = {"http://",  "https://", "http://",
                                         "hTtPs://", "http:/",   ""};
    struct text text = {0};
    append_ascii(&text, begins[dice_roll(&dice, COUNT(begins))]);
    append_random(&text, "htps:/::/@@[]??##%%2058.\\ a\xC3\xA9\x01\x7F", 30);
    return text;
}

/* Parts of an accepted URL follow one another; between them are only the marks of the grammar. */
static void assert_in_order(const WCHAR *text, size_t len, URL_COMPONENTS *url)
{
    const WCHAR *at = text;
    for (size_t i = 0; i < PARTS; i++) {
        const WCHAR *pointer = *pointer_of(url, i);
        DWORD part_len = *length_of(url, i);
        if (!pointer || !part_len) {
            continue;
        }
        if (pointer < at || pointer - text > (ptrdiff_t)len ||
            part_len > len - (size_t)(pointer - text)) {
            fail_at("has a part outside", text, len);
        }
        at = pointer + part_len;
    }
    if (url->dwHostNameLength == 0) {
        fail_at("has no host", text, len);
    }
}

static void take_parts(URL_COMPONENTS *url, struct parts *out)
{
    *out = (struct parts){.has_user = url->lpszUserName != NULL,
                          .has_password = url->lpszPassword != NULL,
                          .scheme = url->nScheme,
                          .port = url->nPort};
    for (size_t i = 0; i < PARTS; i++) {
        if (is_there(out, i)) {
            append(&out->texts[i], *pointer_of(url, i), *length_of(url, i));
        }
    }
}

/* What is accepted leads back to its own parts; what is not says why, and nothing else. */
static void any_text(void **state)
{
    size_t accepted = 0;
    (void)state;
    for (case_number = 0; case_number < CASES; case_number++) {
        struct text text = draw_text();
        if (text.len == 0) {
            continue; /* 0 is no length but a question for a NUL */
        }
        WCHAR *input = fenced_copy(INPUT, text.data, text.len);
        URL_COMPONENTS url = wanted(false, text.len);
        URL_COMPONENTS before = url;
        if (!WinHttpCrackUrl(input, (DWORD)text.len, 0, &url)) {
            if (GetLastError() != ERROR_WINHTTP_INVALID_URL &&
                GetLastError() != ERROR_WINHTTP_UNRECOGNIZED_SCHEME) {
                fail_at("is refused", text.data, text.len);
            }
            assert_memory_equal(&url, &before, sizeof(url));
            continue;
        }
        assert_in_order(input, text.len, &url);
        struct parts parts;
        take_parts(&url, &parts);
        url = components_of(&parts);
        struct text again = create(&url);
        url = wanted(true, again.len);
        crack(&again, false, &url);
        assert_parts(&url, &parts, true);
        accepted++;
    }
    assert_true(accepted > CASES / 10 && accepted < CASES * 9 / 10);
}

/* Buffers of any size, and any flags: what fits is there, what does not says what it needs (G3). */
static void buffers_of_any_size(void **state)
{
    static const DWORD flags[] = {0, ICU_DECODE, ICU_ESCAPE, ICU_DECODE | ICU_ESCAPE};
    (void)state;
    for (case_number = 0; case_number < CASES; case_number++) {
        struct parts parts;
        draw(&parts);
        struct text text = url_of(&parts, draw_port(&parts));
        WCHAR *input = fenced_copy(INPUT, text.data, text.len);
        DWORD flag = flags[dice_roll(&dice, COUNT(flags))];
        URL_COMPONENTS url = wanted(true, dice_roll(&dice, MAX_PART));
        DWORD room = url.dwSchemeLength;
        BOOL ok = WinHttpCrackUrl(input, (DWORD)text.len, flag, &url);
        DWORD error = GetLastError();
        DWORD longest = 0;
        for (size_t i = 0; i < PARTS; i++) {
            DWORD len = *length_of(&url, i);
            longest = len > longest ? len : longest;
            if (len < room && (*pointer_of(&url, i))[len] != 0) {
                fail_at("has a part without a NUL", text.data, text.len);
            }
        }
        if (ok != (longest < room) || error != (ok ? 0 : ERROR_INSUFFICIENT_BUFFER)) {
            fail_at("was not judged by its longest part", text.data, text.len);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(created_and_cracked_again, setup),
    cmocka_unit_test_setup(cracked_and_created_again, setup),
    cmocka_unit_test_setup(any_text, setup),
    cmocka_unit_test_setup(buffers_of_any_size, setup),
};

API_MAIN(tests)
