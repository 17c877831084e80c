import Chaos

extension HistoryFixture {
    static let streamIDs = (0..<60).map { "txn_s\($0)" }
    static let poisonPlaces = ["payments/0@7", "payments/3@2"]

    static func record(
        _ number: Int, _ kind: CallRecord.Kind, _ outcome: CallRecord.Outcome, _ id: String?, at: Int64,
        place: String? = nil
    ) -> CallRecord {
        CallRecord(
            number: number, operation: number, client: 7, node: CallRecord.brokers, kind: kind, sent: at,
            ended: at + 1_000, outcome: outcome, transactions: [id].compactMap(\.self),
            users: id.map { _ in ["streamer"] }, acknowledger: .brokers, value: place)
    }

    /// As `good`, with payments through Kafka, and a receiver of alerts; each second payment of the topic has one.
    static func withStreams() -> RunHistory {
        var history = good()
        for (place, id) in streamIDs.enumerated() {
            history.calls.append(
                record(2_000 + place, .stream, .ok, id, at: Int64(place) * 10_000, place: "payments/1@\(place)"))
        }
        for (place, letter) in poisonPlaces.enumerated() {
            history.calls.append(record(3_000 + place, .poison, .ok, nil, at: Int64(place) * 10_000, place: letter))
        }
        let suspicious = streamIDs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        for place in history.stored.indices {
            history.stored[place].transactions += streamIDs
            history.stored[place].counted += streamIDs.count
            history.stored[place].profiles["streamer"] = streamIDs.count
            history.stored[place].suspicious += suspicious
            history.stored[place].alerts! += suspicious
            history.stored[place].deadLetters = poisonPlaces
        }
        let alerts = [(ids[1], "user")] + suspicious.map { ($0, "streamer") }
        history.received = alerts.enumerated().map { place, alert in
            ReceivedAlert(
                at: Int64(place) * 1_000, alert: alert.0, position: "\(place / 3 + 9).\(place % 3)", user: alert.1)
        }
        return history
    }
}
