#include <librdkafka/rdkafka.h>
// Brokers for tests, kept in memory: experimental by its own header's word, and wrong on everything transactional.
#include <librdkafka/rdkafka_mock.h>
