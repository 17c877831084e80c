package import NIOCore

/// Where the columns of a file of transactions are, and how a row becomes a transaction.
package struct ReplayColumns: Sendable {
    private let transaction: Int
    private let timestamp: Int
    private let customer: Int
    private let terminal: Int
    private let amount: Int
    private let highest: Int
    private let currency: Int?
    private let country: Int?
    private let location: Int?
    private let device: Int?
    private let channel: Int?

    /// Why a row is no transaction.
    package struct Malformed: Error {
        package let reason: String
    }

    /// Finds the columns by the names in the header.
    package init(header: UnsafeRawBufferPointer) throws(Malformed) {
        let names = String(decoding: header, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingPrefix("\u{FEFF}").lowercased() }
        func position(_ name: String) throws(Malformed) -> Int {
            guard let position = names.firstIndex(of: name) else {
                throw Malformed(
                    reason: "no column '\(name)' in the header; needed are "
                        + "tx_id,timestamp,customer_id,terminal_id,amount")
            }
            return position
        }
        transaction = try position("tx_id")
        timestamp = try position("timestamp")
        customer = try position("customer_id")
        terminal = try position("terminal_id")
        amount = try position("amount")
        currency = names.firstIndex(of: "currency")
        country = names.firstIndex(of: "country")
        location = names.firstIndex(of: "location")
        device = names.firstIndex(of: "device_id")
        channel = names.firstIndex(of: "channel")
        highest =
            [transaction, timestamp, customer, terminal, amount, currency, country, location, device, channel]
            .compactMap { $0 }.max() ?? 0
    }

    /// Writes the row as one line of JSON.
    ///
    /// The transaction's id comes from the row alone, so the row is the same transaction however often, and in
    /// whatever batches, it is sent.
    package func write(row: UnsafeRawBufferPointer, currency: String, into buffer: inout ByteBuffer) throws(Malformed) {
        let fields = try split(row)
        let currency =
            try self.currency.map { column throws(Malformed) in
                try Self.text(fields[column]) ?? currency
            } ?? currency
        let time = try RowTime(fields[timestamp])
        let number = fields[amount]
        guard Self.isDecimal(number) else {
            throw Malformed(reason: "amount '\(String(decoding: number, as: UTF8.self))' is no decimal number")
        }
        var content: [UInt8] = []
        content.reserveCapacity(row.count + 4)
        for column in [transaction, timestamp, customer, terminal, amount] {
            content.append(contentsOf: fields[column])
            content.append(UInt8(ascii: ","))
        }
        content.append(contentsOf: currency.utf8)

        buffer.writeStaticString("{\"transaction_id\":\"")
        ClientTransactionID.write(milliseconds: time.milliseconds, content: content, into: &buffer)
        buffer.writeStaticString("\",\"user_id\":\"")
        try Self.writeText(fields[customer], into: &buffer)
        buffer.writeStaticString("\",\"amount\":")
        buffer.writeBytes(number)
        buffer.writeStaticString(",\"currency\":\"")
        buffer.writeString(currency)
        buffer.writeStaticString("\",\"merchant\":\"terminal ")
        try Self.writeText(fields[terminal], into: &buffer)
        buffer.writeStaticString("\",\"merchant_id\":\"")
        try Self.writeText(fields[terminal], into: &buffer)
        buffer.writeStaticString("\",\"location\":\"")
        buffer.writeString(try place(fields))
        for (name, column) in [("device_id", device), ("channel", channel)] {
            guard let column, let text = try Self.text(fields[column]) else { continue }
            buffer.writeString("\",\"\(name)\":\"\(text)")
        }
        buffer.writeStaticString("\",\"occurred_at\":\"")
        time.write(into: &buffer)
        buffer.writeStaticString("\"}\n")
    }

    /// "Lyon, FR", or as much of it as the file tells.
    private func place(_ fields: [UnsafeRawBufferPointer]) throws(Malformed) -> String {
        let town = try location.flatMap { column throws(Malformed) in try Self.text(fields[column]) }
        let country = try country.flatMap { column throws(Malformed) in try Self.text(fields[column]) }
        guard let country else { return town ?? "unknown" }
        return "\(town ?? "unknown"), \(country)"
    }

    /// Nil: empty.
    private static func text(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> String? {
        guard !bytes.isEmpty else { return nil }
        try check(bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func split(_ row: UnsafeRawBufferPointer) throws(Malformed) -> [UnsafeRawBufferPointer] {
        var fields: [UnsafeRawBufferPointer] = []
        fields.reserveCapacity(8)
        var start = 0
        for index in 0...row.count where index == row.count || row[index] == UInt8(ascii: ",") {
            fields.append(UnsafeRawBufferPointer(rebasing: row[start..<index]))
            start = index + 1
        }
        guard fields.count > highest else {
            throw Malformed(reason: "\(fields.count) columns where the header has at least \(highest + 1)")
        }
        return fields
    }

    private static func isDecimal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var points = 0
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                points += 1
            } else if !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                return false
            }
        }
        guard let first = bytes.first, let last = bytes.last, points <= 1 else { return false }
        return first != UInt8(ascii: ".") && last != UInt8(ascii: ".")
    }

    private static func writeText(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) throws(Malformed) {
        guard !bytes.isEmpty else { throw Malformed(reason: "customer_id or terminal_id is empty") }
        try check(bytes)
        buffer.writeBytes(bytes)
    }

    private static func check(_ bytes: UnsafeRawBufferPointer) throws(Malformed) {
        for byte in bytes where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            throw Malformed(reason: "quotes, backslashes and control characters cannot stand in a field")
        }
    }
}

