import Detection
import Ledger
import Pipeline

/// Transactions as the API writes them.
enum TransactionJSON {
    static func append(_ id: TransactionID, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: id.description.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// What became of one transaction of a request that waited.
    static func append(_ item: SubmissionReceipt.Item, to bytes: inout [UInt8]) {
        JSONBytes.append("{\"transaction_id\":", to: &bytes)
        append(item.id, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        append(item.verdict, to: &bytes)
        JSONBytes.append(item.isDuplicate ? ",\"duplicate\":true}" : ",\"duplicate\":false}", to: &bytes)
    }

    static func append(_ view: TransactionView, to bytes: inout [UInt8]) {
        let transaction = view.transaction
        JSONBytes.append("{\"transaction_id\":", to: &bytes)
        append(view.id, to: &bytes)
        appendString("user_id", transaction.userID, to: &bytes)
        appendString("amount", transaction.amount.decimalText, to: &bytes)
        appendString("currency", transaction.amount.currency.code, to: &bytes)
        appendString("merchant", transaction.merchant, to: &bytes)
        appendString("location", transaction.location, to: &bytes)
        if let merchantID = transaction.merchantID { appendString("merchant_id", merchantID, to: &bytes) }
        if let deviceID = transaction.deviceID { appendString("device_id", deviceID, to: &bytes) }
        if let ip = transaction.ip { appendString("ip", ip, to: &bytes) }
        if let channel = transaction.channel { appendString("channel", channel, to: &bytes) }
        appendTime("occurred_at", transaction.occurredAtMicroseconds, to: &bytes)
        appendTime("accepted_at", view.acceptedAtMicroseconds, to: &bytes)
        JSONBytes.append(",\"log_index\":", to: &bytes)
        JSONBytes.append(number: view.logIndex, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        append(view.verdict, to: &bytes)
        JSONBytes.append("}", to: &bytes)
    }

    private static func append(_ verdict: Verdict?, to bytes: inout [UInt8]) {
        guard let verdict else {
            return JSONBytes.append("\"decision\":null,\"score\":null,\"reasons\":null", to: &bytes)
        }
        JSONBytes.append("\"decision\":\"", to: &bytes)
        bytes.append(contentsOf: verdict.decision.name.utf8)
        JSONBytes.append("\",\"score\":", to: &bytes)
        JSONBytes.append(number: verdict.score, to: &bytes)
        JSONBytes.append(",\"reasons\":", to: &bytes)
        if verdict.reasonsJSON.isEmpty {
            JSONBytes.append("[]", to: &bytes)
        } else {
            bytes.append(contentsOf: verdict.reasonsJSON)
        }
    }

    private static func appendString(_ name: StaticString, _ value: String, to bytes: inout [UInt8]) {
        appendName(name, to: &bytes)
        JSONBytes.append(string: value, to: &bytes)
    }

    private static func appendTime(_ name: StaticString, _ microseconds: Int64, to bytes: inout [UInt8]) {
        appendName(name, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        RFC3339.append(microseconds, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendName(_ name: StaticString, to bytes: inout [UInt8]) {
        JSONBytes.append(",\"", to: &bytes)
        JSONBytes.append(name, to: &bytes)
        JSONBytes.append("\":", to: &bytes)
    }
}
