extension RuleProgram {
    /// What a new cluster begins with. It is data like any other text of rules: docs/rules.md tells how to change it.
    public static let standard: RuleProgram = {
        do {
            return try RuleProgram(yaml: standardText)
        } catch {
            preconditionFailure("the standard rules do not compile: \(error)")
        }
    }()

    /// No number in it was fitted to a data set; each is what an analyst would begin with.
    public static let standardText = """
        version: 1

        # Without a model the rules decide alone: points of at least these are for review, or blocked.
        decision:
          review: 0.5
          block: 0.85

        # Filled through the API. An unknown or empty list matches nothing.
        lists:
          trusted_users: user
          trusted_merchants: merchant
          blocked_users: user
          blocked_merchants: merchant
          blocked_devices: device
          blocked_countries: country
          watched_merchants: merchant

        # About what one euro is worth: orders of magnitude, not rates, so that a verdict never depends on the day.
        # A currency that is not listed counts as one euro a unit.
        amounts:
          euro:
            default: 1
            ALL: 100
            AMD: 400
            AOA: 1000
            ARS: 1500
            BDT: 130
            CLP: 1000
            COP: 4500
            CRC: 600
            CZK: 25
            DOP: 70
            DZD: 150
            GNF: 10000
            HUF: 400
            IDR: 18000
            INR: 100
            IQD: 1500
            IRR: 50000
            ISK: 150
            JMD: 180
            JPY: 160
            KES: 150
            KHR: 4500
            KRW: 1600
            KZT: 550
            LAK: 25000
            LBP: 100000
            LKR: 350
            MGA: 5000
            MMK: 2500
            MNT: 4000
            MWK: 2000
            MXN: 20
            NGN: 1800
            NPR: 150
            PHP: 65
            PKR: 320
            PYG: 8000
            RSD: 120
            RUB: 100
            RWF: 1600
            SYP: 14000
            THB: 40
            TRY: 45
            TWD: 35
            TZS: 3000
            UAH: 45
            UGX: 4200
            UYU: 45
            UZS: 14000
            VND: 29000
            XAF: 650
            XOF: 650
            YER: 280
            ZMW: 30

        rules:
          # Lists. At one priority an approval overrides a block.
          - id: trusted_user
            when: user in list trusted_users
            decision: approve
            priority: 100
            reason: the user is on the list of trusted users

          - id: trusted_merchant
            when: merchant in list trusted_merchants
            decision: approve
            priority: 100
            reason: the merchant is on the list of trusted merchants

          - id: blocked_user
            when: user in list blocked_users
            decision: block
            priority: 100
            points: 1
            reason: the user is on the list of blocked users

          - id: blocked_merchant
            when: merchant in list blocked_merchants
            decision: block
            priority: 100
            points: 1
            reason: the merchant is on the list of blocked merchants

          - id: blocked_device
            when: device in list blocked_devices
            decision: block
            priority: 100
            points: 1
            reason: the device is on the list of blocked devices

          - id: blocked_country
            when: country in list blocked_countries
            decision: block
            priority: 100
            points: 1
            reason: "{country} is on the list of blocked countries"

          - id: watched_merchant
            when: merchant in list watched_merchants
            decision: review
            points: 0.5
            reason: the merchant is on the list of watched merchants

          # The amount.
          - id: amount_over_limit
            when: amount > 10_000 * amounts.euro
            points: 0.5
            reason: "{amount} is over the limit of {10_000 * amounts.euro}"

          - id: amount_over_mean
            when: ratio_to_mean >= 10 and user_payments >= 5
            points: 0.4
            reason: "{amount} is {ratio_to_mean|times} this user's usual amount"

          - id: new_merchant_high_amount
            when: merchant_is_new and ratio_to_mean >= 3 and user_payments >= 5
            points: 0.3
            reason: "{amount}, {ratio_to_mean|times} this user's usual amount, to a merchant that is new to the user"

          - id: repeated_high_amounts
            description: A stolen card that is used again and again.
            when: ratio_to_mean >= 3 and high_count_7d >= 3
            points: 0.4
            reason: "{high_count_7d|number} unusually high payments within 7 days before this one"

          # Speed.
          - id: count_in_hour
            when: count_1h > 12
            points: 0.4
            reason: "{count_1h|number} payments within 1 hour, more than 12"

          - id: sum_in_hour
            when: sum_1h > 20_000 and count_1h > 1
            points: 0.4
            reason: "payments worth about {sum_1h|number} euros within 1 hour, more than 20,000"

          - id: test_then_burst
            description: Small payments that try out a card, then a large one.
            when: small_count_1h >= 3 and ratio_to_mean >= 2
            points: 0.6
            reason: "{amount} after {small_count_1h|number} very small payments within 1 hour"

          - id: many_new_merchants
            when: new_merchants_24h >= 8 and user_payments >= 20
            points: 0.3
            reason: "{new_merchants_24h|number} payments to new merchants within 24 hours"

          # Places, currencies and devices.
          - id: impossible_travel
            when: country_changed and hours_since_other_country <= 2
            points: 0.4
            reason: "a payment from {country}, {hours_since_other_country * 3600|duration} after one from another country"

          - id: currency_change
            when: currency_changed and gap_seconds <= 2h
            points: 0.3
            reason: "{currency} is another currency than {gap_seconds|duration} ago"

          - id: new_device_high_amount
            when: device_is_new and ratio_to_mean >= 3 and user_payments >= 5
            points: 0.4
            reason: "{amount}, {ratio_to_mean|times} this user's usual amount, from a device that is new to the user"

          - id: account_takeover
            when: device_is_new and merchant_is_new and (country_is_new or country_changed) and user_payments >= 5
            points: 0.5
            reason: new device, new merchant and another country at once

          # What labels say, which come days later.
          - id: merchant_watchlist
            when: merchant_fraud_share_7d >= 0.25 and merchant_frauds_28d >= 2
            points: 0.5
            reason: "{merchant_frauds_28d|number} frauds known at the merchant, {merchant_fraud_share_7d|percent} of its labelled payments of a week"

          - id: user_had_fraud
            when: user_frauds_28d >= 1 and ratio_to_mean >= 3
            points: 0.4
            reason: "{amount} is {ratio_to_mean|times} this user's usual amount, and the user had known fraud within 28 days"
        """
}
