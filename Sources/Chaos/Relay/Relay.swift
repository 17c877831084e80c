import Foundation
import Glibc
import Synchronization

/// Takes TCP connections and passes everything on to one target and back, late or slowly if it is told to, or breaks
/// connections after delivery. It stands where a cable would, so it understands nothing of what goes through.
package final class Relay: Sendable {
    /// More wait in the kernel.
    private static let maxConnections = 256
    private static let pieceBytes = 16 << 10
    /// How soon new settings are seen.
    private static let lookMicroseconds: Int64 = 50_000
    /// How old the status on disk may be, new settings aside.
    private static let statusMicroseconds: Int64 = 200_000

    /// Where it listens; of a port that the kernel chose, that one.
    package let address: RelayAddress
    private let target: RelayAddress
    private let files: RelayFiles
    private let capacityBytes: Int
    private let listener: Int32
    private let isStopped = Atomic(false)

    /// Listens from now on.
    ///
    /// - Parameter capacityBytes: what each direction of a connection holds at most, at least 1.
    /// - Throws: `ChaosError.system` if it can't listen there.
    package init(
        at address: RelayAddress, to target: RelayAddress, files: RelayFiles, capacityBytes: Int = 4 << 20
    ) throws(ChaosError) {
        listener = try RelaySocket.listen(at: address)
        self.address = RelayAddress(host: address.host, port: RelaySocket.port(of: listener))
        self.target = target
        self.files = files
        self.capacityBytes = capacityBytes
    }

    /// `run` returns soon.
    package func stop() { isStopped.store(true, ordering: .releasing) }

    /// Blocks until `stop`, once. Throws if the settings can't be read or the status can't be written: whoever relies on
    /// either must not find a relay that goes on as it likes.
    package func run() throws {
        var connections: [RelayConnection] = []
        var status = RelayStatus()
        var written: (status: RelayStatus, at: Int64)?
        var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
        defer {
            for index in connections.indices { connections[index].close() }
            close(listener)
        }
        while !isStopped.load(ordering: .acquiring) {
            var now = RunClock.monotonicMicroseconds
            if let settings = try settings() { status.settings = settings }
            let isOld = written.map { now - $0.at >= Self.statusMicroseconds && $0.status != status } ?? true
            if isOld || written?.status.settings != status.settings {
                try write(status)
                written = (status, now)
            }
            let look = now + Self.lookMicroseconds
            while now < look, !isStopped.load(ordering: .relaxed) {
                serve(&connections, until: look, &status, &buffer)
                now = RunClock.monotonicMicroseconds
            }
        }
    }

    /// Waits for something to do, no longer than that, and does it.
    private func serve(
        _ connections: inout [RelayConnection], until look: Int64, _ status: inout RelayStatus, _ buffer: inout [UInt8]
    ) {
        var now = RunClock.monotonicMicroseconds
        let isFull = connections.count >= Self.maxConnections
        var polled = [pollfd(fd: isFull ? -1 : listener, events: Int16(POLLIN), revents: 0)]
        for connection in connections { polled += connection.interests(at: now) }
        // What is due and still there waits for its receiver, which the kernel tells of.
        let due = connections.compactMap(\.nextDueMicroseconds).filter { $0 > now }.min() ?? look
        poll(&polled, nfds_t(polled.count), Int32((max(0, min(due, look) - now) + 999) / 1_000))
        now = RunClock.monotonicMicroseconds
        for index in connections.indices {
            let met = polled[(1 + 2 * index)..<(3 + 2 * index)]
            connections[index].serve(met, status.settings, at: now, buffer: &buffer, status: &status)
        }
        connections.removeAll(where: \.isClosed)
        if polled[0].revents != 0 { accept(&connections, &status) }
    }

    private func accept(_ connections: inout [RelayConnection], _ status: inout RelayStatus) {
        while connections.count < Self.maxConnections, let source = RelaySocket.accept(listener) {
            status.connections += 1
            guard let target = RelaySocket.connect(to: target) else {
                status.refusedConnections += 1
                close(source)
                continue
            }
            connections.append(RelayConnection(source: source, target: target, capacityBytes: capacityBytes))
        }
    }

    /// Nil if nobody has given any.
    private func settings() throws -> RelaySettings? {
        guard let data = FileManager.default.contents(atPath: files.control) else { return nil }
        let settings = try JSONDecoder().decode(RelaySettings.self, from: data)
        guard settings.isValid else { throw ChaosError.file(files.control, "holds settings out of bounds") }
        return settings
    }

    private func write(_ status: RelayStatus) throws {
        try JSONEncoder().encode(status).write(to: URL(fileURLWithPath: files.status), options: .atomic)
    }
}
