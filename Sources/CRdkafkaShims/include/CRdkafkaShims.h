// What Swift cannot import from librdkafka because it is variadic, made functions with fixed arguments.
#ifndef CRDKAFKA_SHIMS_H
#define CRDKAFKA_SHIMS_H

#include <stddef.h>
#include <stdint.h>
#include <librdkafka/rdkafka.h>

/// Queues one message; key and value are copied. A null `value` is a tombstone, and `timestamp` zero means now.
/// `headers` may be null; they belong to librdkafka only if the call succeeds.
static inline rd_kafka_resp_err_t redoubt_kafka_produce(
    rd_kafka_t *handle, const char *topic, int32_t partition, const void *key, size_t key_length, const void *value,
    size_t value_length, rd_kafka_headers_t *headers, int64_t timestamp, void *opaque) {
    if (headers) {
        return rd_kafka_producev(
            handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_VALUE((void *)value, value_length),
            RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    }
    return rd_kafka_producev(
        handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_TIMESTAMP(timestamp),
        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

#endif
