/* SPDX-License-Identifier: MIT */
/*
 * One configuration per range of protocols and trust store, kept in a short list as long as its
 * store is the current one: that of clients nobody knows, or the identity's. Below it, one source of
 * random numbers for the process.
 */
#include "net/tls_config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/list.h"
#include "net/tls_identity.h"
#include "net/tls_keylog.h"
#include "net/tls_mbedtls.h"
#include "net/tls_suite.h"
#include "net/trust.h"
#include "winhttp/constants.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    DEFAULT_PROTOCOLS = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3
};

/* What this mbedTLS can speak, oldest first. */
static const struct {
    uint32_t bit;
    const char *name; /* as mbedtls_ssl_get_version says it */
    int number; /* for wh_mbedtls_set_versions */
} protocols_known[] = {
#ifdef MBEDTLS_SSL_PROTO_TLS1
    {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1, "TLSv1.0", WH_MBEDTLS_TLS1_0},
#endif
#ifdef MBEDTLS_SSL_PROTO_TLS1_1
    {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1, "TLSv1.1", WH_MBEDTLS_TLS1_1},
#endif
#ifdef MBEDTLS_SSL_PROTO_TLS1_2
    {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2, "TLSv1.2", WH_MBEDTLS_TLS1_2},
#endif
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
    {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3, "TLSv1.3", WH_MBEDTLS_TLS1_3},
#endif
};

/* Fast ones first; secp521r1 is there because certificates may have such a key. */
static const wh_mbedtls_group groups[] = WH_MBEDTLS_GROUPS;

static const wh_mbedtls_signature signatures[] = WH_MBEDTLS_SIGNATURES;
static const wh_mbedtls_signature signatures_1_2[] = WH_MBEDTLS_SIGNATURES_1_2;

/* Counted; held by connections, their sessions, and the list below. Changes no more once listed. */
struct wh_tls_config {
    atomic_uint refs;
    size_t lowest; /* indices into protocols_known */
    size_t highest;
    struct wh_trust *trust;
    struct wh_tls_credential *credential; /* NULL: the client is nobody */
    uint64_t number;
    mbedtls_ssl_config ssl;
    struct wh_list link; /* under its list's lock */
};

static struct wh_tls_config_list of_nobody = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .configs = {&of_nobody.configs, &of_nobody.configs},
};

static struct {
    pthread_mutex_t lock;
    pid_t owner; /* 0 before the first use */
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context generator;
} randomness = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int start_random(void)
{
    mbedtls_entropy_init(&randomness.entropy);
    mbedtls_ctr_drbg_init(&randomness.generator);
    int ret = mbedtls_ctr_drbg_seed(&randomness.generator, mbedtls_entropy_func,
                                    &randomness.entropy, NULL, 0);
    if (ret) {
        mbedtls_ctr_drbg_free(&randomness.generator);
        mbedtls_entropy_free(&randomness.entropy);
    }
    return ret;
}

/* Ready to draw from, in this process: a forked child must not repeat its parent's numbers. */
static int prepare_random(void)
{
    pid_t self = getpid();
    if (randomness.owner == self) {
        return 0;
    }
    int ret =
        randomness.owner ? mbedtls_ctr_drbg_reseed(&randomness.generator, NULL, 0) : start_random();
    if (ret == 0) {
        randomness.owner = self;
    }
    return ret;
}

int wh_tls_random(void *context, unsigned char *out, size_t len)
{
    (void)context;
    pthread_mutex_lock(&randomness.lock);
    int ret = prepare_random();
    while (ret == 0 && len) {
        size_t part = len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len : MBEDTLS_CTR_DRBG_MAX_REQUEST;
        ret = mbedtls_ctr_drbg_random(&randomness.generator, out, part);
        out += part;
        len -= part;
    }
    pthread_mutex_unlock(&randomness.lock);
    return ret;
}

uint32_t wh_tls_protocol_find(const char *name)
{
    for (size_t i = 0; i < COUNT(protocols_known); i++) {
        if (strcmp(protocols_known[i].name, name) == 0) {
            return protocols_known[i].bit;
        }
    }
    return 0;
}

