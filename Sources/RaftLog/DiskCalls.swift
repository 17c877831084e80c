internal import Glibc

/// The two calls on which durability hangs. A test may put failing, slow or forgetful ones in their place.
package struct DiskCalls: Sendable {
    /// As pwrite(2): file descriptor, bytes, offset in the file; the count written or -1 with `errno`.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int
    /// As fdatasync(2): 0, or -1 with `errno`.
    package var sync: @Sendable (Int32) -> Int32

    package init(
        write: @escaping @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int,
        sync: @escaping @Sendable (Int32) -> Int32
    ) {
        self.write = write
        self.sync = sync
    }

    package static let system = DiskCalls(
        write: { pwrite($0, $1.baseAddress!, $1.count, off_t($2)) },
        sync: { fdatasync($0) })
}
