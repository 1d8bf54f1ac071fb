/* SPDX-License-Identifier: MIT */
/* WinHttpQueryConnectionGroup: which connections there are to a server. Compiled once per width. */
#include "api/api.h"
#include "api/area.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "client/request.h"
#include "client/session.h"
#include "http/url.h"

_Static_assert(sizeof(GUID) == sizeof(struct wh_mark), "a mark is a GUID");

/* The server, and its connections as struct wh_conn_group: those with a mark, or all of them. */
struct listing {
    const struct wh_mark *only;
    struct wh_buffer host;
    struct wh_buffer groups;
};

static int list(const struct wh_peer_key *key, struct listing *out)
{
    int error = wh_buffer_append_text(&out->host, key->host);
    return error ? error : wh_conn_list(key, out->only, &out->groups);
}

/* A realm may see its own connections. */
static int list_for_connect(const struct wh_connect *connect, bool is_secure, struct listing *out)
{
    const struct wh_peer_key key = {
        .host = connect->host,
        .port = connect->port ? connect->port : wh_url_usual_port(is_secure),
        .is_secure = is_secure,
        .realm = connect->object.parent->handle,
    };
    return list(&key, out);
}

static int list_for_request(struct wh_request *request, struct listing *out)
{
    pthread_mutex_lock(&request->step);
    struct wh_peer_key key = request->question.key;
    key.realm = request->object.parent->parent->handle;
    int error = list(&key, out);
    pthread_mutex_unlock(&request->step);
    return error;
}

static int list_for(struct wh_object *object, ULONGLONG flags, struct listing *out)
{
    switch (object->kind) {
    case WH_KIND_REQUEST:
        return list_for_request(wh_request_of(object), out);
    case WH_KIND_CONNECT:
        return list_for_connect(wh_connect_of(object),
                                !(flags & WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE), out);
    case WH_KIND_SESSION:
        break;
    }
    return ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
}

static void put_group(const struct wh_conn_group *group, WINHTTP_CONNECTION_GROUP *out)
{
    out->cConnections = group->count;
    memcpy(&out->guidGroup, &group->mark, sizeof(group->mark));
}

/* The structure, which holds all that it points to. */
static PWINHTTP_QUERY_CONNECTION_GROUP_RESULT lay_out(struct wh_area *area,
                                                      const struct listing *listing)
{
    const struct wh_conn_group *from = (const void *)listing->groups.data;
    size_t count = listing->groups.len / sizeof(*from);
    WINHTTP_QUERY_CONNECTION_GROUP_RESULT *result = wh_area_take(area, 1, sizeof(*result));
    if (count == 0) {
        return result;
    }
    WINHTTP_HOST_CONNECTION_GROUP *host = wh_area_take(area, 1, sizeof(*host));
    WINHTTP_CONNECTION_GROUP *groups = wh_area_take(area, count, sizeof(*groups));
    LPCWSTR name = wh_area_put_wide(area, wh_slice_of(listing->host.data, listing->host.len));
    if (result) {
        *result = (WINHTTP_QUERY_CONNECTION_GROUP_RESULT){1, host};
        *host = (WINHTTP_HOST_CONNECTION_GROUP){name, (ULONG)count, groups};
        for (size_t i = 0; i < count; i++) {
            put_group(&from[i], &groups[i]);
        }
    }
    return result;
}

static int answer(const struct listing *listing, PWINHTTP_QUERY_CONNECTION_GROUP_RESULT *out)
{
    struct wh_area area = {.data = NULL};
    lay_out(&area, listing);
    area.data = wh_calloc(1, area.used);
    if (!area.data) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    area.used = 0;
    *out = lay_out(&area, listing);
    return 0;
}

DWORD WinHttpQueryConnectionGroup(HINTERNET hInternet, const GUID *pGuidConnection,
                                  ULONGLONG ullFlags,
                                  PWINHTTP_QUERY_CONNECTION_GROUP_RESULT *ppResult)
{
    wh_api_enter("WinHttpQueryConnectionGroup", hInternet);
    struct wh_object *object;
    int error = wh_api_find_any(hInternet, &object);
    if (error) {
        return wh_api_finish_code(error);
    }
    struct wh_mark mark;
    struct listing listing = {.only = NULL};
    if (pGuidConnection) {
        memcpy(&mark, pGuidConnection, sizeof(mark));
        listing.only = &mark;
    }
    bool is_known = ppResult && !(ullFlags & ~WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE);
    error = is_known ? list_for(object, ullFlags, &listing) : ERROR_INVALID_PARAMETER;
    error = error ? error : answer(&listing, ppResult);
    wh_buffer_finish(&listing.host);
    wh_buffer_finish(&listing.groups);
    wh_object_unref(object);
    return wh_api_finish_code(error);
}
