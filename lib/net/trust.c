/* SPDX-License-Identifier: MIT */
/*
 * A store remembers where it comes from: the variables that name its files, or none, and the files
 * with what stat said of them. It is good as long as the same comes out again.
 *
 * The certificates of a session's own store are followed by those of the system's, in one list as
 * mbedTLS wants it; the store holds the one below for that.
 */
#include "net/trust.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/error.h"
#include "net/roots.h"
#include "net/tls_curves.h"
#include "net/tls_mbedtls.h"
#include "net/trust_sources.h"

enum { FILE_MAX = 16 * 1024 * 1024 };
enum { LOOK_MS = 2000 };

/* What a store is made from. Borrowed. */
struct origin {
    struct wh_trust_shelf *shelf;
    const char *file; /* SSL_CERT_FILE; "" for none, as the next */
    const char *folders;
    const struct wh_roots_spec *spec; /* NULL: the system */
    struct wh_trust *below; /* NULL for none */
};

/* Counted; held by whoever asked for it and by its shelf. Changes no more once it is there. */
struct wh_trust {
    atomic_uint refs;
    atomic_bool is_outdated;
    struct wh_buffer variables; /* both, each with its NUL */
    struct wh_trust_sources sources;
    bool is_partial; /* something that is there could not be read: not to be relied on for long */
    mbedtls_x509_crt certificates;
    mbedtls_x509_crt *last; /* that the ones of below follow; NULL for none */
    struct wh_tls_curves *curves;
    struct wh_trust *below;
    size_t of_text;
    size_t of_path;
    const char *advice;
};

/* For all shelves. */
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;
static struct wh_trust_shelf of_system;

/* Held by the one thread that reads files; taken before `looking`, never after it. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

void wh_trust_ref(struct wh_trust *trust)
{
    atomic_fetch_add(&trust->refs, 1);
}

static mbedtls_x509_crt *find_own(struct wh_trust *trust)
{
    return trust->certificates.raw.p ? &trust->certificates : NULL;
}

void wh_trust_unref(struct wh_trust *trust)
{
    if (!trust || atomic_fetch_sub(&trust->refs, 1) != 1) {
        return;
    }
    if (trust->last) {
        trust->last->next = NULL;
    }
    wh_tls_curves_take_back(trust->curves, find_own(trust));
    mbedtls_x509_crt_free(&trust->certificates);
    wh_trust_unref(trust->below);
    wh_trust_sources_finish(&trust->sources);
    wh_buffer_finish(&trust->variables);
    wh_free(trust);
}

bool wh_trust_is_outdated(const struct wh_trust *trust)
{
    return atomic_load(&trust->is_outdated);
}

struct mbedtls_x509_crt *wh_trust_find_first(struct wh_trust *trust)
{
    mbedtls_x509_crt *own = find_own(trust);
    return own || !trust->below ? own : find_own(trust->below);
}

size_t wh_trust_count_text(const struct wh_trust *trust)
{
    return trust->of_text;
}

size_t wh_trust_count_path(const struct wh_trust *trust)
{
    return trust->of_path;
}

const char *wh_trust_find_advice(struct wh_trust *trust)
{
    return wh_trust_find_first(trust) ? NULL : trust->advice;
}

/* --- reading -------------------------------------------------------------------------------- */

static size_t count_own(struct wh_trust *trust)
{
    size_t count = 0;
    for (const mbedtls_x509_crt *at = find_own(trust); at; at = at->next) {
        count++;
    }
    return count;
}

/* What mbedTLS says of certificates: all but a lack of memory leaves some out. */
static int translate(int ret)
{
    return wh_mbedtls_is_out_of_memory(ret) ? ERROR_NOT_ENOUGH_MEMORY : 0;
}

/* Adds what can be read of one path; only a lack of memory is an error. */
static int read_file(struct wh_trust *trust, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > FILE_MAX) {
        return 0;
    }
    int ret = mbedtls_x509_crt_parse_file(&trust->certificates, path);
    bool is_unread = ret == MBEDTLS_ERR_PK_FILE_IO_ERROR || ret == MBEDTLS_ERR_X509_FILE_IO_ERROR;
    trust->is_partial = trust->is_partial || (is_unread && access(path, R_OK) == 0);
    return translate(ret);
}

