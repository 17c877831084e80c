import Bytes

/// What is posted: an object whose `type` tells what it is about.
enum WebhookBody {
    /// The alert as it is, with what receivers need to drop what they have, and to tell what is newer.
    static func alert(_ alert: OutgoingAlert) -> [UInt8] {
        var body: [UInt8] = []
        JSONBytes.append("{\"type\":\"alert\",\"id\":", to: &body)
        JSONBytes.append(string: alert.id, to: &body)
        JSONBytes.append(",\"position\":", to: &body)
        JSONBytes.append(string: "\(alert.position)", to: &body)
        JSONBytes.append(",\"alert\":", to: &body)
        body += alert.document
        JSONBytes.append("}", to: &body)
        return body
    }

    static func test(_ name: String) -> [UInt8] {
        var body: [UInt8] = []
        JSONBytes.append("{\"type\":\"test\",\"webhook\":", to: &body)
        JSONBytes.append(string: name, to: &body)
        JSONBytes.append("}", to: &body)
        return body
    }
}
