/* SPDX-License-Identifier: MIT */
/*
 * A store remembers the sources it was read from: each path with what stat said of it, as text. The
 * current store is good as long as the same text comes out again.
 */
#include "net/trust.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "net/tls_mbedtls.h"

/* Debian, Alpine; Fedora, RHEL; openSUSE; OpenBSD, macOS; FreeBSD; then folders of the same. */
static const char *const usual_places[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/ssl/certs",
};

enum { FILE_MAX = 16 * 1024 * 1024 };

#if MBEDTLS_VERSION_MAJOR < 3

/*
 * 2.28 keeps multiples of a curve's base point in each key's group, made when a signature is first
 * checked, which is no thing to do in two threads at once. So the store makes them, once per curve,
 * before it is shared, and lends them to its keys. 3.6 has them as constants.
 */
struct curve_tables {
    mbedtls_ecp_group groups[MBEDTLS_ECP_DP_CURVE448 + 1];
};

/* The group of a certificate's key, if verification would write to it. */
static mbedtls_ecp_group *find_group(mbedtls_x509_crt *certificate)
{
    if (!mbedtls_pk_can_do(&certificate->pk, MBEDTLS_PK_ECKEY)) {
        return NULL;
    }
    mbedtls_ecp_group *group = &mbedtls_pk_ec(certificate->pk)->grp;
    return (size_t)group->id <= MBEDTLS_ECP_DP_CURVE448 ? group : NULL;
}

/* Multiplying the base point by one leaves the table behind in the group. */
static int make_table(mbedtls_ecp_group *group, mbedtls_ecp_group_id id)
{
    mbedtls_ecp_point point;
    mbedtls_mpi one;
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&one);
    int ret = mbedtls_ecp_group_load(group, id);
    if (ret == 0) {
        ret = mbedtls_mpi_lset(&one, 1);
    }
    if (ret == 0) {
        ret = mbedtls_ecp_mul(group, &point, &one, &group->G, NULL, NULL);
    }
    mbedtls_mpi_free(&one);
    mbedtls_ecp_point_free(&point);
    return ret;
}

static int lend_tables(struct curve_tables *tables, mbedtls_x509_crt *first)
{
    for (mbedtls_x509_crt *certificate = first; certificate; certificate = certificate->next) {
        mbedtls_ecp_group *group = find_group(certificate);
        if (!group) {
            continue;
        }
        mbedtls_ecp_group *lender = &tables->groups[group->id];
        if (!lender->T && make_table(lender, group->id) != 0) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
        group->T = lender->T;
        group->T_size = lender->T_size;
    }
    return 0;
}

static void take_tables_back(struct curve_tables *tables, mbedtls_x509_crt *first)
{
    for (mbedtls_x509_crt *certificate = first; certificate; certificate = certificate->next) {
        mbedtls_ecp_group *group = find_group(certificate);
        if (group) {
            group->T = NULL;
            group->T_size = 0;
        }
    }
    for (size_t i = 0; i <= MBEDTLS_ECP_DP_CURVE448; i++) {
        mbedtls_ecp_group_free(&tables->groups[i]);
    }
}

#else

struct curve_tables {
    char unused;
};

static int lend_tables(struct curve_tables *tables, mbedtls_x509_crt *first)
{
    (void)tables;
    (void)first;
    return 0;
}

static void take_tables_back(struct curve_tables *tables, mbedtls_x509_crt *first)
{
    (void)tables;
    (void)first;
}

#endif

/* Counted; held by whoever asked for it and by `shared`. Changes no more once it is shared. */
struct wh_trust {
    atomic_uint refs;
    struct wh_buffer sources;
    bool is_partial; /* something that is there could not be read: not to be relied on for long */
    mbedtls_x509_crt certificates;
    struct curve_tables tables;
};

