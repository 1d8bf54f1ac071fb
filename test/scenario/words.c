/* SPDX-License-Identifier: MIT */
#include "scenario/words.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const verbs[] = {
    [VERB_END] = "the end",
    [VERB_NOTICE] = "a notification",
    [VERB_CONNECT] = "WinHttpConnect",
    [VERB_OPEN_REQUEST] = "WinHttpOpenRequest",
    [VERB_SEND] = "WinHttpSendRequest",
    [VERB_WRITE] = "WinHttpWriteData",
    [VERB_RECEIVE] = "WinHttpReceiveResponse",
    [VERB_AVAILABLE] = "WinHttpQueryDataAvailable",
    [VERB_READ] = "WinHttpReadData",
    [VERB_READ_ALL] = "WinHttpReadData",
    [VERB_CLOSE] = "WinHttpCloseHandle",
    [VERB_SET_CALLBACK] = "WinHttpSetStatusCallback",
    [VERB_SET_CONTEXT] = "WinHttpSetOption",
    [VERB_ADD_HEADERS] = "WinHttpAddRequestHeaders",
    [VERB_QUERY_STATUS] = "WinHttpQueryHeaders",
    [VERB_QUERY_URL] = "WinHttpQueryOption",
    [VERB_LET_GO] = "the server goes on",
    [VERB_AWAIT_CLOSED] = "the server has closed the connection",
};

#define NAMED(name)                                                                                \
    {                                                                                              \
        ERROR_##name, #name                                                                        \
    }

static const struct {
    DWORD error;
    const char *name;
} errors[] = {
    NAMED(INVALID_HANDLE),
    NAMED(INVALID_OPERATION),
    NAMED(INVALID_PARAMETER),
    NAMED(IO_PENDING),
    NAMED(WINHTTP_CANNOT_CONNECT),
    NAMED(WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW),
    NAMED(WINHTTP_CONNECTION_ERROR),
    NAMED(WINHTTP_HEADER_SIZE_OVERFLOW),
    NAMED(WINHTTP_INCORRECT_HANDLE_STATE),
    NAMED(WINHTTP_INVALID_SERVER_RESPONSE),
    NAMED(WINHTTP_NAME_NOT_RESOLVED),
    NAMED(WINHTTP_OPERATION_CANCELLED),
    NAMED(WINHTTP_REDIRECT_FAILED),
    NAMED(WINHTTP_RESEND_REQUEST),
    NAMED(WINHTTP_SECURE_FAILURE),
    NAMED(WINHTTP_TIMEOUT),
};

const char *words_verb(enum verb verb)
{
    return verbs[verb];
}

const char *words_error(DWORD error)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].error == error) {
            return errors[i].name;
        }
    }
    fprintf(stderr, "words.c does not name error %lu\n", (unsigned long)error);
    abort();
}

const char *words_api(DWORD api)
{
    static const char *const names[] = {
        [API_RECEIVE_RESPONSE] = "API_RECEIVE_RESPONSE",
        [API_QUERY_DATA_AVAILABLE] = "API_QUERY_DATA_AVAILABLE",
        [API_READ_DATA] = "API_READ_DATA",
        [API_WRITE_DATA] = "API_WRITE_DATA",
        [API_SEND_REQUEST] = "API_SEND_REQUEST",
    };
    return names[api];
}

const char *words_who(enum who who)
{
    static const char *const names[] = {
        [REQUEST] = "request", [CONNECT] = "connect", [SESSION] = "session"};
    return names[who];
}

int words_is_completion(DWORD status)
{
    return (status & WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS) != 0;
}

int words_is_played(const struct row *row, enum modes mode)
{
    return mode != MODES_SYNC || !words_is_completion(row->status);
}
