/* SPDX-License-Identifier: MIT */
/* FormatMessage: the texts of errors, and what it refuses. */
#define UNICODE
#include "support/api_case.h"

#define SYSTEM FORMAT_MESSAGE_FROM_SYSTEM
#define MODULE FORMAT_MESSAGE_FROM_HMODULE
#define ALLOCATE FORMAT_MESSAGE_ALLOCATE_BUFFER
#define STRING FORMAT_MESSAGE_FROM_STRING
#define WIDTH FORMAT_MESSAGE_MAX_WIDTH_MASK

static CHAR text_a[256];
static WCHAR text_w[256];

/* Both have failed in the same way, without touching the buffer. */
static void assert_refused(DWORD flags, DWORD id, DWORD language, DWORD size, DWORD error)
{
    text_a[0] = 'x';
    text_w[0] = 'x';
    assert_fails(FormatMessageA(flags, NULL, id, language, text_a, size, NULL), error);
    assert_fails(FormatMessageW(flags, NULL, id, language, text_w, size, NULL), error);
    assert_int_equal(text_a[0], 'x');
    assert_int_equal(text_w[0], 'x');
}

/* The text in text_a, and the same in text_w; the last error is not touched. */
static size_t assert_given(DWORD flags, DWORD id, DWORD language)
{
    SetLastError(0xBAD);
    DWORD len = FormatMessageA(flags, NULL, id, language, text_a, 256, NULL);
    assert_true(len > 0);
    assert_int_equal(len, strlen(text_a));
    assert_int_equal(FormatMessageW(flags, NULL, id, language, text_w, 256, NULL), len);
    assert_int_equal(wide_len(text_w), len);
    assert_string_equal(narrow(text_w), text_a);
    assert_int_equal(GetLastError(), 0xBAD);
    return len;
}

static void an_error_has_a_sentence_and_a_line_end(void **state)
{
    (void)state;
    assert_given(SYSTEM, ERROR_WINHTTP_TIMEOUT, 0);
    assert_string_equal(text_a, "A time limit ran out.\r\n");
    assert_given(SYSTEM, ERROR_SUCCESS, 0);
    assert_string_equal(text_a, "There is no error.\r\n");
}

static void every_text_is_a_line(void **state)
{
    size_t count = 0;
    (void)state;
    for (DWORD id = 0; id < 16000; id++) {
        if (!FormatMessageA(SYSTEM, NULL, id, 0, text_a, 256, NULL)) {
            assert_int_equal(GetLastError(), ERROR_MR_MID_NOT_FOUND);
            continue;
        }
        size_t len = assert_given(SYSTEM, id, 0);
        assert_string_equal(text_a + len - 3, ".\r\n");
        assert_int_equal(strcspn(text_a, "\r%"), len - 2);
        count++;
    }
    assert_true(count > 80);
}

static void without_width_there_is_no_line_end(void **state)
{
    (void)state;
    assert_given(SYSTEM | WIDTH, ERROR_WINHTTP_TIMEOUT, 0);
    assert_string_equal(text_a, "A time limit ran out.");
}

static void any_module_has_the_same_texts(void **state)
{
    (void)state;
    assert_given(MODULE, ERROR_WINHTTP_TIMEOUT, 0);
    assert_string_equal(text_a, "A time limit ran out.\r\n");
    assert_given(MODULE | SYSTEM, ERROR_ACCESS_DENIED, 0);
    assert_true(FormatMessageA(MODULE, text_a, ERROR_SUCCESS, 0, text_a, 256, NULL));
}

static void a_result_has_the_text_of_its_error(void **state)
{
    (void)state;
    assert_given(SYSTEM, (DWORD)HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT), 0);
    assert_string_equal(text_a, "A time limit ran out.\r\n");
    assert_refused(SYSTEM, (DWORD)E_FAIL, 0, 256, ERROR_MR_MID_NOT_FOUND);
}

static void inserts_are_not_missed(void **state)
{
    DWORD_PTR arguments[] = {1, 2};
    (void)state;
    assert_given(SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, ERROR_WINHTTP_TIMEOUT, 0);
    assert_true(FormatMessage(SYSTEM | FORMAT_MESSAGE_ARGUMENT_ARRAY, NULL, ERROR_WINHTTP_TIMEOUT,
                              0, text_w, 256, (va_list *)arguments));
    assert_string_equal(narrow(text_w), "A time limit ran out.\r\n");
}

