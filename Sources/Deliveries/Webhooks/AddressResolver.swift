import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Finds the addresses of a host.
public protocol AddressResolver: Sendable {
    /// At least one; throws `ResolutionError` else. Soon when the task is cancelled.
    func addresses(of host: String) async throws -> [NetworkAddress]
}

/// A host whose addresses are not known.
public struct ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
    public let host: String
    public let reason: String

    public init(host: String, reason: String) {
        self.host = host
        self.reason = reason
    }

    public var description: String { "the address of \(host) is not known: \(reason)" }
}

/// The system's own resolver, on threads that may block. Answers are remembered for a while: what is connected to is an
/// address that was checked, whatever the name leads to by then.
public final class SystemResolver: AddressResolver {
    private struct State {
        var known: [String: (addresses: [NetworkAddress], until: ContinuousClock.Instant)] = [:]
        var asking = 0
    }

    private static let hostLimit = 256
    /// Questions that are open. A resolver that hangs must not take all threads there are.
    private static let questionLimit = 16

    private let lifetime: Duration
    private let state = Mutex(State())

    public init(lifetime: Duration = .seconds(30)) {
        self.lifetime = lifetime
    }

    public func addresses(of host: String) async throws -> [NetworkAddress] {
        let now = ContinuousClock.now
        let known = try state.withLock { state -> [NetworkAddress]? in
            if let known = state.known[host], known.until > now { return known.addresses }
            guard state.asking < Self.questionLimit else {
                throw ResolutionError(host: host, reason: "too many names are being looked up")
            }
            state.asking += 1
            return nil
        }
        if let known { return known }
        let answer = OneAnswer<[NetworkAddress]>()
        NIOSingletons.posixBlockingThreadPool.submit { [self] _ in
            let result = Self.ask(host)
            state.withLock { state in
                state.asking -= 1
                guard case .success(let addresses) = result else { return }
                if state.known.count >= Self.hostLimit { state.known = [:] }
                state.known[host] = (addresses, .now + lifetime)
            }
            answer.give(result)
        }
        return try await answer.value
    }

    private static func ask(_ host: String) -> Result<[NetworkAddress], any Error> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            return .failure(ResolutionError(host: host, reason: String(cString: gai_strerror(status))))
        }
        defer { freeaddrinfo(list) }
        var addresses: [NetworkAddress] = []
        var next = list
        while let entry = next {
            if let address = address(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { return .failure(ResolutionError(host: host, reason: "it has none")) }
        return .success(addresses)
    }

    private static func address(_ entry: addrinfo) -> NetworkAddress? {
        switch entry.ai_family {
        case AF_INET:
            entry.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                NetworkAddress(bytes: withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            entry.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                NetworkAddress(bytes: withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) })
            }
        default: nil
        }
    }
}
