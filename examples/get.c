/* SPDX-License-Identifier: MIT */
/*
 * get [-p] URL [FILE]: download a resource with the synchronous API, to FILE or standard output.
 * A progress bar shows on a terminal, or with -p.
 *
 *     cc get.c $(pkg-config --cflags --libs winhttp) -o get
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <winhttp.h>

enum { URL_SIZE = 2048, HOST_SIZE = 256 };

static int fail(const char *what)
{
    fprintf(stderr, "get: %s: error %lu\n", what, (unsigned long)GetLastError());
    return 1;
}

/* A number from the head of the response; 0 when it is not there. */
static DWORD query_number(HINTERNET request, DWORD what)
{
    DWORD number = 0;
    DWORD size = sizeof(number);
    WinHttpQueryHeaders(request, what | WINHTTP_QUERY_FLAG_NUMBER, WINHTTP_HEADER_NAME_BY_INDEX,
                        &number, &size, WINHTTP_NO_HEADER_INDEX);
    return number;
}

static int save_body(HINTERNET request, FILE *out, int is_shown)
{
    static const char bar[] = "##################################################";
    static char buffer[256 * 1024];
    unsigned long long total = query_number(request, WINHTTP_QUERY_CONTENT_LENGTH);
    unsigned long long done = 0;
    int shown = 0;
    int step = isatty(STDERR_FILENO) ? 1 : 10; /* without a terminal a line for each tenth */
    DWORD got;
    do {
        if (!WinHttpReadData(request, buffer, sizeof(buffer), &got)) {
            return fail("cannot read the body");
        }
        if (fwrite(buffer, 1, got, out) != got) {
            perror("get: cannot write");
            return 1;
        }
        done += got;
        int percent = total ? (int)(done * 100 / total) : 0;
        if (is_shown && percent / step != shown / step) {
            fprintf(stderr, "%c[%-50.*s] %3d%%", step > 1 ? '\n' : '\r', percent / 2, bar, percent);
            shown = percent;
        }
    } while (got > 0);
    fputs(shown ? "\n" : "", stderr);
    return 0;
}

static int run(HINTERNET request, FILE *out, int is_shown)
{
    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0,
                            0, 0)) {
        return fail("cannot send the request");
    }
    if (!WinHttpReceiveResponse(request, NULL)) {
        return fail("no response");
    }
    DWORD status = query_number(request, WINHTTP_QUERY_STATUS_CODE);
    if (status != HTTP_STATUS_OK) {
        fprintf(stderr, "get: the server answers %lu\n", (unsigned long)status);
        return 1;
    }
    return save_body(request, out, is_shown);
}

static int get(const URL_COMPONENTS *url, FILE *out, int is_shown)
{
    DWORD secure = url->nScheme == INTERNET_SCHEME_HTTPS ? WINHTTP_FLAG_SECURE : 0;
    HINTERNET session = WinHttpOpen(L"get/1.0", WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, NULL, NULL, 0);
    HINTERNET connect = WinHttpConnect(session, url->lpszHostName, url->nPort, 0);
    HINTERNET request =
        WinHttpOpenRequest(connect, L"GET", url->lpszUrlPath, NULL, NULL, NULL, secure);
    int result = request ? run(request, out, is_shown) : fail("cannot make a request");
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
    return result;
}

int main(int argc, char **argv)
{
    int is_shown = argc > 1 && strcmp(argv[1], "-p") == 0;
    argv += is_shown;
    argc -= is_shown;
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
        fputs("usage: get [-p] URL [FILE]\n", stderr);
        return 2;
    }
    FILE *out = argc > 2 ? fopen(argv[2], "wb") : stdout;
    if (!out) {
        perror(argv[2]);
        return 1;
    }
    int result = get(&url, out, is_shown || isatty(STDERR_FILENO));
    if (fclose(out)) {
        perror("get: cannot write");
        return 1;
    }
    return result;
}
