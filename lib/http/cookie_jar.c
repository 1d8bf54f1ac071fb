/* SPDX-License-Identifier: MIT */
#include "http/cookie_jar.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "http/cookie.h"

/* A cookie with text of its own. */
struct kept {
    struct wh_list node;
    struct wh_cookie cookie; /* borrows from text */
    struct wh_slice pair; /* the same */
    char text[]; /* name=value, domain, path */
};

static struct kept *kept_of(struct wh_list *node)
{
    return WH_CONTAINER_OF(node, struct kept, node);
}

/* Appends to the text of a cookie. */
static struct wh_slice put(char **at, struct wh_slice text)
{
    struct wh_slice copy = wh_slice_of(*at, text.len);
    memcpy(*at, text.data, text.len);
    *at += text.len;
    return copy;
}

/* Lengths are bounded: by WH_COOKIE_MAX, WH_COOKIE_ATTRIBUTE_MAX, and that of a host. */
static struct kept *new_kept(const struct wh_cookie *cookie)
{
    size_t pair_len = cookie->name.len + 1 + cookie->value.len;
    struct kept *kept = wh_alloc(sizeof(*kept) + pair_len + cookie->domain.len + cookie->path.len);
    if (!kept) {
        return NULL;
    }
    char *at = kept->text;
    kept->cookie = *cookie;
    kept->pair = wh_slice_of(at, pair_len);
    kept->cookie.name = put(&at, cookie->name);
    put(&at, wh_slice_of("=", 1));
    kept->cookie.value = put(&at, cookie->value);
    kept->cookie.domain = put(&at, cookie->domain);
    kept->cookie.path = put(&at, cookie->path);
    return kept;
}

static void free_all(struct wh_list *list)
{
    struct wh_list *node;
    while ((node = wh_list_take_first(list))) {
        wh_free(kept_of(node));
    }
}

void wh_cookie_jar_init(struct wh_cookie_jar *jar)
{
    pthread_mutex_init(&jar->lock, NULL);
    wh_list_init(&jar->cookies);
    atomic_init(&jar->count, 0);
}

void wh_cookie_jar_finish(struct wh_cookie_jar *jar)
{
    free_all(&jar->cookies);
    pthread_mutex_destroy(&jar->lock);
}

bool wh_cookie_jar_is_empty(const struct wh_cookie_jar *jar)
{
    return atomic_load_explicit(&jar->count, memory_order_relaxed) == 0;
}

/* --- under the lock ------------------------------------------------------------------------- */

/* To be freed when the lock is let go. */
static void drop(struct wh_cookie_jar *jar, struct wh_list *node, struct wh_list *dropped)
{
    wh_list_remove(node);
    wh_list_append(dropped, node);
    atomic_fetch_sub_explicit(&jar->count, 1, memory_order_relaxed);
}

static void drop_ended(struct wh_cookie_jar *jar, int64_t now_s, struct wh_list *dropped)
{
    struct wh_list *next;
    for (struct wh_list *at = jar->cookies.next; at != &jar->cookies; at = next) {
        next = at->next;
        if (kept_of(at)->cookie.ends_s <= now_s) {
            drop(jar, at, dropped);
        }
    }
}

static struct wh_list *find_same(struct wh_cookie_jar *jar, const struct wh_cookie *cookie)
{
    struct wh_list *at = jar->cookies.next;
    while (at != &jar->cookies && !wh_cookie_is_same(&kept_of(at)->cookie, cookie)) {
        at = at->next;
    }
    return at == &jar->cookies ? NULL : at;
}

/* RFC 6265bis, 5.7: what https has set, http neither replaces nor hides. */
static bool is_protected(struct wh_cookie_jar *jar, const struct wh_cookie *cookie)
{
    struct wh_list *at = jar->cookies.next;
    while (at != &jar->cookies &&
           !(kept_of(at)->cookie.is_secure && wh_cookie_is_rival(cookie, &kept_of(at)->cookie))) {
        at = at->next;
    }
    return at != &jar->cookies;
}

/* Of the domain, or of all when it is NULL: how many, and the one that goes first. */
static size_t count(struct wh_cookie_jar *jar, const struct wh_slice *domain,
                    struct wh_list **out_first)
{
    struct wh_list *oldest = NULL;
    struct wh_list *oldest_open = NULL; /* not for https alone */
    size_t found = 0;
    for (struct wh_list *at = jar->cookies.next; at != &jar->cookies; at = at->next) {
        const struct wh_cookie *cookie = &kept_of(at)->cookie;
        if (!domain || wh_slice_equal_nocase(cookie->domain, *domain)) {
            found++;
            oldest = at;
            oldest_open = cookie->is_secure ? oldest_open : at;
        }
    }
    *out_first = oldest_open ? oldest_open : oldest;
    return found;
}

/* One has been added. */
static void make_room(struct wh_cookie_jar *jar, struct wh_slice domain, struct wh_list *dropped)
{
    struct wh_list *first;
    if (count(jar, &domain, &first) > WH_COOKIE_JAR_DOMAIN_MAX) {
        drop(jar, first, dropped);
    }
    if (atomic_load_explicit(&jar->count, memory_order_relaxed) > WH_COOKIE_JAR_MAX) {
        count(jar, NULL, &first);
        drop(jar, first, dropped);
    }
}

/* --- from outside --------------------------------------------------------------------------- */

int wh_cookie_jar_store(struct wh_cookie_jar *jar, struct wh_slice set_cookie,
                        const struct wh_cookie_peer *from, int64_t now_s)
{
    struct wh_cookie cookie;
    if (!wh_cookie_parse(set_cookie, from, now_s, &cookie)) {
        return 0;
    }
    bool is_ended = cookie.ends_s <= now_s;
    struct kept *fresh = is_ended ? NULL : new_kept(&cookie);
    if (!fresh && !is_ended) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct wh_list dropped;
    wh_list_init(&dropped);
    pthread_mutex_lock(&jar->lock);
    drop_ended(jar, now_s, &dropped);
    if (from->is_secure || !is_protected(jar, &cookie)) {
        struct wh_list *same = find_same(jar, &cookie);
        if (same) {
            drop(jar, same, &dropped);
        }
        if (fresh) {
            wh_list_prepend(&jar->cookies, &fresh->node);
            atomic_fetch_add_explicit(&jar->count, 1, memory_order_relaxed);
            make_room(jar, cookie.domain, &dropped);
            fresh = NULL;
        }
    }
    pthread_mutex_unlock(&jar->lock);
    free_all(&dropped);
    wh_free(fresh);
    return 0;
}

int wh_cookie_jar_write(struct wh_cookie_jar *jar, const struct wh_cookie_peer *to, int64_t now_s,
                        struct wh_buffer *out)
{
    size_t start = out->len;
    int error = 0;
    pthread_mutex_lock(&jar->lock);
    for (struct wh_list *at = jar->cookies.next; at != &jar->cookies && !error; at = at->next) {
        const struct kept *kept = kept_of(at);
        if (kept->cookie.ends_s > now_s && wh_cookie_is_for(&kept->cookie, to)) {
            error = out->len > start ? wh_buffer_append_text(out, "; ") : 0;
            error = error ? error : wh_buffer_append(out, kept->pair.data, kept->pair.len);
        }
    }
    pthread_mutex_unlock(&jar->lock);
    if (error) {
        out->len = start;
    }
    return error;
}
