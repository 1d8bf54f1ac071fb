/* SPDX-License-Identifier: MIT */
#include "net/tls_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <mbedtls/platform_util.h>

#include "base/alloc.h"
#include "base/error.h"

enum { FILE_MAX = 1024 * 1024 };

int wh_tls_secret_init(struct wh_tls_secret *secret, size_t len)
{
    *secret = (struct wh_tls_secret){0};
    size_t size;
    unsigned char *data = wh_size_add(len, 1, &size) ? wh_alloc(size) : NULL;
    if (!data) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *secret = (struct wh_tls_secret){.data = data, .len = len, .cap = size};
    data[len] = '\0';
    return 0;
}

int wh_tls_secret_copy(struct wh_tls_secret *secret, struct wh_slice from)
{
    int error = wh_tls_secret_init(secret, from.len);
    if (!error && from.len) {
        memcpy(secret->data, from.data, from.len);
    }
    return error;
}

static int error_of_file(void)
{
    return errno == ENOENT || errno == ENOTDIR ? ERROR_FILE_NOT_FOUND
           : errno == EACCES || errno == EPERM ? ERROR_ACCESS_DENIED
                                               : ERROR_READ_FAULT;
}

/* Until the end, or until there is one byte too many. */
static int read_all(int descriptor, struct wh_tls_secret *secret)
{
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len < secret->len) {
        do {
            got = read(descriptor, secret->data + len, secret->len - len);
        } while (got < 0 && errno == EINTR);
        len += got > 0 ? (size_t)got : 0;
    }
    secret->len = len;
    secret->data[len] = '\0';
    return got < 0 ? error_of_file() : len > FILE_MAX ? ERROR_INVALID_DATA : 0;
}

int wh_tls_secret_read(struct wh_tls_secret *secret, const char *path)
{
    *secret = (struct wh_tls_secret){0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return error_of_file();
    }
    int error = wh_tls_secret_init(secret, FILE_MAX + 1);
    error = error ? error : read_all(descriptor, secret);
    (void)close(descriptor);
    return error;
}

void wh_tls_secret_wipe(struct wh_tls_secret *secret)
{
    if (secret->data) {
        mbedtls_platform_zeroize(secret->data, secret->cap);
        wh_free(secret->data);
    }
    *secret = (struct wh_tls_secret){0};
}
