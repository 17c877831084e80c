import Detection

/// Reads labelled payments from CSV, gzip or plain.
///
/// Columns, found by name: `tx_id` (unused), `timestamp`, `customer_id`, `terminal_id`, `amount` and `is_fraud` (0 or 1)
/// must be there; `currency` (EUR if missing), `country`, `device_id`, `channel` and `labelled_at` (when the label
/// arrives; empty: never) may be. The handbook's own names `tx_datetime`, `tx_amount` and `tx_fraud` do as well. Other
/// columns are never looked at.
public enum PaymentFile {
    /// Reads whole files. Without a column `labelled_at`, every payment's label arrives `labelDelayMicroseconds` after
    /// the payment. `progress` is told the lines read so far now and then.
    public static func read(
        _ path: String, labelDelayMicroseconds: Int64, vocabulary: PaymentVocabulary,
        progress: (Int) -> Void = { _ in }
    ) throws(TrainingError) -> [LabelledPayment] {
        do throws(GzipLines.Failure) {
            let lines = try GzipLines(path: path)
            let columns: Columns? = try lines.next { header throws(GzipLines.Failure) in
                try Columns(header: header, path: path, vocabulary: vocabulary)
            }
            guard let columns else { throw GzipLines.Failure(path: path, reason: "the file is empty") }
            var row = CSVRow()
            var payments: [LabelledPayment] = []
            while try lines.next({ line throws(GzipLines.Failure) in
                guard !line.isEmpty else { return }
                row.split(line)
                switch columns.payment(row, labelDelayMicroseconds: labelDelayMicroseconds) {
                case .success(let payment): payments.append(payment)
                case .failure(let malformed):
                    throw GzipLines.Failure(path: path, reason: "line \(lines.lineNumber): \(malformed.reason)")
                }
            }) != nil {
                if payments.count.isMultiple(of: 1 << 16) { progress(payments.count) }
            }
            return payments
        } catch {
            throw TrainingError(error.description)
        }
    }

    private struct Malformed: Error {
        let reason: String
    }

    private struct Columns {
        let timestamp: Int
        let customer: Int
        let terminal: Int
        let amount: Int
        let isFraud: Int
        let currency: Int?
        let country: Int?
        let device: Int?
        let channel: Int?
        let labelledAt: Int?
        let count: Int
        let vocabulary: PaymentVocabulary

        init(
            header: UnsafeRawBufferPointer, path: String, vocabulary: PaymentVocabulary
        ) throws(GzipLines.Failure) {
            let names = String(decoding: header, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.lowercased() }
            func needed(_ name: String, or other: String? = nil) throws(GzipLines.Failure) -> Int {
                guard let position = names.firstIndex(of: name) ?? other.flatMap({ names.firstIndex(of: $0) }) else {
                    throw GzipLines.Failure(
                        path: path,
                        reason: "no column '\(name)'; needed are timestamp,customer_id,terminal_id,amount,is_fraud")
                }
                return position
            }
            timestamp = try needed("timestamp", or: "tx_datetime")
            customer = try needed("customer_id")
            terminal = try needed("terminal_id")
            amount = try needed("amount", or: "tx_amount")
            isFraud = try needed("is_fraud", or: "tx_fraud")
            currency = names.firstIndex(of: "currency")
            country = names.firstIndex(of: "country")
            device = names.firstIndex(of: "device_id")
            channel = names.firstIndex(of: "channel")
            labelledAt = names.firstIndex(of: "labelled_at")
            count = names.count
            self.vocabulary = vocabulary
        }

        func payment(_ row: CSVRow, labelDelayMicroseconds: Int64) -> Result<LabelledPayment, Malformed> {
            func failure(_ reason: String) -> Result<LabelledPayment, Malformed> { .failure(Malformed(reason: reason)) }
            let fields = row.fields
            guard fields.count == count else {
                return failure("\(fields.count) fields where the header has \(count)")
            }
            guard let time = CSVRow.microseconds(fields[timestamp]) else {
                return failure("timestamp '\(CSVRow.text(fields[timestamp]))' is not like 2018-04-01T00:00:31Z")
            }
            guard !fields[customer].isEmpty, !fields[terminal].isEmpty else {
                return failure("customer_id or terminal_id is empty")
            }
            let currencyCode = currency.map { CSVRow.text(fields[$0]) } ?? "EUR"
            guard let currencyTag = CurrencyTag(currencyCode) else {
                return failure("currency '\(currencyCode)' is not like EUR")
            }
            guard let exponent = vocabulary.exponent(currencyTag) else {
                return failure("there is no currency '\(currencyCode)'")
            }
            guard let amountMinor = CSVRow.decimal(fields[amount], decimals: Int(exponent)) else {
                return failure("amount '\(CSVRow.text(fields[amount]))' is no amount of \(currencyCode)")
            }
            let verdict = CSVRow.text(fields[isFraud])
            guard verdict == "0" || verdict == "1" else { return failure("is_fraud is '\(verdict)', not 0 or 1") }
            var labelTime: Int64? = time + labelDelayMicroseconds
            if let labelledAt {
                labelTime = CSVRow.microseconds(fields[labelledAt])
                guard labelTime != nil || fields[labelledAt].isEmpty else {
                    return failure("labelled_at '\(CSVRow.text(fields[labelledAt]))' is neither a time nor empty")
                }
            }
            let channelName = channel.map { CSVRow.text(fields[$0]) } ?? ""
            guard let channelValue = channelName.isEmpty ? 0 : vocabulary.channel(channelName) else {
                return failure("channel '\(channelName)' is not known")
            }
            let countryCode = country.map { CSVRow.text(fields[$0]) } ?? ""
            guard let countryTag = countryCode.isEmpty ? .unknown : CountryTag(countryCode) else {
                return failure("country '\(countryCode)' is not like DE")
            }
            let event = PaymentEvent(
                userKey: CSVRow.key(fields[customer]), merchantKey: CSVRow.key(fields[terminal]),
                deviceKey: device.map { fields[$0].isEmpty ? 0 : CSVRow.key(fields[$0]) } ?? 0,
                amountMinor: amountMinor, currency: currencyTag, minorUnitExponent: exponent, country: countryTag,
                channel: channelValue, occurredAtMicroseconds: time)
            return .success(LabelledPayment(event: event, isFraud: verdict == "1", labelledAtMicroseconds: labelTime))
        }
    }
}
