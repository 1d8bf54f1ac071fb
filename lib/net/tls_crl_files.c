/* SPDX-License-Identifier: MIT */
#include "net/tls_crl_files.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/error.h"
#include "net/tls_crl.h"

enum { FILE_MAX = 64 * 1024 * 1024 };
enum { LOOK_MS = 2000 };

static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static struct wh_tls_crl_shelf of_system;

/* ---- Reading ---- */

static int read_stream(FILE *file, struct wh_buffer *out)
{
    size_t got = 1;
    int error = 0;
    while (!error && got && out->len <= FILE_MAX) {
        error = wh_buffer_reserve(out, BUFSIZ);
        got = error ? 0 : fread(out->data + out->len, 1, BUFSIZ, file);
        out->len += got;
    }
    return error ? error : wh_buffer_append(out, "", 1);
}

static int add_file(struct wh_tls_crls *crls, const char *path)
{
    struct stat info;
    FILE *file = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? fopen(path, "rbe") : NULL;
    if (!file) {
        return 0;
    }
    struct wh_buffer text = {0};
    int error = read_stream(file, &text);
    if (!error) {
        error = wh_tls_crls_add(crls, wh_slice_of(text.data, text.len - 1));
    }
    wh_buffer_finish(&text);
    (void)fclose(file);
    return error;
}

static int add_files(struct wh_tls_crls *crls, const struct wh_trust_sources *sources)
{
    int error = 0;
    const char *path = wh_trust_sources_find_next(sources, NULL);
    for (; path && !error; path = wh_trust_sources_find_next(sources, path)) {
        error = add_file(crls, path);
    }
    return error;
}

/* ---- Shelves, under the lock ---- */

static void clear(struct wh_tls_crl_shelf *shelf)
{
    wh_tls_crls_unref(shelf->current);
    wh_trust_sources_finish(&shelf->sources);
    *shelf = (struct wh_tls_crl_shelf){0};
}

/* The list of sources moves into the shelf. */
static int read_anew(struct wh_tls_crl_shelf *shelf, struct wh_trust_sources *sources)
{
    struct wh_tls_crls *crls = wh_tls_crls_new();
    int error = crls ? add_files(crls, sources) : ERROR_NOT_ENOUGH_MEMORY;
    if (error) {
        wh_tls_crls_unref(crls);
        return error;
    }
    clear(shelf);
    shelf->current = crls;
    shelf->sources = *sources;
    *sources = (struct wh_trust_sources){0};
    return 0;
}

/* NULL for the system. */
static int list_sources(const char *path, struct wh_trust_sources *sources)
{
    if (path) {
        return wh_trust_sources_add(sources, path);
    }
    const char *folders = wh_environment_find("SSL_CERT_DIR");
    const char *file = wh_environment_find("SSL_CERT_FILE");
    bool is_named = (folders && *folders) || (file && *file);
    return is_named ? wh_trust_sources_add_list(sources, folders ? folders : "")
                    : wh_trust_sources_add_system(sources, "");
}

static int look(struct wh_tls_crl_shelf *shelf, const char *path)
{
    struct wh_trust_sources sources = {.kind = path ? WH_TRUST_CRLS : WH_TRUST_HASHED_CRLS};
    int error = list_sources(path, &sources);
    if (!error && !(shelf->current && wh_trust_sources_are_equal(&shelf->sources, &sources))) {
        error = read_anew(shelf, &sources);
    }
    if (!error) {
        shelf->looked_ms = wh_clock_ms();
    }
    wh_trust_sources_finish(&sources);
    return error;
}

static int ref_current(struct wh_tls_crl_shelf *shelf, const char *path, struct wh_tls_crls **out)
{
    pthread_mutex_lock(&reading);
    bool is_looked_at = shelf->current && wh_clock_ms() - shelf->looked_ms < LOOK_MS;
    int error = is_looked_at ? 0 : look(shelf, path);
    if (!error) {
        wh_tls_crls_ref(shelf->current);
        *out = shelf->current;
    }
    pthread_mutex_unlock(&reading);
    return error;
}

void wh_tls_crl_shelf_clear(struct wh_tls_crl_shelf *shelf)
{
    pthread_mutex_lock(&reading);
    clear(shelf);
    pthread_mutex_unlock(&reading);
}

int wh_tls_crl_files_ref(struct wh_tls_crl_shelf *shelf, const char *path, struct wh_tls_crls **out)
{
    return ref_current(shelf, path, out);
}

int wh_tls_crl_files_ref_system(struct wh_tls_crls **out)
{
    return ref_current(&of_system, NULL, out);
}
