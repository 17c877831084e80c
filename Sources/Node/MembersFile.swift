import Foundation
package import Raft

/// The newest members that were committed, on disk: whom a node asks when it starts, before its log is read.
///
/// Magic (8 bytes), index of the membership's entry (8 bytes, little-endian), `Membership.encode()`. A file that can't be
/// read is as good as none: the configuration names members too.
package struct MembersFile: Sendable {
    private static let magic = Array("RDBTMEM2".utf8)

    package let path: String

    package init(path: String) { self.path = path }

    /// Nil where none are known.
    package func read() -> (index: LogIndex, members: Membership)? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let bytes = [UInt8](data)
        guard bytes.starts(with: Self.magic) else {
            // Written before the index was.
            return Membership(decoding: bytes).map { (.zero, $0) }
        }
        let rest = bytes.dropFirst(Self.magic.count)
        guard rest.count > 8, let members = Membership(decoding: Array(rest.dropFirst(8))) else { return nil }
        return (LogIndex(rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }), members)
    }

    /// Writes these down unless newer ones are: a node that starts again may hear of an old membership first.
    package func remember(_ members: Membership, index: LogIndex) throws {
        if let known = read(), known.index > index { return }
        try write(members, index: index)
    }

    /// Whatever stands there.
    package func write(_ members: Membership, index: LogIndex) throws {
        let number = (0..<8).map { UInt8(truncatingIfNeeded: index.rawValue >> (8 * $0)) }
        try Data(Self.magic + number + members.encode()).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