static int read_files(struct wh_trust *trust)
{
    int error = 0;
    const char *path = wh_trust_sources_find_next(&trust->sources, NULL);
    for (; path && !error; path = wh_trust_sources_find_next(&trust->sources, path)) {
        error = read_file(trust, path);
    }
    return error;
}

/* The NUL behind it is what makes mbedTLS look for PEM; in DER it is ignored. */
static int read_text(struct wh_trust *trust, struct wh_slice text)
{
    const unsigned char *data = (const unsigned char *)text.data;
    return text.len ? translate(mbedtls_x509_crt_parse(&trust->certificates, data, text.len + 1))
                    : 0;
}

static int read_all(struct wh_trust *trust, const struct origin *origin)
{
    int error = origin->spec ? read_text(trust, origin->spec->text) : 0;
    trust->of_text = count_own(trust);
    error = error ? error : read_files(trust);
    trust->of_path = count_own(trust) - trust->of_text;
    return error ? error : wh_tls_curves_lend(find_own(trust), &trust->curves);
}

/* Those of the store below come behind its own. */
static void put_upon(struct wh_trust *trust, struct wh_trust *below)
{
    if (!below) {
        return;
    }
    wh_trust_ref(below);
    trust->below = below;
    trust->last = find_own(trust);
    while (trust->last && trust->last->next) {
        trust->last = trust->last->next;
    }
    if (trust->last) {
        trust->last->next = find_own(below);
    }
}

static const char *advise(const struct origin *origin)
{
    if (origin->below) {
        return origin->below->advice;
    }
    if (origin->spec) {
        return "the session trusts no authority but its own, and has none: set "
               "WINHTTP_POSIX_OPTION_ROOTS or WINHTTP_POSIX_OPTION_ROOTS_FILE";
    }
    return *origin->file || *origin->folders
               ? "SSL_CERT_FILE and SSL_CERT_DIR name no certificate that can be read: correct or "
                 "unset them"
               : "this system has no trusted authorities: install the package ca-certificates, or "
                 "set SSL_CERT_FILE";
}

static int keep_variables(struct wh_buffer *variables, const struct origin *origin)
{
    int error = wh_buffer_append(variables, origin->file, strlen(origin->file) + 1);
    return error ? error
                 : wh_buffer_append(variables, origin->folders, strlen(origin->folders) + 1);
}

/* A new store of these sources, whose list moves into it. */
static int make_trust(const struct origin *origin, struct wh_trust_sources *sources,
                      struct wh_trust **out)
{
    struct wh_trust *trust = wh_calloc(1, sizeof(*trust));
    if (!trust) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&trust->refs, 1);
    atomic_init(&trust->is_outdated, false);
    mbedtls_x509_crt_init(&trust->certificates);
    trust->sources = *sources;
    *sources = (struct wh_trust_sources){0};
    trust->is_partial = trust->sources.is_partial;
    trust->advice = advise(origin);
    int error = keep_variables(&trust->variables, origin);
    error = error ? error : read_all(trust, origin);
    if (error) {
        wh_trust_unref(trust);
        return error;
    }
    put_upon(trust, origin->below);
    *out = trust;
    return 0;
}

/* --- looking -------------------------------------------------------------------------------- */

static bool has_variables(const struct wh_trust *trust, const struct origin *origin)
{
    const char *file = trust->variables.data;
    return strcmp(file, origin->file) == 0 && strcmp(file + strlen(file) + 1, origin->folders) == 0;
}

/* Under `looking`. */
static struct wh_trust *find_current(const struct origin *origin)
{
    struct wh_trust *trust = origin->shelf->current;
    return trust && trust->below == origin->below && has_variables(trust, origin) ? trust : NULL;
}

