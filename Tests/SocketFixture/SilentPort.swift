import Glibc

/// A port of this machine that answers no dial, as if the cable to it were cut: while as many are connected to a
/// listener as may wait to be accepted, the kernel drops what asks for another connection.
package final class SilentPort: Sendable {
    private static let dialling = "02"

    private let listener: LoopbackSocket
    private let guest: LoopbackSocket

    package init() throws {
        listener = try .listening(backlog: 0)
        guest = try .connected(to: listener.port)
    }

    package var number: Int { listener.port }

    /// The sockets that dial it at this moment, by their own ports. One that repeats its question keeps its port; one
    /// that begins anew has another.
    package func dials() throws -> Set<Int> {
        guard let file = fopen("/proc/net/tcp", "r") else {
            throw LoopbackSocket.Failure(operation: "open /proc/net/tcp", code: errno)
        }
        defer { fclose(file) }
        var dials: Set<Int> = []
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            // 3: 0100007F:C350 0100007F:2328 02 ...
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(separator: " ")
            guard words.count > 3, words[3] == Self.dialling, Self.port(words[2]) == number,
                let own = Self.port(words[1])
            else { continue }
            dials.insert(own)
        }
        return dials
    }

    /// From now on dials are answered.
    package func answer() throws { _ = try listener.accepted() }

    private static func port(_ address: Substring) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }
}