static struct {
    pthread_mutex_t lock;
    struct wh_trust *current;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Held by the one thread that reads files; taken before shared.lock, never after it. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

void wh_trust_ref(struct wh_trust *trust)
{
    atomic_fetch_add(&trust->refs, 1);
}

void wh_trust_unref(struct wh_trust *trust)
{
    if (!trust || atomic_fetch_sub(&trust->refs, 1) != 1) {
        return;
    }
    take_tables_back(&trust->tables, &trust->certificates);
    mbedtls_x509_crt_free(&trust->certificates);
    wh_buffer_finish(&trust->sources);
    wh_free(trust);
}

struct mbedtls_x509_crt *wh_trust_find_first(struct wh_trust *trust)
{
    return trust->certificates.raw.p ? &trust->certificates : NULL;
}

/* A source: its path, NUL, what would change with its contents, NUL. */
static int append_source(struct wh_buffer *sources, const char *path, size_t path_len)
{
    size_t start = sources->len;
    if (wh_buffer_append(sources, path, path_len) || wh_buffer_append(sources, "", 1)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct stat info;
    if (stat(sources->data + start, &info) != 0) {
        return wh_buffer_append(sources, "", 1);
    }
    const unsigned long long traits[] = {
        (unsigned long long)info.st_mtim.tv_sec, (unsigned long long)info.st_mtim.tv_nsec,
        (unsigned long long)info.st_size, (unsigned long long)info.st_ino,
        (unsigned long long)info.st_dev};
    int error = 0;
    for (size_t i = 0; !error && i < sizeof(traits) / sizeof(traits[0]); i++) {
        error = wh_buffer_append_number(sources, traits[i]);
        error = error ? error : wh_buffer_append_text(sources, " ");
    }
    return error ? error : wh_buffer_append(sources, "", 1);
}

/* Each folder of a list with colons between them. */
static int append_folders(struct wh_buffer *sources, const char *list)
{
    for (;;) {
        size_t len = strcspn(list, ":");
        int error = len ? append_source(sources, list, len) : 0;
        if (error || list[len] == '\0') {
            return error;
        }
        list += len + 1;
    }
}

static int append_usual_place(struct wh_buffer *sources)
{
    for (size_t i = 0; i < sizeof(usual_places) / sizeof(usual_places[0]); i++) {
        struct stat info;
        if (stat(usual_places[i], &info) == 0) {
            return append_source(sources, usual_places[i], strlen(usual_places[i]));
        }
    }
    return 0;
}

static int list_sources(struct wh_buffer *sources)
{
    const char *file = getenv("SSL_CERT_FILE");
    const char *folders = getenv("SSL_CERT_DIR");
    bool has_file = file && *file;
    bool has_folders = folders && *folders;
    if (!has_file && !has_folders) {
        return append_usual_place(sources);
    }
    int error = has_file ? append_source(sources, file, strlen(file)) : 0;
    return !error && has_folders ? append_folders(sources, folders) : error;
}

/* Adds what can be read of one path; only a lack of memory is an error. */
static int read_source(struct wh_trust *trust, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return 0;
    }
    int ret = 0;
    if (S_ISDIR(info.st_mode)) {
        ret = mbedtls_x509_crt_parse_path(&trust->certificates, path);
    } else if (S_ISREG(info.st_mode) && info.st_size <= FILE_MAX) {
        ret = mbedtls_x509_crt_parse_file(&trust->certificates, path);
    }
    trust->is_partial = trust->is_partial || ret < 0;
    return ret == MBEDTLS_ERR_X509_ALLOC_FAILED || ret == MBEDTLS_ERR_PK_ALLOC_FAILED
               ? ERROR_NOT_ENOUGH_MEMORY
               : 0;
}

static int read_sources(struct wh_trust *trust)
{
    const char *at = trust->sources.data;
    const char *end = at + trust->sources.len;
    while (at < end) {
        int error = read_source(trust, at);
        if (error) {
            return error;
        }
        at += strlen(at) + 1;
        at += strlen(at) + 1;
    }
    return lend_tables(&trust->tables, wh_trust_find_first(trust));
}

/* A new store of these sources, whose list moves into it. */
static int make_trust(struct wh_buffer *sources, struct wh_trust **out)
{
    struct wh_trust *trust = wh_calloc(1, sizeof(*trust));
    if (!trust) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&trust->refs, 1);
    mbedtls_x509_crt_init(&trust->certificates);
    trust->sources = *sources;
    *sources = (struct wh_buffer){0};
    int error = trust->sources.len ? read_sources(trust) : 0;
    if (error) {
        wh_trust_unref(trust);
        return error;
    }
    *out = trust;
    return 0;
}

/* The current store if it was read from these sources, with a reference; else NULL. */
static struct wh_trust *ref_if_current(const struct wh_buffer *sources)
{
    struct wh_trust *trust = NULL;
    pthread_mutex_lock(&shared.lock);
    if (shared.current && shared.current->sources.len == sources->len &&
        (!sources->len || memcmp(shared.current->sources.data, sources->data, sources->len) == 0)) {
        trust = shared.current;
        wh_trust_ref(trust);
    }
    pthread_mutex_unlock(&shared.lock);
    return trust;
}

static void share(struct wh_trust *trust)
{
    wh_trust_ref(trust);
    pthread_mutex_lock(&shared.lock);
    struct wh_trust *old = shared.current;
    shared.current = trust;
    pthread_mutex_unlock(&shared.lock);
    wh_trust_unref(old);
}

/* While another thread reads the same sources, waiting for it is the quickest way. */
static int read_anew(struct wh_buffer *sources, struct wh_trust **out)
{
    int error = 0;
    pthread_mutex_lock(&reading);
    struct wh_trust *trust = ref_if_current(sources);
    if (!trust) {
        error = make_trust(sources, &trust);
        if (!error && !trust->is_partial) {
            share(trust);
        }
    }
    pthread_mutex_unlock(&reading);
    if (!error) {
        *out = trust;
    }
    return error;
}

int wh_trust_ref_current(struct wh_trust **out)
{
    struct wh_buffer sources = {0};
    int error = list_sources(&sources);
    if (!error) {
        struct wh_trust *trust = ref_if_current(&sources);
        error = trust ? 0 : read_anew(&sources, &trust);
        if (!error) {
            *out = trust;
        }
    }
    wh_buffer_finish(&sources);
    return error;
}
