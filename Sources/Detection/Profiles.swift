public import Bytes

/// The profiles of all remembered users, bounded; see `GenerationalMap` for who is forgotten.
public struct Profiles: Sendable {
    public typealias Undo = GenerationalMap<UInt64, UserProfile>.Undo

    package private(set) var map: GenerationalMap<UInt64, UserProfile>

    /// At most `capacity` users, which must be at least 2.
    public init(capacity: Int) {
        map = GenerationalMap(capacity: capacity)
    }

    /// Users remembered (one that moved between generations may count twice).
    public var count: Int { map.count }

    public subscript(userKey: UInt64) -> UserProfile? { map[userKey] }

    /// Takes a payment into its user's profile, in place.
    public mutating func fold(_ event: PaymentEvent) {
        map.update(event.userKey, default: UserProfile()) { $0.fold(event) }
    }

    /// As `fold`, and tells how to undo it. Costs a copy of the profile.
    public mutating func foldUndoably(_ event: PaymentEvent) -> Undo {
        var profile = map[event.userKey] ?? UserProfile()
        profile.fold(event)
        return map.set(event.userKey, profile)
    }

    /// Takes back the latest `foldUndoably` that has not been taken back yet.
    public mutating func undo(_ undo: Undo) { map.undo(undo) }

    /// Equal profiles give equal bytes.
    public func encode(into writer: inout ByteWriter) {
        map.encode(into: &writer, key: { $1.write($0) }, value: { $0.encode(into: &$1) })
    }

    /// Reads what `encode` wrote for the same capacity.
    public init(capacity: Int, from reader: inout ByteReader) throws(MalformedBytes) {
        map = try GenerationalMap(
            capacity: capacity, from: &reader, entriesOfAtLeast: 8 + UserProfile.minimumByteCount,
            key: { reader throws(MalformedBytes) in try reader.read(UInt64.self) },
            value: { reader throws(MalformedBytes) in try UserProfile(from: &reader) })
    }
}
