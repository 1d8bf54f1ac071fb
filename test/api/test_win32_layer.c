/* SPDX-License-Identifier: MIT */
/* A program with a Win32 layer of its own: the library uses that layer's last error, events and memory. */
#define WINHTTP_NO_WIN32_FUNCTIONS
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <winhttp.h>

#include <cmocka.h>

/* ---- The layer ---- */

struct object {
    int is_set;
};

static DWORD its_last_error;

DWORD GetLastError(void);
void SetLastError(DWORD error);
BOOL SetEvent(HANDLE event);

DWORD GetLastError(void)
{
    return its_last_error;
}

void SetLastError(DWORD error)
{
    its_last_error = error;
}

BOOL SetEvent(HANDLE event)
{
    struct object *object = event;
    object->is_set++;
    return TRUE;
}

/* Its heap has a mark before each block. */
enum { HEADER = 16 };
static int its_heap_is_empty;

HANDLE LocalAlloc(UINT flags, size_t size);

HANDLE LocalAlloc(UINT flags, size_t size)
{
    char *block = its_heap_is_empty ? NULL : malloc(HEADER + size);
    (void)flags;
    if (!block) {
        return NULL;
    }
    *block = 'L';
    return block + HEADER;
}

/* ---- The program ---- */

DWORD FormatMessageA(DWORD flags, LPCVOID source, DWORD id, DWORD language, LPSTR buffer,
                     DWORD size, va_list *arguments);

static void its_last_error_is_set(void **state)
{
    (void)state;
    its_last_error = 1;
    assert_false(WinHttpCloseHandle(NULL));
    assert_int_equal(its_last_error, ERROR_INVALID_HANDLE);
}

static void A29_its_event_is_set(void **state)
{
    struct object event = {0};
    HANDLE handle = &event;
    (void)state;
    HINTERNET session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    assert_true(
        WinHttpSetOption(session, WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT, &handle, sizeof(handle)));
    assert_int_equal(event.is_set, 0);
    assert_true(WinHttpCloseHandle(session));
    assert_int_equal(event.is_set, 1);
}

static void messages_come_from_its_heap(void **state)
{
    char *text = NULL;
    (void)state;
    assert_int_not_equal(
        FormatMessageA(0x1100, NULL, ERROR_ACCESS_DENIED, 0, (LPSTR)&text, 0, NULL), 0);
    assert_int_equal(text[-HEADER], 'L');
    free(text - HEADER);
}

static void a_message_without_memory_is_refused(void **state)
{
    char *text = (char *)&text;
    (void)state;
    its_heap_is_empty = 1;
    assert_int_equal(FormatMessageA(0x1100, NULL, ERROR_ACCESS_DENIED, 0, (LPSTR)&text, 0, NULL),
                     0);
    assert_int_equal(its_last_error, ERROR_NOT_ENOUGH_MEMORY);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_last_error_is_set),
        cmocka_unit_test(A29_its_event_is_set),
        cmocka_unit_test(messages_come_from_its_heap),
        cmocka_unit_test(a_message_without_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
