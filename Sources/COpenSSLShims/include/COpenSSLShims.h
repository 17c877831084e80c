// OpenSSL offers these as macros, which Swift does not import.
#ifndef REDOUBT_OPENSSL_SHIMS_H
#define REDOUBT_OPENSSL_SHIMS_H

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

static inline int redoubt_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline long redoubt_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}

static inline long redoubt_SSL_CTX_disable_session_cache(SSL_CTX *context) {
    return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

// Whether the subject alternative names of the certificate hold exactly this URI. A name with a zero byte inside never matches.
static inline int redoubt_X509_has_uri(X509 *certificate, const char *uri) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    if (names == NULL) {
        return 0;
    }
    size_t length = strlen(uri);
    int found = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_URI) {
            const ASN1_IA5STRING *text = name->d.uniformResourceIdentifier;
            found = (size_t)ASN1_STRING_length(text) == length && memcmp(ASN1_STRING_get0_data(text), uri, length) == 0;
        }
    }
    GENERAL_NAMES_free(names);
    return found;
}

#endif