/* The run of wanted protocols that ends with the newest of them. */
static int find_range(uint32_t wanted, size_t *lowest, size_t *highest)
{
    size_t end = COUNT(protocols_known);
    while (end && !(protocols_known[end - 1].bit & wanted)) {
        end--;
    }
    if (end == 0) {
        return ERROR_WINHTTP_SECURE_FAILURE;
    }
    size_t start = end - 1;
    while (start && (protocols_known[start - 1].bit & wanted)) {
        start--;
    }
    *lowest = start;
    *highest = end - 1;
    return 0;
}

void wh_tls_config_ref(struct wh_tls_config *config)
{
    atomic_fetch_add(&config->refs, 1);
}

void wh_tls_config_unref(struct wh_tls_config *config)
{
    if (!config || atomic_fetch_sub(&config->refs, 1) != 1) {
        return;
    }
    mbedtls_ssl_config_free(&config->ssl);
    wh_tls_credential_unref(config->credential);
    wh_trust_unref(config->trust);
    wh_free(config);
}

uint64_t wh_tls_config_number(const struct wh_tls_config *config)
{
    return config->number;
}

const struct mbedtls_ssl_config *wh_tls_config_find_ssl(const struct wh_tls_config *config)
{
    return &config->ssl;
}

struct wh_trust *wh_tls_config_find_trust(const struct wh_tls_config *config)
{
    return config->trust;
}

