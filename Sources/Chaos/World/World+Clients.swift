import Foundation

/// What runs beside the clients.
extension World {
    /// Mock brokers with the topics of this world.
    func startBrokers() async throws {
        var environment: [String: String] = [:]
        if settings.kind == .namespaces {
            try await ShimLibrary.build(.address, settings)
            environment["LD_PRELOAD"] = ShimLibrary.library(.address, layout)
            environment["REDOUBT_SHIM_ADDRESS"] = wiring.clientAddress
        }
        try await startBesideClients(
            [
                settings.binary, "kafka", "mock", "--topic", "\(StreamTopics.payments):\(StreamTopics.partitions)",
                "--topic", "\(StreamTopics.deadLetters):1", "--address-file", layout.brokerAddresses,
            ], environment, until: layout.brokerAddresses)
    }

    /// A receiver of alerts.
    func startReceiver() async throws {
        try await startBesideClients(
            [
                "python3", "\(settings.repository)/chaos/clients/receiver", wiring.clientAddress,
                "\(layout.receiverPort)", layout.receivedAlerts,
            ], ["REDOUBT_RECEIVER_SECRET": AlertReceiver.secret], until: layout.receivedAlerts)
    }

    /// Starts a program that the world ends with, and waits for the file that says that it serves.
    private func startBesideClients(
        _ arguments: [String], _ environment: [String: String], until file: String
    ) async throws {
        let process = try ChildProcess.spawn(
            wiring.prefix(.client) + arguments, environment: environment, output: layout.clientLog)
        try processes.addHelper(process)
        let end = RunClock.monotonicMicroseconds + 30_000_000
        while !FileManager.default.fileExists(atPath: file) {
            guard process.isAlive, RunClock.monotonicMicroseconds < end else {
                let said = (try? String(contentsOfFile: layout.clientLog, encoding: .utf8)) ?? ""
                throw ChaosError.late("\(arguments.joined(separator: " ")) does not serve: \(said.suffix(2_000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
