// Goes before the C library in the process of the mock brokers (LD_PRELOAD), and has them listen on the address that
// $REDOUBT_SHIM_ADDRESS names. librdkafka binds them to 127.0.0.1 and tells clients what the socket says of itself; nodes in
// network namespaces of their own would look for them at home.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int bind(int descriptor, const struct sockaddr *address, socklen_t length) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (!real) real = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "bind");
    const char *wanted = getenv("REDOUBT_SHIM_ADDRESS");
    struct sockaddr_in other;
    if (!wanted || length != sizeof other || address->sa_family != AF_INET) return real(descriptor, address, length);
    memcpy(&other, address, sizeof other);
    if (other.sin_addr.s_addr != htonl(INADDR_LOOPBACK)) return real(descriptor, address, length);
    if (inet_pton(AF_INET, wanted, &other.sin_addr) != 1) return real(descriptor, address, length);
    return real(descriptor, (const struct sockaddr *)&other, sizeof other);
}
