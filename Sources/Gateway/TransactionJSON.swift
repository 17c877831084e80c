import Bytes
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
        if let judgement = item.verdict { appendEngine(ofReasons: judgement.reasonsJSON, to: &bytes) }
        JSONBytes.append(item.isDuplicate ? ",\"duplicate\":true}" : ",\"duplicate\":false}", to: &bytes)
    }

    static func append(_ view: TransactionView, to bytes: inout [UInt8]) {
        appendFields(of: view.transaction, view.id, to: &bytes)
        appendTime("accepted_at", view.acceptedAtMicroseconds, to: &bytes)
        JSONBytes.append(",\"log_index\":", to: &bytes)
        JSONBytes.append(number: view.logIndex, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        append(view.verdict, to: &bytes)
        appendDetection(view.detection, to: &bytes)
        if let label = view.label { append(label, to: &bytes) }
        JSONBytes.append("}", to: &bytes)
    }

    /// As it was sent, whatever became of it.
    static func append(_ id: TransactionID, _ transaction: Transaction, to bytes: inout [UInt8]) {
        appendFields(of: transaction, id, to: &bytes)
        JSONBytes.append("}", to: &bytes)
    }

    private static func appendFields(of transaction: Transaction, _ id: TransactionID, to bytes: inout [UInt8]) {
        JSONBytes.append("{\"transaction_id\":", to: &bytes)
        append(id, to: &bytes)
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
    }

    private static func append(_ verdict: Judgement?, to bytes: inout [UInt8]) {
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

    /// Rules that decided alone say so among the reasons.
    private static func appendEngine(ofReasons reasons: [UInt8], to bytes: inout [UInt8]) {
        let isAlone = reasons.firstRange(of: Array(#""code":"no_model""#.utf8)) != nil
        JSONBytes.append(isAlone ? ",\"engine\":\"rules\"" : ",\"engine\":\"hybrid\"", to: &bytes)
    }

    /// Which engine decided, and what its parts said.
    private static func appendDetection(_ scores: DetectionScores?, to bytes: inout [UInt8]) {
        JSONBytes.append(
            scores?.modelID == nil ? ",\"engine\":\"rules\"" : ",\"engine\":\"hybrid\"", to: &bytes)
        guard let scores else { return }
        JSONBytes.append(",\"scores\":{", to: &bytes)
        var isFirst = true
        func name(_ name: StaticString) {
            JSONBytes.append(isFirst ? "\"" : ",\"", to: &bytes)
            JSONBytes.append(name, to: &bytes)
            JSONBytes.append("\":", to: &bytes)
            isFirst = false
        }
        if let model = scores.modelID {
            name("model")
            JSONBytes.append(string: model, to: &bytes)
        }
        let parts: [(StaticString, Float?)] = [
            ("rules", scores.rules), ("forest", scores.forest), ("transformer", scores.transformer),
            ("probability", scores.probability), ("shadow", scores.shadow),
        ]
        for (part, score) in parts {
            guard let score else { continue }
            name(part)
            JSONBytes.append(number: score, to: &bytes)
        }
        if let model = scores.shadowModelID {
            name("shadow_model")
            JSONBytes.append(string: model, to: &bytes)
        }
        JSONBytes.append("}", to: &bytes)
    }

    private static func append(_ label: LabelView, to bytes: inout [UInt8]) {
        JSONBytes.append(",\"label\":{\"label\":\"", to: &bytes)
        bytes.append(contentsOf: label.verdict.name.utf8)
        JSONBytes.append("\"", to: &bytes)
        appendString("source", label.source, to: &bytes)
        appendTime("labelled_at", label.labelledAtMicroseconds, to: &bytes)
        JSONBytes.append(",\"log_index\":", to: &bytes)
        JSONBytes.append(number: label.logIndex, to: &bytes)
        JSONBytes.append("}", to: &bytes)
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
