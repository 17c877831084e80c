internal import Foundation
internal import Glibc
internal import Synchronization

/// The newest events on disk, one JSON object a line, for people to look at. Half of the bound is in the file itself, the other
/// half in the one before it (`.1`), which a new one replaces. A line that a crash cut short is dropped.
///
/// Calls block, and may come from any thread.
public final class HistoryFile<Event: Codable & Sendable>: Sendable {
    public static var minimumBytes: Int { 16 << 10 }

    private let path: String
    private let maximumBytes: Int
    private let byteCount: Mutex<Int>

    /// - Parameter maximumBytes: of both files together, at least 16 KiB.
    public init(path: String, maximumBytes: Int = 1 << 20) throws(IdentityError) {
        precondition(maximumBytes >= Self.minimumBytes, "a history has at least 16 KiB")
        self.path = path
        self.maximumBytes = maximumBytes
        let found = try DurableFile.contents(of: path) ?? []
        let whole = found.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        if whole < found.count, truncate(path, off_t(whole)) != 0 { throw DurableFile.failure(path, "truncate") }
        byteCount = Mutex(whole)
    }

    /// Durable when it returns.
    public func append(_ event: Event) throws(IdentityError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(event) else { preconditionFailure("an event is JSON") }
        let line = [UInt8](json) + [UInt8(ascii: "\n")]
        try byteCount.withLock { (byteCount) throws(IdentityError) in
            if byteCount > 0, byteCount + line.count > maximumBytes / 2 {
                guard rename(path, path + ".1") == 0 else { throw DurableFile.failure(path, "rename") }
                byteCount = 0
            }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw DurableFile.failure(path, "open") }
            defer { close(descriptor) }
            do throws(IdentityError) {
                try DurableFile.write(line, to: descriptor, path)
                guard fdatasync(descriptor) == 0 else { throw DurableFile.failure(path, "fdatasync") }
            } catch {
                // Half a line would spoil the next one.
                ftruncate(descriptor, off_t(byteCount))
                throw error
            }
            if byteCount == 0 { try DurableFile.syncDirectory(of: path) }
            byteCount += line.count
        }
    }

    /// The newest `limit` events, oldest first. Lines that nobody can read are left out.
    public func newest(_ limit: Int) throws(IdentityError) -> [Event] {
        let bytes = try byteCount.withLock { _ throws(IdentityError) in
            try (DurableFile.contents(of: path + ".1") ?? []) + (DurableFile.contents(of: path) ?? [])
        }
        let decoder = JSONDecoder()
        var events: [Event] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
            guard events.count < limit else { break }
            if let event = try? decoder.decode(Event.self, from: Data(line)) { events.append(event) }
        }
        return events.reversed()
    }
}