/* The certificate is looked at here but judged by us: see tls_verify.c. */
static int configure(struct wh_tls_config *config)
{
    mbedtls_ssl_config *ssl = &config->ssl;
    bool has_old = !(protocols_known[config->lowest].bit & DEFAULT_PROTOCOLS);
    bool has_1_3 = protocols_known[config->highest].bit & WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
    int ret = mbedtls_ssl_config_defaults(ssl, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                          MBEDTLS_SSL_PRESET_DEFAULT);
    if (ret) {
        return ret;
    }
    wh_mbedtls_set_versions(ssl, protocols_known[config->lowest].number,
                            protocols_known[config->highest].number);
    mbedtls_ssl_conf_ciphersuites(ssl, has_old ? wh_tls_suite_list_old() : wh_tls_suite_list());
    wh_mbedtls_set_groups(ssl, groups);
    wh_mbedtls_set_signatures(ssl, has_1_3 ? signatures : signatures_1_2);
    mbedtls_ssl_conf_rng(ssl, wh_tls_random, NULL);
    mbedtls_ssl_conf_authmode(ssl, MBEDTLS_SSL_VERIFY_OPTIONAL);
    mbedtls_ssl_conf_cert_profile(ssl, &mbedtls_x509_crt_profile_next);
    mbedtls_ssl_conf_ca_chain(ssl, wh_trust_find_first(config->trust), NULL);
#ifdef MBEDTLS_SSL_RENEGOTIATION
    mbedtls_ssl_conf_renegotiation(ssl, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
    wh_mbedtls_want_tickets(ssl);
    wh_tls_keylog_configure(ssl);
    return config->credential
               ? mbedtls_ssl_conf_own_cert(ssl, wh_tls_credential_find_chain(config->credential),
                                           wh_tls_credential_find_key(config->credential))
               : 0;
}

/* What a configuration is made of. */
struct plan {
    size_t lowest; /* indices into protocols_known */
    size_t highest;
    struct wh_trust *trust;
    struct wh_tls_credential *credential;
};

static int make_config(const struct plan *plan, struct wh_tls_config **out)
{
    static _Atomic uint64_t numbers;
    struct wh_tls_config *config = wh_calloc(1, sizeof(*config));
    if (!config) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&config->refs, 1);
    wh_list_init(&config->link);
    config->number = atomic_fetch_add(&numbers, 1) + 1;
    config->lowest = plan->lowest;
    config->highest = plan->highest;
    wh_trust_ref(plan->trust);
    config->trust = plan->trust;
    if (plan->credential) {
        wh_tls_credential_ref(plan->credential);
        config->credential = plan->credential;
    }
    mbedtls_ssl_config_init(&config->ssl);
    if (configure(config) != 0) {
        wh_tls_config_unref(config);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *out = config;
    return 0;
}

/* --- lists ---------------------------------------------------------------------------------- */

void wh_tls_config_list_init(struct wh_tls_config_list *list)
{
    pthread_mutex_init(&list->lock, NULL);
    wh_list_init(&list->configs);
}

static void unref_all(struct wh_list *configs)
{
    for (struct wh_list *link; (link = wh_list_take_first(configs)) != NULL;) {
        wh_tls_config_unref(WH_CONTAINER_OF(link, struct wh_tls_config, link));
    }
}

void wh_tls_config_list_finish(struct wh_tls_config_list *list)
{
    unref_all(&list->configs);
    pthread_mutex_destroy(&list->lock);
}

/* Under the list's lock. */
static struct wh_tls_config *find_listed(const struct wh_tls_config_list *list,
                                         const struct plan *plan)
{
    for (struct wh_list *at = list->configs.next; at != &list->configs; at = at->next) {
        struct wh_tls_config *config = WH_CONTAINER_OF(at, struct wh_tls_config, link);
        if (config->lowest == plan->lowest && config->highest == plan->highest &&
            config->trust == plan->trust) {
            return config;
        }
    }
    return NULL;
}

static struct wh_tls_config *ref_listed(struct wh_tls_config_list *list, const struct plan *plan)
{
    pthread_mutex_lock(&list->lock);
    struct wh_tls_config *config = find_listed(list, plan);
    if (config) {
        wh_tls_config_ref(config);
    }
    pthread_mutex_unlock(&list->lock);
    return config;
}

/* Under the list's lock: moves the configs that nobody will ask for again to a list of their own. */
static void unlist_outdated(struct wh_tls_config_list *list, struct wh_list *outdated)
{
    for (struct wh_list *at = list->configs.next, *next; at != &list->configs; at = next) {
        next = at->next;
        if (wh_trust_is_outdated(WH_CONTAINER_OF(at, struct wh_tls_config, link)->trust)) {
            wh_list_remove(at);
            wh_list_append(outdated, at);
        }
    }
}

/* Lists config, or answers the equal one that another thread has listed meanwhile. */
static struct wh_tls_config *list_config(struct wh_tls_config_list *list, const struct plan *plan,
                                         struct wh_tls_config *config)
{
    struct wh_list outdated;
    wh_list_init(&outdated);
    pthread_mutex_lock(&list->lock);
    unlist_outdated(list, &outdated);
    struct wh_tls_config *chosen = find_listed(list, plan);
    if (!chosen) {
        chosen = config;
        wh_list_append(&list->configs, &config->link);
    }
    wh_tls_config_ref(chosen);
    pthread_mutex_unlock(&list->lock);
    if (chosen != config) {
        wh_tls_config_unref(config);
    }
    unref_all(&outdated);
    return chosen;
}

static int ref_planned(struct wh_tls_config_list *list, const struct plan *plan,
                       struct wh_tls_config **out)
{
    struct wh_tls_config *config = ref_listed(list, plan);
    if (!config) {
        int error = make_config(plan, &config);
        if (error) {
            return error;
        }
        config = list_config(list, plan, config);
    }
    *out = config;
    return 0;
}

int wh_tls_config_ref_current(uint32_t protocols, struct wh_roots *roots,
                              struct wh_tls_identity *identity, struct wh_tls_config **out)
{
    struct plan plan = {
        .credential = identity ? wh_tls_identity_find_credential(identity) : NULL,
    };
    uint32_t wanted = protocols ? protocols : DEFAULT_PROTOCOLS;
    if (plan.credential) {
        wanted &= wh_tls_credential_protocols(plan.credential);
    }
    int error = find_range(wanted, &plan.lowest, &plan.highest);
    if (error) {
        return error;
    }
    if (wh_mbedtls_start() != 0) {
        return ERROR_WINHTTP_SECURE_FAILURE;
    }
    error = wh_trust_ref_current(roots, &plan.trust);
    if (!error) {
        error =
            ref_planned(identity ? wh_tls_identity_find_configs(identity) : &of_nobody, &plan, out);
        wh_trust_unref(plan.trust);
    }
    return error;
}
