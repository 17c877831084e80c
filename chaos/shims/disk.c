// Goes before the C library in a node's process (LD_PRELOAD), and does to its data directory what disks do.
//
// Below $REDOUBT_SHIM_DATA
//   - writes and syncs wait while the file `stall` is in $REDOUBT_SHIM_CONTROL; each one that waits adds a byte to `stalled`;
//   - syncs take 30 ms longer while the file `slow` is there: then there is always something that is not synced yet;
//   - before a write, what it is about to change is kept in `undo/DEVICE-INODE`, and thrown away once a sync of that file
//     has succeeded. When the process has been killed, whoever plays the records back has the disk as it would be after a
//     loss of power: without what was written and not synced. (Names are not undone: files that were made or renamed stay.)
//
// A record is: offset, size of the file before, bytes kept, bytes written (four 64-bit numbers), then the bytes kept.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct record {
    uint64_t offset, size_before, kept, written;
};

static const char *data_directory, *control_directory;
static size_t data_length;
static pthread_once_t once = PTHREAD_ONCE_INIT;
// One lock for all files: the order of a file's writes and syncs must be the order of its records.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*next_write)(int, const void *, size_t);
static ssize_t (*next_pwrite)(int, const void *, size_t, off_t);
static int (*next_fsync)(int);
static int (*next_fdatasync)(int);
static int (*next_fallocate)(int, off_t, off_t);
static int (*next_truncate)(int, off_t);

static void load(void) {
    data_directory = getenv("REDOUBT_SHIM_DATA");
    control_directory = getenv("REDOUBT_SHIM_CONTROL");
    data_length = data_directory ? strlen(data_directory) : 0;
    next_write = dlsym(RTLD_NEXT, "write");
    next_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    next_fsync = dlsym(RTLD_NEXT, "fsync");
    next_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    next_fallocate = dlsym(RTLD_NEXT, "posix_fallocate64");
    next_truncate = dlsym(RTLD_NEXT, "ftruncate64");
    if (data_directory && control_directory) {
        char path[4096];
        snprintf(path, sizeof path, "%s/undo", control_directory);
        mkdir(path, 0700);
    }
}

// Whether a descriptor is a file of the data directory.
static int is_ours(int descriptor) {
    pthread_once(&once, load);
    if (!data_length || !control_directory) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= (ssize_t)data_length) return 0;
    path[length] = 0;
    return strncmp(path, data_directory, data_length) == 0 && path[data_length] == '/';
}

// Whether the harness has put a file of that name into the control directory.
static int is_told(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", control_directory, name);
    return access(path, F_OK) == 0;
}

static int is_stalled(void) { return is_told("stall"); }

static void wait_for_disk(void) {
    int saved = errno;
    if (is_stalled()) {
        char path[4096];
        snprintf(path, sizeof path, "%s/stalled", control_directory);
        int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (descriptor >= 0) {
            ssize_t ignored = next_write(descriptor, ".", 1);
            (void)ignored;
            close(descriptor);
        }
        struct timespec moment = {0, 2000000};
        while (is_stalled()) nanosleep(&moment, NULL);
    }
    errno = saved;
}

// 0, or -1 for what is no plain file.
static int undo_path(int descriptor, char *path, size_t capacity, struct stat *status) {
    if (fstat(descriptor, status) != 0 || !S_ISREG(status->st_mode)) return -1;
    snprintf(path, capacity, "%s/undo/%llu-%llu", control_directory, (unsigned long long)status->st_dev,
             (unsigned long long)status->st_ino);
    return 0;
}

// Keeps what a write is about to change. A write that can't be undone would be a lie: then the process ends.
static void keep(int descriptor, uint64_t offset, uint64_t count) {
    char path[4096];
    struct stat status;
    if (undo_path(descriptor, path, sizeof path, &status) != 0) return;
    uint64_t size = (uint64_t)status.st_size;
    uint64_t kept = offset >= size ? 0 : (size - offset < count ? size - offset : count);
    struct record record = {offset, size, kept, count};
    char *buffer = malloc(sizeof record + kept);
    if (!buffer) abort();
    memcpy(buffer, &record, sizeof record);
    uint64_t have = 0;
    if (kept) {
        // A node may hold the file open for writing alone.
        char own[64];
        snprintf(own, sizeof own, "/proc/self/fd/%d", descriptor);
        int reader = open(own, O_RDONLY | O_CLOEXEC);
        if (reader < 0) abort();
        while (have < kept) {
            ssize_t got = pread(reader, buffer + sizeof record + have, kept - have, (off_t)(offset + have));
            if (got <= 0) abort();
            have += (uint64_t)got;
        }
        close(reader);
    }
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || next_write(file, buffer, sizeof record + kept) != (ssize_t)(sizeof record + kept)) abort();
    close(file);
    free(buffer);
}

static int synced(int descriptor, int (*sync)(int)) {
    wait_for_disk();
    if (is_told("slow")) {
        struct timespec while_writing = {0, 30000000};
        nanosleep(&while_writing, NULL);
    }
    pthread_mutex_lock(&lock);
    int result = sync(descriptor);
    int saved = errno;
    char path[4096];
    struct stat status;
    if (result == 0 && undo_path(descriptor, path, sizeof path, &status) == 0) unlink(path);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (!is_ours(descriptor)) return next_pwrite(descriptor, bytes, count, offset);
    wait_for_disk();
    pthread_mutex_lock(&lock);
    keep(descriptor, (uint64_t)offset, count);
    ssize_t result = next_pwrite(descriptor, bytes, count, offset);
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (!is_ours(descriptor)) return next_write(descriptor, bytes, count);
    wait_for_disk();
    pthread_mutex_lock(&lock);
    struct stat status;
    int flags = fcntl(descriptor, F_GETFL);
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    if (flags >= 0 && (flags & O_APPEND) && fstat(descriptor, &status) == 0) offset = status.st_size;
    if (offset >= 0) keep(descriptor, (uint64_t)offset, count);
    ssize_t result = next_write(descriptor, bytes, count);
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}

int fsync(int descriptor) {
    if (!is_ours(descriptor)) return next_fsync(descriptor);
    return synced(descriptor, next_fsync);
}

int fdatasync(int descriptor) {
    if (!is_ours(descriptor)) return next_fdatasync(descriptor);
    return synced(descriptor, next_fdatasync);
}

int posix_fallocate64(int descriptor, off_t offset, off_t count) {
    if (is_ours(descriptor)) wait_for_disk();
    return next_fallocate(descriptor, offset, count);
}

int posix_fallocate(int descriptor, off_t offset, off_t count) {
    return posix_fallocate64(descriptor, offset, count);
}

int ftruncate64(int descriptor, off_t size) {
    if (is_ours(descriptor)) wait_for_disk();
    return next_truncate(descriptor, size);
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }
