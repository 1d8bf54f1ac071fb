/* SPDX-License-Identifier: MIT */
/*
 * get-async URL [FILE]: download a resource with the asynchronous API. Each completion starts the
 * next step from within the callback; main only waits.
 */
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <winhttp.h>

enum { URL_SIZE = 2048, HOST_SIZE = 256 };

/* The context of the request. Its callbacks come one after another, on threads of the library. */
struct download {
    FILE *out;
    char buffer[256 * 1024];
    int is_failed;
    sem_t steps; /* one when the request is over, one when its handle is closed */
};

static void finish(struct download *d, const char *problem, DWORD number)
{
    if (problem) {
        fprintf(stderr, "get-async: %s %lu\n", problem, (unsigned long)number);
        d->is_failed = 1;
    }
    sem_post(&d->steps);
}

static void read_more(struct download *d, HINTERNET request)
{
    if (!WinHttpReadData(request, d->buffer, sizeof(d->buffer), NULL)) {
        finish(d, "cannot read the body: error", GetLastError());
    }
}

static void on_head(struct download *d, HINTERNET request)
{
    DWORD status = 0, size = sizeof(status);
    WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                        &status, &size, NULL);
    if (status == HTTP_STATUS_OK) {
        read_more(d, request);
    } else {
        finish(d, "the server answers", status);
    }
}

static void on_body(struct download *d, HINTERNET request, DWORD len)
{
    if (len == 0 || fwrite(d->buffer, 1, len, d->out) != len) {
        finish(d, len ? "cannot write so many bytes:" : NULL, len);
    } else {
        read_more(d, request);
    }
}

static void CALLBACK on_status(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    struct download *d = (struct download *)context;
    if (status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        if (!WinHttpReceiveResponse(request, NULL)) {
            finish(d, "cannot receive: error", GetLastError());
        }
    } else if (status == WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE) {
        on_head(d, request);
    } else if (status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE) {
        on_body(d, request, len);
    } else if (status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        finish(d, "the request failed: error", ((const WINHTTP_ASYNC_RESULT *)info)->dwError);
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        sem_post(&d->steps);
    }
}

static void run(struct download *d, const URL_COMPONENTS *url)
{
    DWORD secure = url->nScheme == INTERNET_SCHEME_HTTPS ? WINHTTP_FLAG_SECURE : 0;
    HINTERNET session = WinHttpOpen(L"get-async/1.0", 0, NULL, NULL, WINHTTP_FLAG_ASYNC);
    HINTERNET connect = WinHttpConnect(session, url->lpszHostName, url->nPort, 0);
    HINTERNET request =
        WinHttpOpenRequest(connect, L"GET", url->lpszUrlPath, NULL, NULL, NULL, secure);
    WinHttpSetStatusCallback(request, on_status, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    if (!WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, (DWORD_PTR)d)) {
        finish(d, "cannot send: error", GetLastError());
    }
    sem_wait(&d->steps);
    if (WinHttpCloseHandle(request)) {
        sem_wait(&d->steps);
    }
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
}

int main(int argc, char **argv)
{
    static struct download d;
    WCHAR text[URL_SIZE] = {0};
    WCHAR host[HOST_SIZE]; /* a copy; path and query are found inside text, up to its end */
    URL_COMPONENTS url = {.dwStructSize = sizeof(url), .dwUrlPathLength = (DWORD)-1};
    url.lpszHostName = host;
    url.dwHostNameLength = HOST_SIZE;
    size_t len = argc > 1 ? strcspn(argv[1], "#") : 0; /* no fragment */
    for (size_t i = 0; i < len && i < URL_SIZE; i++) {
        text[i] = (unsigned char)argv[1][i]; /* a URL is ASCII */
    }
    if (len >= URL_SIZE || argc > 3 || !WinHttpCrackUrl(text, 0, 0, &url)) {
        fputs("usage: get-async URL [FILE]\n", stderr);
        return 2;
    }
    d.out = argc > 2 ? fopen(argv[2], "wb") : stdout;
    if (!d.out || sem_init(&d.steps, 0, 0)) {
        perror("get-async");
        return 1;
    }
    run(&d, &url);
    return fclose(d.out) || d.is_failed;
}