static void a_buffer_is_allocated(void **state)
{
    LPSTR a = NULL;
    LPWSTR w = NULL;
    (void)state;
    DWORD len = FormatMessageA(SYSTEM | ALLOCATE, NULL, ERROR_IO_PENDING, 0, (LPSTR)&a, 0, NULL);
    assert_int_equal(len, strlen(a));
    assert_int_equal(
        FormatMessageW(SYSTEM | ALLOCATE, NULL, ERROR_IO_PENDING, 0, (LPWSTR)&w, 0, NULL), len);
    assert_string_equal(narrow(w), a);
    assert_null(LocalFree(a));
    assert_null(LocalFree(w));
}

/* A sanitizer sees a write behind the end. */
static void an_allocated_buffer_has_the_room_asked_for(void **state)
{
    LPWSTR w = NULL;
    (void)state;
    assert_true(FormatMessageW(SYSTEM | ALLOCATE, NULL, 5, 0, (LPWSTR)&w, 1000, NULL));
    w[999] = 'x';
    assert_null(LocalFree(w));
}

static void an_unknown_number_is_refused(void **state)
{
    LPSTR a = text_a;
    (void)state;
    assert_refused(SYSTEM, 12003, 0, 256, ERROR_MR_MID_NOT_FOUND);
    assert_refused(MODULE, 0xffffffff, 0, 256, ERROR_MR_MID_NOT_FOUND);
    assert_fails(FormatMessageA(SYSTEM | ALLOCATE, NULL, 12003, 0, (LPSTR)&a, 0, NULL),
                 ERROR_MR_MID_NOT_FOUND);
    assert_null(a);
}

static void a_buffer_has_room_for_the_nul(void **state)
{
    (void)state;
    DWORD len = (DWORD)assert_given(SYSTEM, ERROR_IO_PENDING, 0);
    assert_refused(SYSTEM, ERROR_IO_PENDING, 0, 0, ERROR_INSUFFICIENT_BUFFER);
    assert_refused(SYSTEM, ERROR_IO_PENDING, 0, len, ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(FormatMessageA(SYSTEM, NULL, ERROR_IO_PENDING, 0, text_a, len + 1, NULL), len);
    assert_int_equal(FormatMessageW(SYSTEM, NULL, ERROR_IO_PENDING, 0, text_w, len + 1, NULL), len);
}

static void texts_are_english(void **state)
{
    (void)state;
    assert_given(SYSTEM, 5, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT));
    assert_given(SYSTEM, 5, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US));
    assert_refused(SYSTEM, 5, 0x0407, 256, ERROR_RESOURCE_LANG_NOT_FOUND);
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    assert_refused(STRING, 5, 0, 256, ERROR_NOT_SUPPORTED);
    assert_refused(SYSTEM | 40, 5, 0, 256, ERROR_NOT_SUPPORTED);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    assert_refused(0, 5, 0, 256, ERROR_INVALID_PARAMETER);
    assert_refused(STRING | SYSTEM, 5, 0, 256, ERROR_INVALID_PARAMETER);
    assert_refused(STRING | MODULE, 5, 0, 256, ERROR_INVALID_PARAMETER);
    assert_refused(SYSTEM | 0x4000, 5, 0, 256, ERROR_INVALID_PARAMETER);
    assert_fails(FormatMessageA(SYSTEM, NULL, 5, 0, NULL, 256, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(FormatMessageW(SYSTEM | ALLOCATE, NULL, 5, 0, NULL, 0, NULL),
                 ERROR_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_sentence_and_a_line_end),
        cmocka_unit_test(every_text_is_a_line),
        cmocka_unit_test(without_width_there_is_no_line_end),
        cmocka_unit_test(any_module_has_the_same_texts),
        cmocka_unit_test(a_result_has_the_text_of_its_error),
        cmocka_unit_test(inserts_are_not_missed),
        cmocka_unit_test(a_buffer_is_allocated),
        cmocka_unit_test(an_allocated_buffer_has_the_room_asked_for),
        cmocka_unit_test(an_unknown_number_is_refused),
        cmocka_unit_test(a_buffer_has_room_for_the_nul),
        cmocka_unit_test(texts_are_english),
        cmocka_unit_test(what_is_not_there_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
