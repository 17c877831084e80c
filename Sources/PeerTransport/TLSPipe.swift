internal import COpenSSL

/// The memory between OpenSSL and a socket: it reads the input where libuv left it and writes records to memory that goes to the
/// socket as it is. OpenSSL's own memory BIO would copy both once more.
struct TLSPipe {
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private(set) var outputCount = 0

    /// Lends `bytes` for reading, until `endInput`.
    mutating func beginInput(_ bytes: UnsafeRawBufferPointer) { input = bytes }
    mutating func endInput() { input = UnsafeRawBufferPointer(start: nil, count: 0) }

    /// What has been written, borrowed until the next write.
    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: output[..<outputCount]) }
    mutating func dropWritten() { outputCount = 0 }

    mutating func deallocate() {
        output.deallocate()
        output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        outputCount = 0
    }

    fileprivate mutating func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, input.count)
        if count > 0 { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count])) }
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    fileprivate mutating func write(_ bytes: UnsafeRawBufferPointer) {
        let needed = outputCount + bytes.count
        if needed > output.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(needed, output.count * 2, 4096), alignment: 64)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: output[..<outputCount]))
            output.deallocate()
            output = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: output[outputCount...]).copyMemory(from: bytes)
        outputCount += bytes.count
    }

    /// A BIO over the pipe at `pointer`, which must outlive it. The caller owns the BIO.
    static func makeBIO(_ pointer: UnsafeMutablePointer<TLSPipe>) -> OpaquePointer? {
        guard let method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, pointer)
        BIO_set_init(bio, 1)
        return bio
    }

    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "redoubt pipe") else { return nil }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bio, let bytes, count > 0 else { return 0 }
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            TLSPipe.at(bio).pointee.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            guard let bio, let bytes, count > 0 else { return 0 }
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            let target = UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
            let read = TLSPipe.at(bio).pointee.read(into: target)
            if read > 0 { return Int32(read) }
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private static func at(_ bio: OpaquePointer) -> UnsafeMutablePointer<TLSPipe> {
        BIO_get_data(bio).assumingMemoryBound(to: TLSPipe.self)
    }
}
