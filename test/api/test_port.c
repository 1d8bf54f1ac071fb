/* SPDX-License-Identifier: MIT */
/* The words of winhttp/port.h, with UNICODE: numbers cut to pieces, HRESULTs, text and memory. */
#define UNICODE
#include "support/api_case.h"

#define NUMBER 0x12345678

static void numbers_are_cut_and_joined(void **state)
{
    (void)state;
    assert_int_equal(LOWORD(NUMBER), 0x5678);
    assert_int_equal(HIWORD(NUMBER), 0x1234);
    assert_int_equal(LOBYTE(0x1234), 0x34);
    assert_int_equal(HIBYTE(0x1234), 0x12);
    assert_int_equal(MAKEWORD(0x34, 0x12), 0x1234);
    assert_true(MAKELONG(0x5678, 0x1234) == NUMBER);
    assert_true(MAKELONG(0xffff, 0xffff) == -1);
    assert_int_equal(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), 0x0409);
    assert_int_equal(PRIMARYLANGID(0x0409), LANG_ENGLISH);
}

static void numbers_of_64_bits_have_halves(void **state)
{
    LARGE_INTEGER large = {.QuadPart = -2};
    ULARGE_INTEGER ularge;
    (void)state;
    assert_true(large.LowPart == 0xfffffffe && large.HighPart == -1);
    assert_true(large.u.LowPart == 0xfffffffe && large.u.HighPart == -1);
    ularge.HighPart = 0x80000000;
    ularge.LowPart = 1;
    assert_true(ularge.QuadPart == 0x8000000000000001 && ularge.u.LowPart == 1);
    assert_int_equal(sizeof(LARGE_INTEGER), 8);
}

static void results_are_made_of_errors(void **state)
{
    const DWORD unset = 0;
    (void)state;
    assert_true(HRESULT_FROM_WIN32(unset) == S_OK);
    assert_true(HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) == E_ACCESSDENIED);
    assert_true(HRESULT_FROM_WIN32((DWORD)ERROR_INVALID_PARAMETER) == E_INVALIDARG);
    assert_true(HRESULT_FROM_WIN32(E_FAIL) == E_FAIL);
    SetLastError(ERROR_WINHTTP_TIMEOUT);
    assert_true(HRESULT_FROM_WIN32(GetLastError()) == (HRESULT)0x80072ee2);
}

static void results_are_constants(void **state)
{
    (void)state;
    switch (HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT)) {
    case HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT):
        break;
    default:
        fail();
    }
}

static void results_are_taken_apart(void **state)
{
    (void)state;
    assert_true(SUCCEEDED(S_OK) && SUCCEEDED(S_FALSE) && !SUCCEEDED(E_FAIL));
    assert_true(FAILED(E_FAIL) && !FAILED(S_FALSE));
    assert_true(FAILED(0x80004005)); /* unsigned, as a number in a program is */
    assert_int_equal(HRESULT_CODE(E_INVALIDARG), ERROR_INVALID_PARAMETER);
    assert_int_equal(HRESULT_FACILITY(E_INVALIDARG), FACILITY_WIN32);
    assert_int_equal(HRESULT_SEVERITY(E_INVALIDARG), SEVERITY_ERROR);
    assert_int_equal(HRESULT_SEVERITY(S_FALSE), SEVERITY_SUCCESS);
    assert_true(MAKE_HRESULT(SEVERITY_ERROR, FACILITY_ITF, 0x200) == (HRESULT)0x80040200);
}

static void text_is_wide(void **state)
{
    static const TCHAR text[] = TEXT("a") _T("b");
    LPCTSTR pointer = text;
    LPCWSTR wide_pointer = pointer;
    (void)state;
    assert_int_equal(sizeof(TCHAR), sizeof(WCHAR));
    assert_int_equal(ARRAYSIZE(text), 3);
    assert_int_equal(_countof(text), 3);
    assert_string_equal(narrow(wide_pointer), "ab");
}

static void memory_is_filled_and_moved(void **state)
{
    char memory[4];
    (void)state;
    FillMemory(memory, 4, 'x');
    ZeroMemory(memory + 3, 1);
    assert_string_equal(memory, "xxx");
    CopyMemory(memory, "abc", 3);
    MoveMemory(memory + 1, memory, 2);
    assert_string_equal(memory, "aab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_cut_and_joined),
        cmocka_unit_test(numbers_of_64_bits_have_halves),
        cmocka_unit_test(results_are_made_of_errors),
        cmocka_unit_test(results_are_constants),
        cmocka_unit_test(results_are_taken_apart),
        cmocka_unit_test(text_is_wide),
        cmocka_unit_test(memory_is_filled_and_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
