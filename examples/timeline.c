/* SPDX-License-Identifier: MIT */
/*
 * timeline URL: one asynchronous GET, and every notification it causes: the time since the start,
 * the thread that delivers it, the handle, the status and its payload.
 */
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <winhttp.h>

enum { URL_SIZE = 2048, HOST_SIZE = 256 };

/* Every status is a power of two; these are their names in that order. */
static const char names[] =
    "RESOLVING_NAME NAME_RESOLVED CONNECTING_TO_SERVER CONNECTED_TO_SERVER SENDING_REQUEST "
    "REQUEST_SENT RECEIVING_RESPONSE RESPONSE_RECEIVED CLOSING_CONNECTION CONNECTION_CLOSED "
    "HANDLE_CREATED HANDLE_CLOSING DETECTING_PROXY ? REDIRECT INTERMEDIATE_RESPONSE SECURE_FAILURE "
    "HEADERS_AVAILABLE DATA_AVAILABLE READ_COMPLETE WRITE_COMPLETE REQUEST_ERROR "
    "SENDREQUEST_COMPLETE ";
enum { TEXTS = 0x400f, NUMBERS = 0xd80a0, BYTES = 0xc00a0, HANDLES = 0xc00 };
enum { READ = 0x80000, ERROR = 0x200000 };

static sem_t steps; /* one when the request is over, one for each handle closed */

static double now_ms(void)
{
    static struct timespec start;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    start = start.tv_sec ? start : now;
    return (double)(now.tv_sec - start.tv_sec) * 1e3 + (double)(now.tv_nsec - start.tv_nsec) / 1e6;
}

static void print(HINTERNET handle, DWORD status, LPVOID info, DWORD len)
{
    static int threads;
    static _Thread_local int thread;
    const char *name = names;
    for (DWORD bit = 1; bit < status && *name; bit <<= 1) {
        name += strcspn(name, " ") + 1;
    }
    thread = thread ? thread : ++threads;
    printf("%8.2f ms  thread %d  %p  %-20.*s  ", now_ms(), thread, handle, (int)strcspn(name, " "),
           name);
    for (const WCHAR *text = info; status & TEXTS && *text; text++) {
        putchar(*text < 0x80 ? (int)*text : '?');
    }
    if (status & NUMBERS) {
        printf("%lu%s", (unsigned long)(status & READ ? len : *(DWORD *)info),
               status & BYTES ? " bytes" : "");
    } else if (status & HANDLES) {
        printf("%p", *(HINTERNET *)info);
    } else if (status & ERROR) {
        WINHTTP_ASYNC_RESULT *result = info;
        printf("call %d, error %lu", (int)result->dwResult, (unsigned long)result->dwError);
    }
    putchar('\n');
}

/* Begins the next step; FALSE when there is none. */
static BOOL go_on(HINTERNET request, DWORD status, DWORD len)
{
    static char buffer[64 * 1024];
    if (status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        return WinHttpReceiveResponse(request, NULL);
    }
    if (status == WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE || (status == READ && len > 0)) {
        return WinHttpReadData(request, buffer, sizeof(buffer), NULL);
    }
    return status != READ && status != ERROR && status != WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
}

static void CALLBACK on_status(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    (void)context;
    flockfile(stdout);
    print(handle, status, info, len);
    funlockfile(stdout);
    if (!go_on(handle, status, len)) {
        sem_post(&steps);
    }
}

int main(int argc, char **argv)
{
    WCHAR text[URL_SIZE] = {0}, host[HOST_SIZE];
    URL_COMPONENTS url = {.dwStructSize = sizeof(url), .dwUrlPathLength = (DWORD)-1};
    url.lpszHostName = host;
    url.dwHostNameLength = HOST_SIZE;
    size_t len = argc == 2 ? strcspn(argv[1], "#") : 0; /* no fragment */
    for (size_t i = 0; i < len && i < URL_SIZE; i++) {
        text[i] = (unsigned char)argv[1][i]; /* a URL is ASCII */
    }
    if (len >= URL_SIZE || !WinHttpCrackUrl(text, 0, 0, &url) || sem_init(&steps, 0, 0)) {
        fputs("usage: timeline URL\n", stderr);
        return 2;
    }
    puts("       time  thread    handle    status                payload");
    DWORD secure = url.nScheme == INTERNET_SCHEME_HTTPS ? WINHTTP_FLAG_SECURE : 0;
    DWORD_PTR context = 1; /* inherited; a handle without one closes silently */
    HINTERNET session = WinHttpOpen(L"timeline/1.0", 0, NULL, NULL, WINHTTP_FLAG_ASYNC);
    WinHttpSetOption(session, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context));
    WinHttpSetStatusCallback(session, on_status, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    HINTERNET connect = WinHttpConnect(session, host, url.nPort, 0);
    HINTERNET handles[] = {
        WinHttpOpenRequest(connect, L"GET", url.lpszUrlPath, NULL, NULL, NULL, secure), connect,
        session};
    if (WinHttpSendRequest(handles[0], NULL, 0, NULL, 0, 0, 0)) {
        sem_wait(&steps);
    }
    for (int i = 0; i < 3; i++) {
        if (WinHttpCloseHandle(handles[i])) {
            sem_wait(&steps);
        }
    }
    return 0;
}
