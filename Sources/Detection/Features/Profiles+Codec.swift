public import Bytes

extension Profiles {
    /// Equal profiles give equal bytes.
    ///
    /// - Parameter progress: called after each profile with the bytes that the writer holds.
    public func encode(into writer: inout ByteWriter, progress: (Int) -> Void = { _ in }) {
        users.encode(into: &writer, key: { $1.write($0) }, value: { $0.encode(into: &$1) }, progress: progress)
        merchants.encode(into: &writer, key: { $1.write($0) }, value: { $0.encode(into: &$1) }, progress: progress)
    }

    /// Reads what `encode` wrote for the same capacities.
    public init(users: Int, merchants: Int, from reader: inout ByteReader) throws(MalformedBytes) {
        self.init(users: users, merchants: merchants)
        self.users = try GenerationalMap(
            capacity: users, from: &reader, entriesOfAtLeast: 8 + UserProfile.minimumByteCount,
            key: { reader throws(MalformedBytes) in try reader.read(UInt64.self) },
            value: { reader throws(MalformedBytes) in try UserProfile(from: &reader) })
        self.merchants = try GenerationalMap(
            capacity: merchants, from: &reader, entriesOfAtLeast: 8 + MerchantProfile.minimumByteCount,
            key: { reader throws(MalformedBytes) in try reader.read(UInt64.self) },
            value: { reader throws(MalformedBytes) in try MerchantProfile(from: &reader) })
    }

    /// As many merchants as users.
    public init(capacity: Int, from reader: inout ByteReader) throws(MalformedBytes) {
        try self.init(users: capacity, merchants: capacity, from: &reader)
    }
}
