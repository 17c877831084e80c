import Glibc

/// A connection that was taken, and the one that was made to the target for it. What ends one of the two ends the other in
/// the same way.
struct RelayConnection {
    private enum State {
        /// Whether the target takes it is not known yet; nothing is read until then.
        case connecting
        case open(sinceMicroseconds: Int64)
        /// Broken after a piece: the source is closed, and the target may read what it has been sent before it is too.
        case leaving(untilMicroseconds: Int64)
        case closed
    }

    private static let leavingMicroseconds: Int64 = 1_000_000

    private let source: Int32
    private let target: Int32
    private var state = State.connecting
    private var forth: RelayDirection
    private var back: RelayDirection
    /// Of the life that connections have: so that those that were made together don't end together.
    private let lifePercent = Int64.random(in: 50...150)

    init(source: Int32, target: Int32, capacityBytes: Int) {
        self.source = source
        self.target = target
        forth = RelayDirection(from: source, to: target, capacityBytes: capacityBytes)
        back = RelayDirection(from: target, to: source, capacityBytes: capacityBytes)
    }

    var isClosed: Bool { if case .closed = state { true } else { false } }

    /// What to wait for at the source and at the target, in this order. Nothing is waited for where nothing could be done
    /// about it: the kernel would tell of an end that is known again and again.
    func interests(at now: Int64) -> [pollfd] {
        var events: (source: Int32, target: Int32) = (0, 0)
        switch state {
        case .connecting: events.target = POLLOUT
        case .open:
            events.source = (forth.wantsMore ? POLLIN : 0) | (back.isDue(at: now) ? POLLOUT : 0)
            events.target = (back.wantsMore ? POLLIN : 0) | (forth.isDue(at: now) ? POLLOUT : 0)
        case .leaving: events.target = POLLIN
        case .closed: break
        }
        return [(source, events.source), (target, events.target)].map { descriptor, events in
            pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0)
        }
    }

    /// When there is something to do though nobody sends anything; nil: never.
    var nextDueMicroseconds: Int64? {
        switch state {
        case .open: [forth, back].compactMap(\.line.nextDueMicroseconds).min()
        case .leaving(let until): until
        case .connecting, .closed: nil
        }
    }

    /// Does what can be done. `met` is what `interests` came to.
    mutating func serve(
        _ met: ArraySlice<pollfd>, _ settings: RelaySettings, at now: Int64, buffer: inout [UInt8],
        status: inout RelayStatus
    ) {
        let source = met.first?.revents ?? 0
        let target = met.last?.revents ?? 0
        do throws(RelayDirection.Broken) {
            switch state {
            case .connecting: if target != 0 { connected(at: now, &status) }
            case .open(let since):
                var isQuiet = true
                if source & ~Int16(POLLOUT) != 0 {
                    isQuiet = try forth.take(settings, at: now, buffer: &buffer, status: &status)
                }
                if target & ~Int16(POLLOUT) != 0 {
                    _ = try back.take(settings, at: now, buffer: &buffer, status: &status)
                }
                let didPass = try forth.pass(at: now, status: &status)
                _ = try back.pass(at: now, status: &status)
                if forth.isOver, back.isOver { return close() }
                guard didPass, isQuiet, forth.line.isEmpty, let life = settings.lifeMilliseconds,
                    now - since >= Int64(life) * 10 * lifePercent
                else { return }
                leave(at: now, &status)
            case .leaving(let until):
                let isGone = target != 0 && hasLeft(&buffer)
                if isGone || now >= until { close() }
            case .closed: break
            }
        } catch {
            reset()
        }
    }

    private mutating func connected(at now: Int64, _ status: inout RelayStatus) {
        guard RelaySocket.connectError(target) == 0 else {
            status.refusedConnections += 1
            return close()
        }
        state = .open(sinceMicroseconds: now)
    }

    /// The target gets the end after the piece, not a reset that could overtake it.
    private mutating func leave(at now: Int64, _ status: inout RelayStatus) {
        status.brokenConnections += 1
        RelaySocket.reset(source)
        shutdown(target, Int32(SHUT_WR))
        state = .leaving(untilMicroseconds: now + Self.leavingMicroseconds)
    }

    /// What the target still says goes nowhere. True when it has closed too.
    private func hasLeft(_ buffer: inout [UInt8]) -> Bool {
        while true {
            let count = recv(target, &buffer, buffer.count, 0)
            if count == 0 { return true }
            if count < 0, errno != EINTR { return errno != EAGAIN }
        }
    }

    mutating func close() {
        if case .leaving = state {} else { Glibc.close(source) }
        Glibc.close(target)
        state = .closed
    }

    private mutating func reset() {
        RelaySocket.reset(source)
        RelaySocket.reset(target)
        state = .closed
    }
}
