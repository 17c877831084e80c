extension OpenAPIDocument {
    /// What the paths share: parameters, answers, schemas.
    static let components = #"""
        components:
          securitySchemes:
            bearer:
              type: http
              scheme: bearer
              bearerFormat: JWT
              description: >-
                HS256 or ES256, at most 4096 bytes, with `sub`, `exp` and `roles`, a list of ingest, analyst and operator. The
                operator may do everything.
          parameters:
            IdempotencyKey:
              name: Idempotency-Key
              in: header
              description: Names the request among those of the token's subject; a repetition gets the first answer.
              schema: { type: string, minLength: 1, maxLength: 255, pattern: "^[!-~]+$" }
            Prefer:
              name: Prefer
              in: header
              description: "`wait` asks for the decision; `wait=N` gives the request N seconds (at most 30) in place of 5."
              schema: { type: string }
            Consistency:
              name: consistency
              in: query
              description: linearizable sees all that was acknowledged anywhere before; local sees what this node has applied.
              schema: { enum: [local, linearizable], default: linearizable }
            Name:
              name: name
              in: path
              required: true
              schema: { $ref: "#/components/schemas/Name" }
            ModelID:
              name: id
              in: path
              required: true
              schema: { $ref: "#/components/schemas/ModelID" }
            Limit:
              name: limit
              in: query
              schema: { type: integer, minimum: 1, maximum: 1000, default: 100 }
            TransactionID:
              name: id
              in: path
              required: true
              schema: { $ref: "#/components/schemas/TransactionID" }
            ProfileID:
              name: id
              in: path
              required: true
              description: Percent-encoded.
              schema: { type: string, minLength: 1 }
            BacktestID:
              name: id
              in: path
              required: true
              schema: { type: string }
            ListValue:
              name: value
              in: path
              required: true
              description: Percent-encoded.
              schema: { type: string, minLength: 1, maxLength: 256 }
            WebhookName:
              name: name
              in: path
              required: true
              schema: { type: string, pattern: "^[a-z0-9_-]{1,48}$" }
          responses:
            Changed:
              description: Committed; in effect on every node from the log index on.
              content:
                application/json:
                  schema: { $ref: "#/components/schemas/ChangeReceipt" }
            MembersChanged:
              description: Done.
              content:
                application/json:
                  schema: { $ref: "#/components/schemas/MembershipReceipt" }
            MembersChanging:
              description: Committed; the rest follows by itself. GET /cluster shows how far it is.
              content:
                application/json:
                  schema: { $ref: "#/components/schemas/MembershipReceipt" }
            WebhookChanged:
              description: Committed.
              content:
                application/json:
                  schema:
                    type: object
                    required: [name, changed, log_index]
                    properties:
                      name: { type: string }
                      changed: { type: boolean, description: It was not so already. }
                      log_index: { type: integer }
            Paused:
              description: Done.
              content:
                application/json:
                  schema: { type: object, required: [paused], properties: { paused: { type: boolean } } }
            Problem:
              description: What is wrong.
              content:
                application/problem+json:
                  schema: { $ref: "#/components/schemas/Problem" }
            Unauthorized:
              description: The token is missing or not accepted.
              headers:
                WWW-Authenticate: { schema: { type: string } }
              content:
                application/problem+json:
                  schema: { $ref: "#/components/schemas/Problem" }
            Conflict:
              description: >-
                The cluster's present state does not allow it; the detail says what to do. The types are urn:redoubt:problem: and
                one of change-under-way, not-caught-up, node-not-waiting, member-unknown, member-alive, already-member, last-voter,
                quorum-at-risk, too-many-members, transfer-under-way, transfer-failed, in-maintenance and snapshot-under-way; of
                rules, lists and models rules-changed, model-changed, model-in-use, too-many-models, too-many-lists,
                list-kind-differs, no-earlier-model and backtest-under-way; of streams too-many-streams; of alerts alert-changed; of
                webhooks too-many-webhooks.
              content:
                application/problem+json:
                  schema: { $ref: "#/components/schemas/Problem" }
            RetryLater:
              description: >-
                429 where a queue of the node is full, 503 where the cluster cannot answer now. The type
                urn:redoubt:problem:outcome-unknown says that a write may have been taken; repeat it with the same key or id.
              headers:
                Retry-After: { schema: { type: integer, minimum: 1 } }
              content:
                application/problem+json:
                  schema: { $ref: "#/components/schemas/Problem" }
            Health:
              description: 200 if it holds, 503 if not.
              content:
                application/json:
                  schema:
                    type: object
                    required: [status]
                    properties:
                      status: { enum: [live, not live, ready, not ready, leader, not leader] }
                      reason: { type: string }
          schemas:
            TransactionID:
              type: string
              pattern: "^txn_[0-7][0-9A-HJKMNP-TV-Z]{25}$"
            Decision:
              enum: [approve, review, block]
            Reasons:
              type: array
              items:
                type: object
                required: [code, text, points]
                properties:
                  code: { type: string }
                  text: { type: string }
                  points: { type: number }
            Engine:
              description: "rules: there was no model, and rules decided alone; hybrid: rules and a model."
              enum: [rules, hybrid]
            Scores:
              description: What the parts of the engine said, each 0 to 1; absent where a part said nothing.
              type: object
              properties:
                model: { $ref: "#/components/schemas/ModelID" }
                rules: { type: number }
                forest: { type: number }
                transformer: { type: number }
                probability: { type: number, description: The calibrated probability of fraud. }
                shadow_model: { $ref: "#/components/schemas/ModelID" }
                shadow: { type: number, description: The probability that the model in the shadow gives. }
            NewTransaction:
              type: object
              additionalProperties: false
              required: [user_id, amount, currency, merchant, location]
              properties:
                user_id: { type: string, minLength: 1, maxLength: 128 }
                amount:
                  description: >-
                    Plain decimal digits, without sign or exponent, exact to the currency's minor unit; as a string or a number,
                    and never rounded.
                  oneOf:
                    - { type: string, pattern: "^[0-9]+(\\.[0-9]+)?$" }
                    - { type: number, minimum: 0 }
                currency: { type: string, pattern: "^[A-Z]{3}$", description: ISO 4217. }
                merchant: { type: string, minLength: 1, maxLength: 256 }
                location:
                  type: string
                  minLength: 1
                  maxLength: 256
                  description: 'If its last part after a comma is a country code of ISO 3166, as in "Berlin, DE", that is the country.'
                occurred_at: { type: [string, "null"], format: date-time, description: The time of arrival if absent. }
                merchant_id: { type: [string, "null"], minLength: 1, maxLength: 128 }
                device_id: { type: [string, "null"], minLength: 1, maxLength: 128 }
                ip: { type: [string, "null"], description: An IPv4 or IPv6 address. }
                channel: { enum: [card_present, online, mobile, atm, transfer, other, null] }
                transaction_id:
                  description: A client's own id, for retries that have their effect once.
                  oneOf:
                    - { $ref: "#/components/schemas/TransactionID" }
                    - { type: "null" }
              examples:
                - { user_id: u-1001, amount: "42.50", currency: EUR, merchant: Bakery, location: "Berlin, DE" }
            Result:
              type: object
              required: [transaction_id, decision, score, reasons, duplicate]
              properties:
                transaction_id: { $ref: "#/components/schemas/TransactionID" }
                decision:
                  description: Null for a duplicate whose decision is not at hand.
                  oneOf:
                    - { $ref: "#/components/schemas/Decision" }
                    - { type: "null" }
                score: { type: [number, "null"], minimum: 0, maximum: 1 }
                reasons:
                  oneOf:
                    - { $ref: "#/components/schemas/Reasons" }
                    - { type: "null" }
                engine: { $ref: "#/components/schemas/Engine" }
                scores: { $ref: "#/components/schemas/Scores" }
                duplicate: { type: boolean, description: It had been taken before. }
            Transaction:
              type: object
              required: [transaction_id, user_id, amount, currency, merchant, location, occurred_at, accepted_at, log_index, decision, score, reasons]
              properties:
                transaction_id: { $ref: "#/components/schemas/TransactionID" }
                user_id: { type: string }
                amount: { type: string, description: 'With all decimals of the currency: "42.50".' }
                currency: { type: string }
                merchant: { type: string }
                location: { type: string }
                merchant_id: { type: string }
                device_id: { type: string }
                ip: { type: string }
                channel: { type: string }
                occurred_at: { type: string, format: date-time }
                accepted_at: { type: string, format: date-time }
                log_index: { type: integer }
                decision: { $ref: "#/components/schemas/Decision" }
                score: { type: number, minimum: 0, maximum: 1 }
                reasons: { $ref: "#/components/schemas/Reasons" }
                engine: { $ref: "#/components/schemas/Engine" }
                scores: { $ref: "#/components/schemas/Scores" }
                label:
                  description: The newest label; absent while there is none.
                  type: object
                  required: [label, source, labelled_at, log_index]
                  properties:
                    label: { enum: [fraud, legitimate] }
                    source: { type: string }
                    labelled_at: { type: string, format: date-time }
                    log_index: { type: integer }
            MemberNumber:
              type: integer
              minimum: 1
              maximum: 65535
            NewMember:
              type: object
              additionalProperties: false
              required: [number, peer_address, url]
              properties:
                number: { $ref: "#/components/schemas/MemberNumber" }
                peer_address: { type: string, maxLength: 300, description: 'Where the other nodes reach it: "host:port".' }
                url: { type: string, maxLength: 512, description: 'Where clients reach it: "https://host:port".' }
                promote: { type: [boolean, "null"], default: true, description: It votes once it has caught up. }
            MembershipReceipt:
              type: object
              required: [index, voters, learners, final]
              properties:
                index: { type: integer }
                voters: { type: array, items: { type: integer } }
                learners: { type: array, items: { type: integer } }
                final: { type: boolean, description: Nothing is left to be done. }
            Cluster:
              type: object
              required: [cluster_id, node, maintenance, term, membership, members, postgres]
              properties:
                cluster_id: { type: string }
                node: { type: integer, description: The node that answers. }
                identity:
                  description: Under which name the node speaks; absent while it is not known.
                  type: object
                  required: [number, life, boot, state]
                  properties:
                    number: { $ref: "#/components/schemas/MemberNumber" }
                    life: { $ref: "#/components/schemas/Life" }
                    boot: { type: integer, description: How often it was started in this life. }
                    state: { enum: [claiming, joining, member, removed] }
                    reason: { type: string }
                maintenance: { type: boolean, description: The node votes and replicates, and does not lead. }
                leader: { type: integer, description: Absent while none is known. }
                term: { type: integer }
                first_index: { type: integer }
                last_index: { type: integer }
                commit_index: { type: integer }
                folded_index: { type: integer }
                applied_index: { type: integer }
                flushed_index: { type: integer }
                log_bytes: { type: integer }
                postgres:
                  type: object
                  required: [state]
                  properties:
                    state: { enum: [connected, reconnecting, unknown] }
                    detail: { type: string }
                membership:
                  type: object
                  required: [voters, outgoing, learners, index, committed]
                  properties:
                    voters: { type: array, items: { type: integer }, description: The set that is to remain. }
                    outgoing: { type: array, items: { type: integer }, description: The set that is being left; mostly empty. }
                    learners: { type: array, items: { type: integer } }
                    index: { type: integer, description: 'The log entry that decided it; 0: the founding.' }
                    committed: { type: boolean }
                members:
                  type: array
                  items:
                    type: object
                    required: [id, life, role, address, reachable]
                    properties:
                      id: { $ref: "#/components/schemas/MemberNumber" }
                      life: { $ref: "#/components/schemas/Life" }
                      role: { enum: [leader, voter, learner] }
                      address: { type: string }
                      url: { type: string }
                      reachable: { type: boolean }
                      match_index: { type: integer }
                      lag: { type: integer }
                      state: { enum: [probe, replicate, snapshot], description: How the leader sends to it. }
                      snapshot:
                        type: object
                        required: [sent_bytes, total_bytes]
                        properties:
                          sent_bytes: { type: integer }
                          total_bytes: { type: integer }
            Life:
              description: Which life of the number it is, in hexadecimal digits; 0 for a founder's first.
              type: string
              pattern: "^[0-9a-f]{1,12}$"
            Problem:
              description: RFC 9457.
              type: object
              required: [type, title, status, detail]
              properties:
                type: { type: string, format: uri }
                title: { type: string }
                status: { type: integer }
                detail: { type: string }
                request_id: { type: string, description: Names an internal error in the node's log. }
                errors:
                  type: array
                  items:
                    type: object
                    required: [detail]
                    properties:
                      field: { type: string }
                      detail: { type: string }
                      line: { type: integer, description: "Of a batch or of rules, counted from 1." }
                      column: { type: integer, description: "Of rules, counted from 1." }

        """#
}
