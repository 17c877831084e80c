import Bytes
import FoundationEssentials
import Ledger
import Pipeline

/// Records that could not be taken, as the API writes them.
enum DeadLetterJSON {
    static func append(_ letter: DeadLetterView, to bytes: inout [UInt8]) {
        JSONBytes.append("{\"position\":\"", to: &bytes)
        bytes.append(contentsOf: letter.position.description.utf8)
        JSONBytes.append("\",\"topic\":", to: &bytes)
        JSONBytes.append(string: letter.partition.topic, to: &bytes)
        JSONBytes.append(",\"partition\":", to: &bytes)
        JSONBytes.append(number: letter.partition.number, to: &bytes)
        JSONBytes.append(",\"offset\":", to: &bytes)
        JSONBytes.append(number: letter.offset, to: &bytes)
        JSONBytes.append(",\"created_at\":", to: &bytes)
        JSONBytes.append(time: letter.createdAtMicroseconds, to: &bytes)
        JSONBytes.append(",\"reason\":", to: &bytes)
        JSONBytes.append(string: letter.reason, to: &bytes)
        JSONBytes.append(",\"detail\":", to: &bytes)
        JSONBytes.append(string: letter.detail, to: &bytes)
        JSONBytes.append(",\"content\":{", to: &bytes)
        switch letter.content {
        case .raw(let content): append(content, to: &bytes)
        case .transaction(let id, let transaction):
            JSONBytes.append("\"transaction\":", to: &bytes)
            TransactionJSON.append(id, transaction, to: &bytes)
        }
        JSONBytes.append("}}", to: &bytes)
    }

    private static func append(_ content: DeadLetterContent, to bytes: inout [UInt8]) {
        append(content.key, "\"key\":", ",\"key_base64\":\"", to: &bytes)
        append(content.value, ",\"value\":", ",\"value_base64\":\"", to: &bytes)
        JSONBytes.append(",\"value_bytes\":", to: &bytes)
        JSONBytes.append(number: content.valueByteCount, to: &bytes)
        JSONBytes.append(content.isCut ? ",\"cut\":true" : ",\"cut\":false", to: &bytes)
    }

    /// What is text is shown as such; what is not, as bytes.
    private static func append(
        _ content: [UInt8]?, _ textName: StaticString, _ bytesName: StaticString, to bytes: inout [UInt8]
    ) {
        let text = content.flatMap { String(validating: $0, as: UTF8.self) }
        JSONBytes.append(textName, to: &bytes)
        JSONBytes.append(nullable: text, to: &bytes)
        guard text == nil, let content else { return }
        JSONBytes.append(bytesName, to: &bytes)
        bytes.append(contentsOf: Data(content).base64EncodedData())
        JSONBytes.append("\"", to: &bytes)
    }
}
