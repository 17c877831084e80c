internal import Glibc

/// The calls on which durability hangs. A test may put failing, slow or forgetful ones in their place.
package struct DiskCalls: Sendable {
    /// As pwrite(2): file descriptor, bytes, offset in the file; the count written or -1 with `errno`.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int
    /// As fdatasync(2): 0, or -1 with `errno`.
    package var sync: @Sendable (Int32) -> Int32
    /// As posix_fallocate(3) from the file's begin: file descriptor, bytes; 0 or an error number.
    package var allocate: @Sendable (Int32, Int) -> Int32
    /// As pread(2): file descriptor, target, offset in the file; the count read or -1 with `errno`.
    package var read: @Sendable (Int32, UnsafeMutableRawBufferPointer, Int) -> Int
    /// As dup(2), closed on exec: the copy, or -1 with `errno`.
    package var duplicate: @Sendable (Int32) -> Int32
    package var close: @Sendable (Int32) -> Void

    package init(
        write: @escaping @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int,
        sync: @escaping @Sendable (Int32) -> Int32,
        allocate: @escaping @Sendable (Int32, Int) -> Int32 = { posix_fallocate($0, 0, off_t($1)) },
        read: @escaping @Sendable (Int32, UnsafeMutableRawBufferPointer, Int) -> Int = {
            pread($0, $1.baseAddress!, $1.count, off_t($2))
        },
        duplicate: @escaping @Sendable (Int32) -> Int32 = { fcntl($0, F_DUPFD_CLOEXEC, 0) },
        close: @escaping @Sendable (Int32) -> Void = { _ = Glibc.close($0) }
    ) {
        self.write = write
        self.sync = sync
        self.allocate = allocate
        self.read = read
        self.duplicate = duplicate
        self.close = close
    }

    package static let system = DiskCalls(
        write: { pwrite($0, $1.baseAddress!, $1.count, off_t($2)) },
        sync: { fdatasync($0) })
}