/// The time of a row: `2018-04-01T00:00:31Z`, with a space for the T, a fraction, or no Z, which means UTC all the same.
struct RowTime {
    let milliseconds: Int64
    private let text: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer) throws(ReplayColumns.Malformed) {
        self.text = text
        func number(_ start: Int, _ count: Int, _ range: ClosedRange<Int>) -> Int? {
            var value = 0
            for index in start..<start + count {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) else { return nil }
                value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
            }
            return range.contains(value) ? value : nil
        }
        func isSeparated() -> Bool {
            text[4] == UInt8(ascii: "-") && text[7] == UInt8(ascii: "-") && text[13] == UInt8(ascii: ":")
                && text[16] == UInt8(ascii: ":")
                && (text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " "))
        }
        var malformed: ReplayColumns.Malformed {
            .init(reason: "timestamp '\(String(decoding: text, as: UTF8.self))' is not like 2018-04-01T00:00:31Z")
        }
        guard (19...30).contains(text.count), isSeparated(), let year = number(0, 4, 1970...9999),
            let month = number(5, 2, 1...12), let day = number(8, 2, 1...31), let hour = number(11, 2, 0...23),
            let minute = number(14, 2, 0...59), let second = number(17, 2, 0...59)
        else { throw malformed }
        var fraction = 0
        var end = text.count
        if text[end - 1] == UInt8(ascii: "Z") { end -= 1 }
        if end > 19 {
            guard text[19] == UInt8(ascii: "."), end > 20 else { throw malformed }
            var scale = 100
            for index in 20..<end {
                guard let digit = number(index, 1, 0...9) else { throw malformed }
                fraction += digit * scale
                scale /= 10
            }
        }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        milliseconds = Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + Int64(fraction)
    }

    /// RFC 3339, in UTC.
    func write(into buffer: inout ByteBuffer) {
        buffer.writeBytes(text[..<10])
        buffer.writeStaticString("T")
        buffer.writeBytes(text[11...])
        if text.last != UInt8(ascii: "Z") { buffer.writeStaticString("Z") }
    }

    /// Counts in years that begin with March, so that a leap day is a year's last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month > 2 ? year : year - 1
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        return 365 * shiftedYear + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear - 719_468
    }
}
