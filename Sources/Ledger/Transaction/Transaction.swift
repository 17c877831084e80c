/// One payment as a client tells it.
public struct Transaction: Sendable, Equatable {
    public var userID: String
    public var amount: Amount
    public var merchant: String
    public var location: String
    public var merchantID: String?
    public var deviceID: String?
    /// IPv4 or IPv6, as text.
    public var ip: String?
    /// A name of `PaymentChannel`.
    public var channel: String?
    /// Microseconds since 1970 UTC.
    public var occurredAtMicroseconds: Int64

    /// Takes anything; `validate()` tells what is wrong with it.
    public init(
        userID: String, amount: Amount, merchant: String, location: String, merchantID: String? = nil,
        deviceID: String? = nil, ip: String? = nil, channel: String? = nil, occurredAtMicroseconds: Int64
    ) {
        self.userID = userID
        self.amount = amount
        self.merchant = merchant
        self.location = location
        self.merchantID = merchantID
        self.deviceID = deviceID
        self.ip = ip
        self.channel = channel
        self.occurredAtMicroseconds = occurredAtMicroseconds
    }
}
