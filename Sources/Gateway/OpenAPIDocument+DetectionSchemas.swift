extension OpenAPIDocument {
    /// What labels, rules, lists and models look like.
    static let detectionSchemas = #"""
            Name:
              type: string
              pattern: "^[a-z][a-z0-9_]{0,63}$"
            ModelID:
              type: string
              pattern: "^[0-9a-f]{16}$"
            Label:
              type: object
              additionalProperties: false
              required: [label]
              properties:
                label: { enum: [fraud, legitimate] }
                labelled_at: { type: [string, "null"], format: date-time, description: When it became known; now if absent. }
                source: { type: [string, "null"], minLength: 1, maxLength: 64, description: "Who or what says so; api if absent." }
            LabelStatus:
              description: accepted, the first label; changed, it had the other; unchanged, it had the same.
              enum: [accepted, changed, unchanged, unknown_transaction, invalid]
            LabelAnswer:
              type: object
              required: [transaction_id, status, log_index]
              properties:
                transaction_id: { $ref: "#/components/schemas/TransactionID" }
                status: { $ref: "#/components/schemas/LabelStatus" }
                log_index: { type: integer }
            LabelResults:
              type: object
              required: [accepted, changed, unchanged, unknown, invalid, results]
              properties:
                accepted: { type: integer }
                changed: { type: integer }
                unchanged: { type: integer }
                unknown: { type: integer, description: Labels of transactions that are not there. }
                invalid: { type: integer, description: Lines that are no labels. }
                log_index: { type: integer, description: Absent where nothing was sent on. }
                results:
                  type: array
                  items:
                    type: object
                    required: [line, status]
                    properties:
                      line: { type: integer, description: "Counted from 1, blank lines included." }
                      transaction_id: { type: string }
                      status: { $ref: "#/components/schemas/LabelStatus" }
                      errors: { type: array, items: { type: object, required: [detail], properties: { field: { type: string }, detail: { type: string } } } }
            UserProfile:
              type: object
              required: [user_id, log_index, payments]
              properties:
                user_id: { type: string }
                log_index: { type: integer, description: The profile includes it at least. }
                payments: { type: integer }
                first_payment_at: { type: string, format: date-time }
                last_payment_at: { type: string, format: date-time }
                mean_amount_eur: { type: number, description: "Robust mean, in about euros." }
                largest_amount_eur: { type: number }
                log2_amount_mean: { type: number }
                log2_amount_deviation: { type: number }
                countries: { type: array, items: { type: string }, description: The one used last stands last. }
                currencies: { type: array, items: { type: string } }
                merchants: { type: integer, description: That are remembered. }
                devices: { type: integer }
                known_frauds: { type: integer }
                sequence_length: { type: integer, description: Payments that the transformer sees. }
                sequence_digest: { type: string, description: Equal for equal histories. }
            MerchantProfile:
              type: object
              required: [merchant, log_index, payments, labelled, known_frauds, run]
              properties:
                merchant: { type: string }
                log_index: { type: integer }
                payments: { type: integer }
                first_payment_at: { type: string, format: date-time }
                last_payment_at: { type: string, format: date-time }
                labelled: { type: integer, description: Payments whose labels are remembered. }
                known_frauds: { type: integer }
                last_labelled_payment_at: { type: string, format: date-time }
                run:
                  description: The latest frauds by payment time, without one known to be genuine between them.
                  type: object
                  required: [length, unexplained]
                  properties:
                    length: { type: integer }
                    unexplained: { type: integer, description: Those that their users' own behaviour does not explain. }
                    started_at: { type: string, format: date-time }
                    last_genuine_at: { type: string, format: date-time }
            ChangeReceipt:
              type: object
              required: [version, changed, log_index]
              properties:
                version: { type: integer, description: Of what was changed. }
                changed: { type: boolean, description: False if it was so already. }
                log_index: { type: integer }
                model: { $ref: "#/components/schemas/ModelID" }
            RuleVersion:
              type: object
              required: [version, active, author, comment]
              properties:
                version: { type: integer, description: "0: the rules that the program ships." }
                active: { type: boolean }
                author: { type: string }
                comment: { type: string }
                created_at: { type: string, format: date-time }
                log_index: { type: integer }
                restores: { type: integer, description: The version whose text it brought back. }
                rules: { type: string, description: YAML. }
                hits:
                  description: How often the rules have fired on this node, while it led.
                  type: array
                  items:
                    type: object
                    required: [rule, shadow, hits]
                    properties:
                      rule: { type: string }
                      shadow: { type: boolean }
                      hits: { type: integer }
            BacktestRequest:
              type: object
              additionalProperties: false
              properties:
                rules: { type: [string, "null"], description: YAML. }
                version: { type: [integer, "null"], minimum: 0 }
                as_they_were: { type: [boolean, "null"] }
                from: { type: [string, "null"], format: date-time }
                to: { type: [string, "null"], format: date-time }
            Backtest:
              type: object
              required: [id, state, started_at, processed, total, progress, through_index]
              properties:
                id: { type: string }
                state: { enum: [running, finished, cancelled, failed] }
                reason: { type: string, description: Why it failed. }
                started_at: { type: string, format: date-time }
                processed: { type: integer }
                total: { type: integer }
                progress: { type: number, minimum: 0, maximum: 1 }
                through_index: { type: integer }
                report:
                  type: object
                  required: [fingerprint, payments, changed, overlap, rules, days, examples]
                  properties:
                    fingerprint: { type: string }
                    payments: { type: integer }
                    changed: { type: integer, description: Payments that the rules decide otherwise than was decided. }
                    overlap:
                      description: "Payments by what is stored, and within that by what the rules decide."
                      type: object
                      additionalProperties: { type: object, additionalProperties: { type: integer } }
                    rules:
                      type: array
                      items: { type: object, required: [id, mode, hits], properties: { id: { type: string }, mode: { enum: [live, shadow, "off"] }, hits: { type: integer } } }
                    days:
                      type: array
                      items:
                        type: object
                        required: [day, payments, decisions, hits]
                        properties:
                          day: { type: string, format: date }
                          payments: { type: integer }
                          decisions: { type: object, additionalProperties: { type: integer } }
                          hits: { type: object, additionalProperties: { type: integer } }
                    examples:
                      type: array
                      items:
                        type: object
                        required: [transaction_id, stored, candidate, fired]
                        properties:
                          transaction_id: { type: string }
                          stored: { $ref: "#/components/schemas/Decision" }
                          candidate: { $ref: "#/components/schemas/Decision" }
                          fired: { type: array, items: { type: string } }
            ListKind:
              enum: [user, merchant, device, country, currency]
            List:
              type: object
              required: [name, kind, description, entries, version, changed_at, changed_by]
              properties:
                name: { $ref: "#/components/schemas/Name" }
                kind: { $ref: "#/components/schemas/ListKind" }
                description: { type: string }
                entries: { type: integer }
                version: { type: integer, description: Rises with each change. }
                changed_at: { type: string, format: date-time }
                changed_by: { type: string }
                log_index: { type: integer }
            ListPage:
              type: object
              required: [list, entries]
              properties:
                list: { $ref: "#/components/schemas/List" }
                entries:
                  type: array
                  items: { type: object, required: [value, added_at, added_by], properties: { value: { type: string }, added_at: { type: string, format: date-time }, added_by: { type: string } } }
                next_offset: { type: integer, description: Absent on the last part. }
            NewList:
              type: object
              additionalProperties: false
              required: [kind]
              properties:
                kind: { $ref: "#/components/schemas/ListKind" }
                description: { type: [string, "null"], maxLength: 512 }
                entries: { type: [array, "null"], maxItems: 10000, items: { type: string, minLength: 1, maxLength: 256 } }
            Entries:
              type: object
              additionalProperties: false
              required: [entries]
              properties:
                entries: { type: array, minItems: 1, maxItems: 10000, items: { type: string, minLength: 1, maxLength: 256 } }
            Model:
              type: object
              required: [id, name, state, bytes, created_at, rows, frauds, metrics, pushed_by, pushed_at]
              properties:
                id: { $ref: "#/components/schemas/ModelID" }
                name: { type: string }
                state: { enum: [active, shadow, stored] }
                bytes: { type: integer }
                created_at: { type: string, format: date-time }
                trained_from: { type: string, format: date-time }
                trained_to: { type: string, format: date-time }
                rows: { type: integer }
                frauds: { type: integer }
                seeds: { type: array, items: { type: integer } }
                metrics: { type: object, additionalProperties: { type: number }, description: As they were measured when it was trained. }
                pushed_by: { type: string }
                pushed_at: { type: string, format: date-time }
                log_index: { type: integer }
                report:
                  description: Absent while it has not scored.
                  type: object
                  required: [scored, true_positives, false_positives, false_negatives, true_negatives]
                  properties:
                    scored: { type: integer }
                    true_positives: { type: integer, description: "Labelled frauds of which it said review or block." }
                    false_positives: { type: integer }
                    false_negatives: { type: integer }
                    true_negatives: { type: integer }
                    precision: { type: number }
                    recall: { type: number }
                    psi: { type: number, description: "Drift of its scores, the population stability index; above 0.25 a shift." }
            Models:
              type: object
              required: [models, history]
              properties:
                active: { $ref: "#/components/schemas/ModelID" }
                shadow: { $ref: "#/components/schemas/ModelID" }
                models: { type: array, items: { $ref: "#/components/schemas/Model" } }
                history:
                  type: array
                  items:
                    type: object
                    required: [role, rollback, author, time]
                    properties:
                      model: { $ref: "#/components/schemas/ModelID" }
                      role: { enum: [active, shadow] }
                      previous: { $ref: "#/components/schemas/ModelID" }
                      rollback: { type: boolean }
                      author: { type: string }
                      time: { type: string, format: date-time }
                      log_index: { type: integer }

        """#
}
