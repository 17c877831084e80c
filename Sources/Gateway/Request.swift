import HTTPTypes
import NIOCore
import NIOHTTP1

/// A request that has come whole.
struct Request: Sendable {
    let head: HTTPRequestHead
    /// Where the path and the query come from.
    var target: String { head.uri }
    var method: HTTPMethod { head.method }
    /// Empty if it was longer than its route allows.
    var body = ByteBuffer()
    /// The body that came, or is announced, is longer than its route allows.
    var isTooLarge = false
    let route: Route
    /// What stands in the places of the route's parameters, as it was sent.
    private let parameters: [Substring]
    /// Without the question mark; empty if there is none.
    let query: Substring
    /// When its head came, on the monotonic clock.
    let startNanoseconds: Int64

    init(_ head: HTTPRequestHead, startNanoseconds: Int64) {
        self.head = head
        self.startNanoseconds = startNanoseconds
        let path = head.uri.prefix { $0 != "?" }
        (route, parameters) = Route.of(path)
        query = head.uri.utf8.count > path.utf8.count ? head.uri.dropFirst(path.utf8.count + 1) : ""
    }

    /// What stands in the place of the route's first parameter, as it was sent; empty where it has none.
    var parameter: Substring { parameters.first ?? "" }

    /// A parameter of the route with its percent signs resolved; nil if that is not UTF-8.
    func decodedParameter(_ place: Int = 0) -> String? { QueryParameters.decoded(parameters[place]) }

    /// The first field of this name.
    subscript(name: HTTPField.Name) -> String? { head.headers.first(name: name.canonicalName) }

    /// What the head says of the body's length; `Int.max` if that is no length.
    var declaredLength: Int {
        guard let field = self[.contentLength] else { return 0 }
        return Int(field) ?? Int.max
    }

    /// The client waits to be told to send the body.
    var expectsContinue: Bool {
        guard head.version == .http1_1, let expectation = self[.expect] else { return false }
        return expectation.lowercased() == "100-continue"
    }
}
