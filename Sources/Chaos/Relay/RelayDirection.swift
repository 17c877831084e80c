import Glibc

/// One direction of a connection: who sends, who receives, and what is between them.
struct RelayDirection {
    /// A socket is no good any more; what it still held is lost, as it would be without a relay.
    struct Broken: Error {}

    private let sender: Int32
    private let receiver: Int32
    private(set) var line: DelayLine
    /// The sender has said that it will send no more.
    private(set) var hasEnded = false
    /// And the receiver has been told.
    private(set) var isOver = false

    init(from sender: Int32, to receiver: Int32, capacityBytes: Int) {
        self.sender = sender
        self.receiver = receiver
        line = DelayLine(capacityBytes: capacityBytes)
    }

    /// Where there is no room the sender is left to wait: its own buffers fill, and it notices.
    var wantsMore: Bool { !hasEnded && line.roomBytes > 0 }
    func isDue(at now: Int64) -> Bool { line.next(at: now) != nil }

    /// Reads what has come, as far as there is room. True if the sender has nothing more for now.
    mutating func take(
        _ settings: RelaySettings, at now: Int64, buffer: inout [UInt8], status: inout RelayStatus
    ) throws(Broken) -> Bool {
        var random = SystemRandomNumberGenerator()
        while wantsMore {
            let count = recv(sender, &buffer, min(buffer.count, line.roomBytes), 0)
            if count > 0 {
                line.append(Array(buffer[..<count])[...], settings, at: now, using: &random)
                status.mostHeldBytes = max(status.mostHeldBytes, line.heldBytes)
            } else if count == 0 {
                hasEnded = true
                line.appendEnd(settings, at: now, using: &random)
            } else if errno == EAGAIN {
                return true
            } else if errno != EINTR {
                throw Broken()
            }
        }
        return hasEnded
    }

    /// Passes on what is due, as far as the receiver takes it. True if a piece has been passed on as a whole.
    mutating func pass(at now: Int64, status: inout RelayStatus) throws(Broken) -> Bool {
        var didPass = false
        while let item = line.next(at: now) {
            guard case .bytes(let bytes, let isDelayed) = item else {
                line.removeEnd()
                shutdown(receiver, Int32(SHUT_WR))
                isOver = true
                break
            }
            let count = bytes.withUnsafeBytes { send(receiver, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                line.remove(count)
                status.bytes += count
                guard count == bytes.count else { continue }
                didPass = true
                status.pieces += 1
                if isDelayed { status.delayedPieces += 1 }
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                throw Broken()
            }
        }
        return didPass
    }
}
