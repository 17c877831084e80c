/// Why an exchange brought no usable answer.
package enum HTTPSError: Error, Sendable, CustomStringConvertible {
    /// No connection, a failed handshake, or the connection broke before the answer was complete.
    case connection(HTTPSEndpoint, String)
    /// The answer did not come in time.
    case timeout(HTTPSEndpoint)
    /// The answer is not HTTP/1.1, or past this client's bounds.
    case malformed(HTTPSEndpoint, String)
    /// The authority file cannot be used.
    case authority(String, String)
    /// An answer with a status that says no; the text is the problem document's detail where there is one.
    case refused(HTTPSEndpoint, status: Int, String)

    package var description: String {
        switch self {
        case .connection(let endpoint, let reason): "\(endpoint): no connection (\(reason))"
        case .timeout(let endpoint): "\(endpoint): no answer in time"
        case .malformed(let endpoint, let reason): "\(endpoint): not a valid answer (\(reason))"
        case .authority(let path, let reason): "The certificate authority \(path) cannot be used: \(reason)"
        case .refused(let endpoint, let status, let text): "\(endpoint): \(status) \(text)"
        }
    }
}