/* Without asking the system. With a reference, as the next; NULL when that is not enough. */
static struct wh_trust *ref_if_looked_at(const struct origin *origin)
{
    pthread_mutex_lock(&looking);
    struct wh_trust *trust = find_current(origin);
    if (trust && wh_clock_ms() - origin->shelf->looked_ms < LOOK_MS) {
        wh_trust_ref(trust);
    } else {
        trust = NULL;
    }
    pthread_mutex_unlock(&looking);
    return trust;
}

static struct wh_trust *ref_if_unchanged(const struct origin *origin,
                                         const struct wh_trust_sources *sources)
{
    pthread_mutex_lock(&looking);
    struct wh_trust *trust = find_current(origin);
    if (trust && wh_trust_sources_are_equal(&trust->sources, sources)) {
        origin->shelf->looked_ms = wh_clock_ms();
        wh_trust_ref(trust);
    } else {
        trust = NULL;
    }
    pthread_mutex_unlock(&looking);
    return trust;
}

/* trust may be NULL. */
static void shelve(struct wh_trust_shelf *shelf, struct wh_trust *trust)
{
    pthread_mutex_lock(&looking);
    struct wh_trust *old = shelf->current;
    shelf->current = trust;
    shelf->looked_ms = wh_clock_ms();
    pthread_mutex_unlock(&looking);
    if (old) {
        atomic_store(&old->is_outdated, true);
        wh_trust_unref(old);
    }
}

void wh_trust_shelf_clear(struct wh_trust_shelf *shelf)
{
    shelve(shelf, NULL);
}

static void keep(struct wh_trust_shelf *shelf, struct wh_trust *trust)
{
    if (trust->is_partial) {
        atomic_store(&trust->is_outdated, true);
        return;
    }
    wh_trust_ref(trust);
    shelve(shelf, trust);
}

/* While another thread reads the same sources, waiting for it is the quickest way. */
static int read_anew(const struct origin *origin, struct wh_trust_sources *sources,
                     struct wh_trust **out)
{
    int error = 0;
    pthread_mutex_lock(&reading);
    struct wh_trust *trust = ref_if_unchanged(origin, sources);
    if (!trust) {
        error = make_trust(origin, sources, &trust);
        if (!error) {
            keep(origin->shelf, trust);
        }
    }
    pthread_mutex_unlock(&reading);
    if (!error) {
        *out = trust;
    }
    return error;
}

static int list_sources(const struct origin *origin, struct wh_trust_sources *sources)
{
    if (origin->spec) {
        return origin->spec->path ? wh_trust_sources_add(sources, origin->spec->path) : 0;
    }
    if (!*origin->file && !*origin->folders) {
        return wh_trust_sources_add_system(sources, "");
    }
    int error = *origin->file ? wh_trust_sources_add(sources, origin->file) : 0;
    return error ? error : wh_trust_sources_add_list(sources, origin->folders);
}

static int ref_current(const struct origin *origin, struct wh_trust **out)
{
    struct wh_trust *trust = ref_if_looked_at(origin);
    if (trust) {
        *out = trust;
        return 0;
    }
    struct wh_trust_sources sources = {0};
    int error = list_sources(origin, &sources);
    if (!error) {
        trust = ref_if_unchanged(origin, &sources);
        error = trust ? 0 : read_anew(origin, &sources, &trust);
    }
    wh_trust_sources_finish(&sources);
    if (!error) {
        *out = trust;
    }
    return error;
}

static int ref_system(struct wh_trust **out)
{
    const char *file = wh_environment_find("SSL_CERT_FILE");
    const char *folders = wh_environment_find("SSL_CERT_DIR");
    const struct origin origin = {
        .shelf = &of_system, .file = file ? file : "", .folders = folders ? folders : ""};
    return ref_current(&origin, out);
}

int wh_trust_ref_current(struct wh_roots *roots, struct wh_trust **out)
{
    if (!roots) {
        return ref_system(out);
    }
    struct wh_trust *below = NULL;
    int error = roots->spec.is_alone ? 0 : ref_system(&below);
    if (error) {
        return error;
    }
    const struct origin origin = {
        .shelf = &roots->shelf, .file = "", .folders = "", .spec = &roots->spec, .below = below};
    error = ref_current(&origin, out);
    wh_trust_unref(below);
    return error;
}
