/* SPDX-License-Identifier: MIT */
/*
 * post URL [FILE]: send FILE, or what standard input holds, as the body of a POST with the
 * synchronous API, and print the answer.
 */
#include <stdio.h>
#include <string.h>
#include <winhttp.h>

enum { URL_SIZE = 2048, HOST_SIZE = 256 };

static char buffer[64 * 1024];

static int fail(const char *what)
{
    fprintf(stderr, "post: %s: error %lu\n", what, (unsigned long)GetLastError());
    return 1;
}

/* The length of a body goes out before the body: a stream of unknown length is stored first. */
static FILE *open_body(const char *path)
{
    FILE *body = path ? fopen(path, "rb") : tmpfile();
    size_t got = 0;
    while (body && !path && (got = fread(buffer, 1, sizeof(buffer), stdin)) > 0) {
        fwrite(buffer, 1, got, body);
    }
    if (!body || ferror(body) || fseek(body, 0, SEEK_END)) {
        perror(path ? path : "post");
        return NULL;
    }
    return body;
}

static int send_body(HINTERNET request, FILE *body)
{
    size_t got;
    rewind(body);
    while ((got = fread(buffer, 1, sizeof(buffer), body)) > 0) {
        DWORD written = 0;
        if (!WinHttpWriteData(request, buffer, (DWORD)got, &written)) {
            return fail("cannot send the body");
        }
    }
    return 0;
}

static int print_answer(HINTERNET request)
{
    if (!WinHttpReceiveResponse(request, NULL)) {
        return fail("no response");
    }
    DWORD status = 0, size = sizeof(status);
    WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                        &status, &size, NULL);
    fprintf(stderr, "post: the server answers %lu\n", (unsigned long)status);
    DWORD got;
    do {
        if (!WinHttpReadData(request, buffer, sizeof(buffer), &got)) {
            return fail("cannot read the answer");
        }
        fwrite(buffer, 1, got, stdout);
    } while (got > 0);
    return status >= 400;
}

static int post(const URL_COMPONENTS *url, FILE *body)
{
    DWORD secure = url->nScheme == INTERNET_SCHEME_HTTPS ? WINHTTP_FLAG_SECURE : 0;
    HINTERNET session = WinHttpOpen(L"post/1.0", 0, NULL, NULL, 0);
    HINTERNET connect = WinHttpConnect(session, url->lpszHostName, url->nPort, 0);
    HINTERNET request =
        WinHttpOpenRequest(connect, L"POST", url->lpszUrlPath, NULL, NULL, NULL, secure);
    WinHttpAddRequestHeaders(request, L"Content-Type: application/octet-stream", (DWORD)-1,
                             WINHTTP_ADDREQ_FLAG_ADD);
    int result;
    if (!WinHttpSendRequest(request, NULL, 0, NULL, 0, (DWORD)ftell(body), 0)) {
        result = fail("cannot send the request");
    } else {
        result = send_body(request, body) || print_answer(request);
    }
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
    return result;
}

int main(int argc, char **argv)
{
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
        fputs("usage: post URL [FILE]\n", stderr);
        return 2;
    }
    FILE *body = open_body(argv[2]);
    int result = body ? post(&url, body) : 1;
    if (body) {
        fclose(body);
    }
    return result;
}
