import Detection

/// Made-up payments as lines of CSV: the columns that `redoubt replay`, `train` and `evaluate` read, and `pattern` for the
/// curious, which nothing learns from.
public enum PaymentCSV {
    public static let header =
        "tx_id,timestamp,customer_id,terminal_id,amount,is_fraud,currency,country,device_id,channel,location,"
        + "labelled_at,pattern"

    /// The payment's line without an end. `time` writes microseconds since 1970 as RFC 3339.
    public static func line(_ payment: GeneratedPayment, time: (Int64) -> String) -> String {
        let cents = String(payment.amountMinor % 100)
        let amount = "\(payment.amountMinor / 100).\(cents.utf8.count == 1 ? "0" : "")\(cents)"
        let country = Country.all[payment.country]
        return [
            String(payment.number), time(payment.occurredAtMicroseconds), payment.userID, payment.merchantID, amount,
            payment.isFraud ? "1" : "0", payment.currency.description, country.tag.description, payment.deviceID ?? "",
            payment.channel.name, country.towns[payment.town], payment.labelledAtMicroseconds.map(time) ?? "",
            payment.pattern?.name ?? "",
        ].joined(separator: ",")
    }
}
