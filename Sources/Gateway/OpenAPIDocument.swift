/// The description of the API that the gateway serves; `docs/openapi.yaml` is the same text, which a test holds equal.
enum OpenAPIDocument {
    static let text =
        transactions + labels + rules + models + alerts + webhooks + pipeline + cluster + health + components
        + detectionSchemas + alertSchemas + webhookSchemas + pipelineSchemas

    /// The beginning, and the paths of transactions.
    private static let transactions = #"""
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
          - name: labels
          - name: rules
          - name: lists
          - name: models
          - name: alerts
          - name: webhooks
          - name: pipeline
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
                A node that is configured for Kafka answers 202 once the brokers have the payment on all replicas in step, and it is
                taken from there; with an Idempotency-Key or `Prefer: wait` it goes straight to the log.
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
                  description: Committed, or with Kafka taken by the brokers.
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
                - $ref: "#/components/parameters/Limit"
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
                  description: Committed, or with Kafka taken by the brokers.
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
                - $ref: "#/components/parameters/TransactionID"
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

        """#

    /// The paths that are open to everyone.
    private static let health = #"""
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

        """#
}
