import Glibc

/// A TCP socket on this machine's own address; nothing waits longer than a minute. Blocks its thread while it waits.
package final class LoopbackSocket: Sendable {
    private static let patienceMilliseconds: Int32 = 60_000

    package struct Failure: Error {
        package let operation: String
        package let code: Int32
    }

    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    // MARK: Making

    /// One that listens at a port that the kernel chooses.
    /// - Parameter backlog: how many more than one may be connected and not accepted.
    package static func listening(backlog: Int32 = 16) throws -> LoopbackSocket {
        let socket = try LoopbackSocket(make())
        guard withAddress(0, { bind(socket.descriptor, $0, $1) }) == 0, listen(socket.descriptor, backlog) == 0 else {
            throw Failure(operation: "listen", code: errno)
        }
        return socket
    }

    package static func connected(to port: Int) throws -> LoopbackSocket {
        let socket = try LoopbackSocket(make())
        guard withAddress(port, { connect(socket.descriptor, $0, $1) }) == 0 else {
            throw Failure(operation: "connect", code: errno)
        }
        return socket
    }

    /// A port where nobody listens.
    package static func unusedPort() throws -> Int { try listening().port }

    package func accepted() throws -> LoopbackSocket {
        try wait(POLLIN)
        let descriptor = accept(descriptor, nil, nil)
        guard descriptor >= 0 else { throw Failure(operation: "accept", code: errno) }
        return LoopbackSocket(descriptor)
    }

    package var port: Int {
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
        }
        return Int(UInt16(bigEndian: name.sin_port))
    }

    // MARK: Talking

    /// Goes out in pieces of these lengths, over and over.
    package func write(_ bytes: [UInt8], pieces: [Int] = [1 << 16]) throws {
        var begin = 0
        var turn = 0
        while begin < bytes.count {
            let count = min(pieces[turn % pieces.count], bytes.count - begin)
            try wait(POLLOUT)
            let sent = bytes[begin..<begin + count].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            guard sent > 0 else { throw Failure(operation: "send", code: errno) }
            begin += sent
            turn += 1
        }
    }

    /// So many bytes, or fewer if the other side ends before.
    package func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let more = try readSome(min(count - bytes.count, 1 << 16)) { bytes += more }
        return bytes
    }

    package func readToEnd() throws -> [UInt8] { try read(.max) }

    /// Whether the other side ends, in good order or not, before it says anything more.
    package func ends() -> Bool {
        do {
            return try readSome(1) == nil
        } catch let failure as Failure {
            return failure.code == ECONNRESET
        } catch {
            return false
        }
    }

    package func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both ways at once.
    package func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Nil at the end.
    private func readSome(_ count: Int) throws -> [UInt8]? {
        try wait(POLLIN)
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, 0)
        guard got >= 0 else { throw Failure(operation: "recv", code: errno) }
        return got == 0 ? nil : Array(bytes[..<got])
    }

    private func wait(_ events: Int32) throws {
        var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&waiting, 1, Self.patienceMilliseconds) == 1 else {
            throw Failure(operation: "wait", code: ETIMEDOUT)
        }
    }

    private static func make() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(operation: "socket", code: errno) }
        return descriptor
    }

    private static func withAddress(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        name.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
