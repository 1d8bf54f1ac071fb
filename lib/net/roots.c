/* SPDX-License-Identifier: MIT */
#include "net/roots.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"

static struct {
    pthread_mutex_t lock;
    struct wh_list all;
} known = {PTHREAD_MUTEX_INITIALIZER, {&known.all, &known.all}};

static struct wh_slice path_of(const struct wh_roots_spec *spec)
{
    return spec->path ? wh_slice_text(spec->path) : wh_slice_of(NULL, 0);
}

static bool is_equal(const struct wh_roots_spec *a, const struct wh_roots_spec *b)
{
    return a->is_alone == b->is_alone && wh_slice_equal(path_of(a), path_of(b)) &&
           wh_slice_equal(a->text, b->text);
}

/* Under the lock. With a reference. */
static struct wh_roots *ref_known(const struct wh_roots_spec *spec)
{
    for (struct wh_list *at = known.all.next; at != &known.all; at = at->next) {
        struct wh_roots *roots = WH_CONTAINER_OF(at, struct wh_roots, link);
        if (is_equal(&roots->spec, spec)) {
            roots->refs++;
            return roots;
        }
    }
    return NULL;
}

/* One allocation: the texts stand behind the struct. */
static struct wh_roots *make_roots(const struct wh_roots_spec *spec)
{
    struct wh_slice path = path_of(spec);
    size_t size;
    if (!wh_size_add(sizeof(struct wh_roots) + path.len + 2, spec->text.len, &size)) {
        return NULL;
    }
    struct wh_roots *roots = wh_calloc(1, size);
    if (!roots) {
        return NULL;
    }
    char *text = (char *)(roots + 1);
    char *path_copy = text + spec->text.len + 1;
    if (spec->text.len) {
        memcpy(text, spec->text.data, spec->text.len);
    }
    if (path.len) {
        memcpy(path_copy, path.data, path.len);
    }
    roots->spec.text = wh_slice_of(text, spec->text.len);
    roots->spec.path = path.len ? path_copy : NULL;
    roots->spec.is_alone = spec->is_alone;
    roots->refs = 1;
    return roots;
}

static void free_roots(struct wh_roots *roots)
{
    if (roots) {
        wh_trust_shelf_clear(&roots->shelf);
        wh_free(roots);
    }
}

/* What is known already, else what was made, which may be NULL. */
static struct wh_roots *ref_or_list(const struct wh_roots_spec *spec, struct wh_roots *made)
{
    pthread_mutex_lock(&known.lock);
    struct wh_roots *roots = ref_known(spec);
    if (!roots && made) {
        wh_list_append(&known.all, &made->link);
        roots = made;
    }
    pthread_mutex_unlock(&known.lock);
    return roots;
}

int wh_roots_open(const struct wh_roots_spec *spec, struct wh_roots **out)
{
    if (!spec->text.len && !path_of(spec).len && !spec->is_alone) {
        *out = NULL;
        return 0;
    }
    struct wh_roots *roots = ref_or_list(spec, NULL);
    struct wh_roots *made = roots ? NULL : make_roots(spec);
    if (!roots && !made) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (made) {
        roots = ref_or_list(spec, made);
        free_roots(roots == made ? NULL : made);
    }
    *out = roots;
    return 0;
}

/* Why a path has no certificates. */
static int find_path_error(const char *path)
{
    if (access(path, R_OK) == 0) {
        return ERROR_INVALID_DATA;
    }
    return errno == EACCES ? ERROR_ACCESS_DENIED : ERROR_FILE_NOT_FOUND;
}

/* Whether there is something to trust where a part says so. */
static int check(struct wh_roots *roots, enum wh_roots_part part)
{
    bool has_text = part == WH_ROOTS_TEXT && roots && roots->spec.text.len;
    bool has_path = part == WH_ROOTS_PATH && roots && roots->spec.path;
    struct wh_trust *trust = NULL;
    int error = has_text || has_path ? wh_trust_ref_current(roots, &trust) : 0;
    if (!trust) {
        return error;
    }
    if (has_text && !wh_trust_count_text(trust)) {
        error = ERROR_INVALID_DATA;
    } else if (has_path && !wh_trust_count_path(trust)) {
        error = find_path_error(roots->spec.path);
    }
    wh_trust_unref(trust);
    return error;
}

static struct wh_roots_spec combine(const struct wh_roots *before, enum wh_roots_part part,
                                    const struct wh_roots_spec *spec)
{
    struct wh_roots_spec all = before ? before->spec : (struct wh_roots_spec){0};
    switch (part) {
    case WH_ROOTS_TEXT:
        all.text = spec->text;
        break;
    case WH_ROOTS_PATH:
        all.path = spec->path;
        break;
    case WH_ROOTS_ALONE:
        all.is_alone = spec->is_alone;
        break;
    }
    return all;
}

int wh_roots_change(const struct wh_roots *before, enum wh_roots_part part,
                    const struct wh_roots_spec *spec, struct wh_roots **out)
{
    const struct wh_roots_spec all = combine(before, part, spec);
    struct wh_roots *roots;
    int error = wh_roots_open(&all, &roots);
    if (error) {
        return error;
    }
    error = check(roots, part);
    if (error) {
        wh_roots_unref(roots);
        return error;
    }
    *out = roots;
    return 0;
}

void wh_roots_ref(struct wh_roots *roots)
{
    if (roots) {
        pthread_mutex_lock(&known.lock);
        roots->refs++;
        pthread_mutex_unlock(&known.lock);
    }
}

void wh_roots_unref(struct wh_roots *roots)
{
    if (!roots) {
        return;
    }
    pthread_mutex_lock(&known.lock);
    bool is_last = --roots->refs == 0;
    if (is_last) {
        wh_list_remove(&roots->link);
    }
    pthread_mutex_unlock(&known.lock);
    free_roots(is_last ? roots : NULL);
}
