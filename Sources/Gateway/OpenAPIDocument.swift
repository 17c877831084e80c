/// The description of the API that the gateway serves; `docs/openapi.yaml` is the same text, which a test holds equal.
enum OpenAPIDocument {
    static let text = #"""
        openapi: 3.1.0
        info:
          title: Redoubt
          version: "1"
          summary: Takes payments in at any node, decides each once, and keeps all of them on every node.
          license:
            name: MIT
            identifier: MIT
        security:
          - bearer: []
        tags:
          - name: transactions
          - name: cluster
          - name: health
        paths:
          /transactions:
            post:
              tags: [transactions]
              operationId: postTransaction
              summary: Takes one transaction. Role ingest.
              description: >-
                Answers once the transaction is committed on a majority. With `Prefer: wait` the answer carries the decision. To
                repeat a request safely, send the same Idempotency-Key (kept for 24 hours) or the same transaction_id (for ever).
              parameters:
                - $ref: "#/components/parameters/IdempotencyKey"
                - $ref: "#/components/parameters/Prefer"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/NewTransaction" }
              responses:
                "200":
                  description: "Committed and decided (with `Prefer: wait`)."
                  headers:
                    Preference-Applied: { schema: { const: wait } }
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Result" }
                "202":
                  description: Committed.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [status, transaction_id]
                        properties:
                          status: { const: processing }
                          transaction_id: { $ref: "#/components/schemas/TransactionID" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Problem" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            get:
              tags: [transactions]
              operationId: listTransactions
              summary: Lists transactions, newest occurrence first. Role analyst.
              parameters:
                - name: user_id
                  in: query
                  schema: { type: string, minLength: 1, maxLength: 128 }
                - name: decision
                  in: query
                  schema: { $ref: "#/components/schemas/Decision" }
                - name: from
                  in: query
                  description: Earliest time of occurrence, inclusive. A plus sign stands for itself.
                  schema: { type: string, format: date-time }
                - name: to
                  in: query
                  description: Latest time of occurrence, exclusive.
                  schema: { type: string, format: date-time }
                - name: limit
                  in: query
                  schema: { type: integer, minimum: 1, maximum: 1000, default: 100 }
                - name: cursor
                  in: query
                  description: The next_cursor of the page before.
                  schema: { type: string }
                - $ref: "#/components/parameters/Consistency"
              responses:
                "200":
                  description: A page.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [transactions, next_cursor]
                        properties:
                          transactions:
                            type: array
                            items: { $ref: "#/components/schemas/Transaction" }
                          next_cursor:
                            description: Null on the last page.
                            type: [string, "null"]
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /transactions/batch:
            post:
              tags: [transactions]
              operationId: postBatch
              summary: Takes many transactions, all or none. Role ingest.
              description: >-
                One JSON object a line, ended by LF or CR LF; blank lines are passed over. At most 10,000 transactions, 8 MiB, and
                64 KiB a line. Faults are listed by line and field, the first hundred of them.
              parameters:
                - $ref: "#/components/parameters/IdempotencyKey"
                - $ref: "#/components/parameters/Prefer"
              requestBody:
                required: true
                content:
                  application/x-ndjson:
                    schema: { type: string }
              responses:
                "200":
                  description: "Committed and decided (with `Prefer: wait`)."
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [status, accepted, duplicates, results]
                        properties:
                          status: { const: done }
                          accepted: { type: integer }
                          duplicates: { type: integer }
                          results:
                            type: array
                            items: { $ref: "#/components/schemas/Result" }
                "202":
                  description: Committed.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [status, accepted, duplicates, transaction_ids]
                        properties:
                          status: { const: processing }
                          accepted: { type: integer, description: Taken by this request. }
                          duplicates: { type: integer, description: Taken before. }
                          transaction_ids:
                            description: In the order of the lines.
                            type: array
                            items: { $ref: "#/components/schemas/TransactionID" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Problem" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /transactions/{id}:
            get:
              tags: [transactions]
              operationId: getTransaction
              summary: One transaction. Role analyst.
              parameters:
                - name: id
                  in: path
                  required: true
                  schema: { $ref: "#/components/schemas/TransactionID" }
                - $ref: "#/components/parameters/Consistency"
              responses:
                "200":
                  description: The transaction.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Transaction" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster:
            get:
              tags: [cluster]
              operationId: getCluster
              summary: The cluster as this node sees it. Role analyst.
              responses:
                "200":
                  description: Members, roles, indexes, PostgreSQL.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Cluster" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
          /cluster/verify:
            post:
              tags: [cluster]
              operationId: startVerification
              summary: Has every node compute the digest of its content at one log index. Role operator.
              responses:
                "202":
                  description: Committed; ask each node for its digest at the index.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [index]
                        properties:
                          index: { type: integer }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/digest/{index}:
            get:
              tags: [cluster]
              operationId: getDigest
              summary: This node's digest at the index of a verification. Role operator.
              parameters:
                - name: index
                  in: path
                  required: true
                  schema: { type: integer, minimum: 0 }
              responses:
                "200":
                  description: The digest; equal on two nodes exactly if their content is.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [node, index, digest, transactions]
                        properties:
                          node: { type: integer }
                          index: { type: integer }
                          digest: { type: string, pattern: "^[0-9a-f]+$" }
                          transactions: { type: integer }
                "202":
                  description: Not computed yet.
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          status: { const: processing }
                          index: { type: integer }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
          /health/live:
            get: { tags: [health], operationId: live, summary: Whether the process works., security: [], responses: { "200": { $ref: "#/components/responses/Health" }, "503": { $ref: "#/components/responses/Health" } } }
          /health/ready:
            get: { tags: [health], operationId: ready, summary: Whether the node serves reads and writes., security: [], responses: { "200": { $ref: "#/components/responses/Health" }, "503": { $ref: "#/components/responses/Health" } } }
          /health/leader:
            get: { tags: [health], operationId: leader, summary: Whether the node leads., security: [], responses: { "200": { $ref: "#/components/responses/Health" }, "503": { $ref: "#/components/responses/Health" } } }
          /metrics:
            get:
              tags: [health]
              operationId: metrics
              summary: Metrics in the text format of Prometheus, version 0.0.4.
              security: []
              responses:
                "200":
                  description: Metrics.
                  content:
                    text/plain: { schema: { type: string } }
          /openapi.yaml:
            get:
              tags: [health]
              operationId: openapi
              summary: This document.
              security: []
              responses:
                "200":
                  description: This document.
                  content:
                    application/yaml: { schema: { type: string } }
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
          responses:
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
            Cluster:
              type: object
              required: [cluster_id, node, term, members, postgres]
              properties:
                cluster_id: { type: string }
                node: { type: integer, description: The node that answers. }
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
                members:
                  type: array
                  items:
                    type: object
                    required: [id, role, address, reachable]
                    properties:
                      id: { type: integer }
                      role: { enum: [leader, follower, candidate, learner, unknown] }
                      address: { type: string }
                      reachable: { type: boolean }
                      match_index: { type: integer }
                      lag: { type: integer }
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
                      line: { type: integer, description: Of a batch, counted from 1. }

        """#
}
