import Detection
import Glibc

extension Transaction {
    public static let maximumUserIDByteCount = 128
    public static let maximumMerchantByteCount = 256
    public static let maximumLocationByteCount = 256
    public static let maximumMerchantIDByteCount = 128
    public static let maximumDeviceIDByteCount = 128

    /// Everything that is wrong, field by field in the API's order; empty if nothing is.
    public func validate() -> [InvalidField] {
        var found: [InvalidField] = []
        Self.check(userID, "user_id", Self.maximumUserIDByteCount, &found)
        Self.check(merchant, "merchant", Self.maximumMerchantByteCount, &found)
        Self.check(location, "location", Self.maximumLocationByteCount, &found)
        if !PaymentEvent.occurredAtRange.contains(occurredAtMicroseconds) {
            found.append(InvalidField(field: "occurred_at", reason: "must be from the years 1970 to 9999"))
        }
        if let merchantID { Self.check(merchantID, "merchant_id", Self.maximumMerchantIDByteCount, &found) }
        if let deviceID { Self.check(deviceID, "device_id", Self.maximumDeviceIDByteCount, &found) }
        if let ip, !Self.isAddress(ip) {
            found.append(InvalidField(field: "ip", reason: "must be an IPv4 or IPv6 address"))
        }
        if let channel, PaymentChannel(name: channel) == nil {
            let names = PaymentChannel.allCases.map(\.name).joined(separator: ", ")
            found.append(InvalidField(field: "channel", reason: "must be one of \(names)"))
        }
        return found
    }

    private static func check(_ text: String, _ field: String, _ limit: Int, _ found: inout [InvalidField]) {
        let utf8 = text.utf8
        if utf8.isEmpty {
            found.append(InvalidField(field: field, reason: "must not be empty"))
        } else if utf8.count > limit {
            found.append(
                InvalidField(field: field, reason: "must be at most \(limit) bytes of UTF-8, has \(utf8.count)"))
        } else if utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            found.append(InvalidField(field: field, reason: "must not contain control characters"))
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        // The longest text of an address is 45 bytes; C would stop reading at a zero byte.
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return false }
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }
}
