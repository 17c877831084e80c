import Security

/// The header by which a receiver knows that a delivery is the cluster's, is whole and is not an old one sent again:
/// `t=<unix seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<unix seconds>.<body>`.
package enum WebhookSignature {
    package static let headerName = "Redoubt-Signature"

    package static func header(body: [UInt8], unixSeconds: Int64, secret: [UInt8]) -> String {
        let code = MessageAuthentication.code(of: Array("\(unixSeconds).".utf8) + body, key: secret)
        let digits = Array("0123456789abcdef".utf8)
        let text = String(decoding: code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        return "t=\(unixSeconds),v1=\(text)"
    }
}
