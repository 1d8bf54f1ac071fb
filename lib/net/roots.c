/* SPDX-License-Identifier: MIT */
#include "net/roots.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/tls_crl.h"

static struct {
    pthread_mutex_t lock;
    struct wh_list all;
} known = {PTHREAD_MUTEX_INITIALIZER, {&known.all, &known.all}};

/* NULL is none. */
static struct wh_slice slice_of(const char *path)
{
    return path ? wh_slice_text(path) : wh_slice_of(NULL, 0);
}

static bool is_equal(const struct wh_roots_spec *a, const struct wh_roots_spec *b)
{
    return a->is_alone == b->is_alone && wh_slice_equal(slice_of(a->path), slice_of(b->path)) &&
           wh_slice_equal(slice_of(a->crl_path), slice_of(b->crl_path)) &&
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

/* With its NUL, behind the others; NULL for none. */
static const char *put(char **at, struct wh_slice text)
{
    char *copy = *at;
    if (!text.len) {
        return NULL;
    }
    memcpy(copy, text.data, text.len);
    *at += text.len + 1;
    return copy;
}

/* One allocation: the texts stand behind the struct. */
static struct wh_roots *make_roots(const struct wh_roots_spec *spec)
{
    struct wh_slice path = slice_of(spec->path);
    struct wh_slice crl_path = slice_of(spec->crl_path);
    size_t size;
    if (!wh_size_add(sizeof(struct wh_roots) + path.len + crl_path.len + 3, spec->text.len,
                     &size)) {
        return NULL;
    }
    struct wh_roots *roots = wh_calloc(1, size);
    if (!roots) {
        return NULL;
    }
    char *at = (char *)(roots + 1);
    roots->spec.text = wh_slice_of(put(&at, spec->text), spec->text.len);
    roots->spec.path = put(&at, path);
    roots->spec.crl_path = put(&at, crl_path);
    roots->spec.is_alone = spec->is_alone;
    roots->refs = 1;
    return roots;
}

static void free_roots(struct wh_roots *roots)
{
    if (roots) {
        wh_trust_shelf_clear(&roots->shelf);
        wh_tls_crl_shelf_clear(&roots->crl_shelf);
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
    if (!spec->text.len && !slice_of(spec->path).len && !slice_of(spec->crl_path).len &&
        !spec->is_alone) {
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

/* Why a path has nothing of what it should have. */
static int find_path_error(const char *path)
{
    if (access(path, R_OK) == 0) {
        return ERROR_INVALID_DATA;
    }
    return errno == EACCES ? ERROR_ACCESS_DENIED : ERROR_FILE_NOT_FOUND;
}

static int check_crls(struct wh_roots *roots)
{
    struct wh_tls_crls *crls;
    int error = wh_tls_crl_files_ref(&roots->crl_shelf, roots->spec.crl_path, &crls);
    if (!error) {
        error = wh_tls_crls_count(crls) ? 0 : find_path_error(roots->spec.crl_path);
        wh_tls_crls_unref(crls);
    }
    return error;
}

/* Whether there is something to trust where a part says so. */
static int check(struct wh_roots *roots, enum wh_roots_part part)
{
    if (part == WH_ROOTS_CRLS) {
        return roots && roots->spec.crl_path ? check_crls(roots) : 0;
    }
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
    case WH_ROOTS_CRLS:
        all.crl_path = spec->crl_path;
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
