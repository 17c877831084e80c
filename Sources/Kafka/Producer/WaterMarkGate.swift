/// Counts what is held, and says when no more may come: from the high mark on, until it is down at the low mark.
package struct WaterMarkGate {
    package typealias Marks = KafkaProducerConfiguration.WaterMarks

    let recordMarks: Marks
    let byteMarks: Marks
    package private(set) var records = 0
    package private(set) var bytes = 0
    /// At the high mark, and not yet down at the low one again.
    package private(set) var isShut = false

    package init(recordMarks: Marks, byteMarks: Marks) {
        self.recordMarks = recordMarks
        self.byteMarks = byteMarks
    }

    /// Whether so much may still come, without going above a high mark. A refusal shuts the gate if something is held that
    /// can open it again.
    package mutating func admits(records newRecords: Int, bytes newBytes: Int) -> Bool {
        if isShut { return false }
        if records + newRecords <= recordMarks.high, bytes + newBytes <= byteMarks.high { return true }
        isShut = !isLow
        return false
    }

    package mutating func add(records newRecords: Int, bytes newBytes: Int) {
        records += newRecords
        bytes += newBytes
        if records >= recordMarks.high || bytes >= byteMarks.high { isShut = true }
    }

    package mutating func remove(records oldRecords: Int, bytes oldBytes: Int) {
        records -= oldRecords
        bytes -= oldBytes
        precondition(records >= 0 && bytes >= 0, "more was taken away than came")
        if isShut, isLow { isShut = false }
    }

    private var isLow: Bool { records <= recordMarks.low && bytes <= byteMarks.low }

    var refusal: KafkaError {
        KafkaError(
            .overloaded,
            "\(records) records and \(bytes) bytes wait for the brokers; the limits are \(recordMarks.high) and "
                + "\(byteMarks.high), and more is taken from \(recordMarks.low) and \(byteMarks.low) down")
    }
}
