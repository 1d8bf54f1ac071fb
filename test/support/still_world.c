/* SPDX-License-Identifier: MIT */
/* The functions of others, in their place: the program's own come before those of shared libraries. */
#include "support/still_world.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <mbedtls/ctr_drbg.h>

enum { THE_TIME = 1700000000 };

static uint64_t drawn;

/* splitmix64 */
static unsigned char draw_byte(void)
{
    uint64_t z = drawn += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (unsigned char)(z ^ z >> 31);
}

int mbedtls_ctr_drbg_random(void *context, unsigned char *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++) {
        out[i] = draw_byte();
    }
    return 0;
}

time_t time(time_t *out)
{
    if (out) {
        *out = THE_TIME;
    }
    return THE_TIME;
}

void still_world_open(void)
{
    if (setenv("SSL_CERT_FILE", "/dev/null", 1) || unsetenv("SSL_CERT_DIR")) {
        abort();
    }
}

void still_world_rewind(void)
{
    drawn = 0;
}
