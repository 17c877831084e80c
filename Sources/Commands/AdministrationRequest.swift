import Foundation
package import Gateway

/// What an operator asks of the cluster, as it goes onto the wire.
package struct AdministrationRequest: Sendable, Equatable {
    package let method: String
    package let path: String
    /// JSON with its keys sorted, or what the content type says; nil: none, or `bytes`.
    package let body: String?
    package var contentType = "application/json"
    /// A body that is no text.
    package var bytes: [UInt8]?
    /// More header fields, by name.
    package var fields: [String: String] = [:]

    package init(
        method: String, path: String, body: String?, contentType: String = "application/json", bytes: [UInt8]? = nil,
        fields: [String: String] = [:]
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.contentType = contentType
        self.bytes = bytes
        self.fields = fields
    }

    package static func add(_ member: MemberAddition) throws -> AdministrationRequest {
        AdministrationRequest(method: "POST", path: "/cluster/members", body: try JSONOutput.text(member))
    }

    package static func remove(_ number: UInt64) -> AdministrationRequest {
        AdministrationRequest(method: "DELETE", path: "/cluster/members/\(number)", body: nil)
    }

    package static func replace(_ number: UInt64, by member: MemberAddition) throws -> AdministrationRequest {
        struct Replacement: Encodable {
            let number: UInt64
            let by: MemberAddition
        }
        return AdministrationRequest(
            method: "POST", path: "/cluster/replace", body: try JSONOutput.text(Replacement(number: number, by: member))
        )
    }

    package static func transfer(to number: UInt64?) throws -> AdministrationRequest {
        let target = number.map { ["target": $0] } ?? [:]
        return AdministrationRequest(method: "POST", path: "/cluster/leader", body: try JSONOutput.text(target))
    }

    package static let snapshot = AdministrationRequest(method: "POST", path: "/cluster/snapshot", body: nil)

    package static func history(limit: Int) -> AdministrationRequest {
        AdministrationRequest(method: "GET", path: "/cluster/history?limit=\(limit)", body: nil)
    }

    package static func maintenance(_ isOn: Bool) throws -> AdministrationRequest {
        AdministrationRequest(
            method: "PUT", path: "/cluster/maintenance", body: try JSONOutput.text(["enabled": isOn]))
    }
}
