/* SPDX-License-Identifier: MIT */
#include "net/trust_sources.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Debian, Alpine, Arch; Fedora, RHEL, where the first is a link to the second, and in newer ones not
 * there; openSUSE, likewise; OpenBSD, FreeBSD, macOS, Alpine; FreeBSD's package.
 */
static const char *const system_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
};

/* All of them; Fedora; NetBSD. */
static const char *const system_folders[] = {
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/openssl/certs",
};

enum { HASH_LEN = 8 };

void wh_trust_sources_finish(struct wh_trust_sources *sources)
{
    wh_buffer_finish(&sources->text);
}

bool wh_trust_sources_are_equal(const struct wh_trust_sources *a, const struct wh_trust_sources *b)
{
    return wh_slice_equal(wh_slice_of(a->text.data, a->text.len),
                          wh_slice_of(b->text.data, b->text.len));
}

/* Behind a path that ends in its NUL: what stat says of it, and a NUL. */
static int append_traits(struct wh_buffer *text, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return wh_buffer_append(text, "", 1);
    }
    const unsigned long long traits[] = {
        (unsigned long long)info.st_mtim.tv_sec, (unsigned long long)info.st_mtim.tv_nsec,
        (unsigned long long)info.st_ctim.tv_sec, (unsigned long long)info.st_ctim.tv_nsec,
        (unsigned long long)info.st_size,        (unsigned long long)info.st_ino,
        (unsigned long long)info.st_dev};
    int error = 0;
    for (size_t i = 0; !error && i < COUNT(traits); i++) {
        error = wh_buffer_append_number(text, traits[i]);
        error = error ? error : wh_buffer_append_text(text, " ");
    }
    return error ? error : wh_buffer_append(text, "", 1);
}

static int append(struct wh_buffer *text, struct wh_slice path)
{
    size_t start = text->len;
    int error = wh_buffer_append(text, path.data, path.len);
    error = error ? error : wh_buffer_append(text, "", 1);
    return error ? error : append_traits(text, text->data + start);
}

static int append_inside(struct wh_buffer *text, struct wh_slice folder, const char *name)
{
    size_t start = text->len;
    int error = wh_buffer_append(text, folder.data, folder.len);
    error = error ? error : wh_buffer_append_text(text, "/");
    error = error ? error : wh_buffer_append(text, name, strlen(name) + 1);
    return error ? error : append_traits(text, text->data + start);
}

/* What is behind the hash and the dot; NULL for another name. */
static const char *find_kind(const char *name)
{
    size_t len = 0;
    while (len < HASH_LEN && wh_ascii_hex_value(name[len]) >= 0) {
        len++;
    }
    return len == HASH_LEN && name[len] == '.' ? name + len + 1 : NULL;
}

static bool is_hashed_certificate(const char *name)
{
    const char *kind = find_kind(name);
    return kind && wh_ascii_is_digit(*kind);
}

static bool is_hashed_crl(const char *name)
{
    const char *kind = find_kind(name);
    return kind && *kind == 'r' && wh_ascii_is_digit(kind[1]);
}

static bool is_visible(const char *name)
{
    return name[0] != '.';
}

static bool (*const wanted[])(const char *name) = {
    [WH_TRUST_CERTIFICATES] = is_hashed_certificate,
    [WH_TRUST_CRLS] = is_visible,
    [WH_TRUST_HASHED_CRLS] = is_hashed_crl,
};

/* Adds those that are wanted; how many there were. */
static int append_wanted(struct wh_buffer *text, DIR *dir, struct wh_slice folder,
                         bool (*is_wanted)(const char *name), size_t *out_count)
{
    int error = 0;
    struct dirent *entry;
    rewinddir(dir);
    while (!error && (entry = readdir(dir)) != NULL) {
        if (is_wanted(entry->d_name)) {
            error = append_inside(text, folder, entry->d_name);
            ++*out_count;
        }
    }
    return error;
}

static int add(struct wh_trust_sources *sources, struct wh_slice path, size_t *out_count)
{
    size_t start = sources->text.len;
    int error = append(&sources->text, path);
    DIR *dir = error ? NULL : opendir(sources->text.data + start);
    if (!dir) {
        sources->is_partial = sources->is_partial ||
                              (!error && errno != ENOTDIR && errno != ENOENT && errno != EACCES);
        return error;
    }
    error = append_wanted(&sources->text, dir, path, wanted[sources->kind], out_count);
    if (!error && *out_count == 0 && sources->kind == WH_TRUST_CERTIFICATES) {
        error = append_wanted(&sources->text, dir, path, is_visible, out_count);
    }
    closedir(dir);
    return error;
}

int wh_trust_sources_add(struct wh_trust_sources *sources, const char *path)
{
    size_t count = 0;
    return add(sources, wh_slice_text(path), &count);
}

int wh_trust_sources_add_list(struct wh_trust_sources *sources, const char *paths)
{
    struct wh_slice rest = wh_slice_text(paths);
    int error = 0;
    while (rest.len && !error) {
        size_t count = 0;
        struct wh_slice path = wh_slice_take_until(&rest, ':');
        error = path.len ? add(sources, path, &count) : 0;
    }
    return error;
}

/* Into a path with a NUL. */
static int join(struct wh_buffer *path, const char *root, const char *place)
{
    wh_buffer_clear(path);
    int error = wh_buffer_append_text(path, root);
    error = error ? error : wh_buffer_append_text(path, place);
    return error ? error : wh_buffer_append(path, "", 1);
}

static int add_system_file(struct wh_trust_sources *sources, const char *root,
                           struct wh_buffer *path)
{
    for (size_t i = 0; i < COUNT(system_files); i++) {
        struct stat info;
        int error = join(path, root, system_files[i]);
        if (error) {
            return error;
        }
        if (stat(path->data, &info) == 0 && S_ISREG(info.st_mode) && info.st_size) {
            return append(&sources->text, wh_slice_text(path->data));
        }
    }
    return 0;
}

/* The first one that has files. */
static int add_system_folder(struct wh_trust_sources *sources, const char *root,
                             struct wh_buffer *path)
{
    size_t count = 0;
    int error = 0;
    for (size_t i = 0; i < COUNT(system_folders) && !count && !error; i++) {
        error = join(path, root, system_folders[i]);
        error = error ? error : add(sources, wh_slice_text(path->data), &count);
    }
    return error;
}

int wh_trust_sources_add_system(struct wh_trust_sources *sources, const char *root)
{
    struct wh_buffer path = {0};
    size_t before = sources->text.len;
    int error = sources->kind == WH_TRUST_CERTIFICATES ? add_system_file(sources, root, &path) : 0;
    if (!error && sources->text.len == before) {
        error = add_system_folder(sources, root, &path);
    }
    wh_buffer_finish(&path);
    return error;
}

const char *wh_trust_sources_find_next(const struct wh_trust_sources *sources, const char *at)
{
    const char *next = sources->text.data;
    if (at) {
        next = at + strlen(at) + 1;
        next += strlen(next) + 1;
    }
    return sources->text.len && next < sources->text.data + sources->text.len ? next : NULL;
}
