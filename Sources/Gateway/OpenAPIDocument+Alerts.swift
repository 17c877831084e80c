extension OpenAPIDocument {
    /// The paths under `/alerts`.
    static let alerts = #"""
          /alerts:
            get:
              tags: [alerts]
              operationId: listAlerts
              summary: Lists the payments that were not approved, newest first. Role analyst.
              parameters:
                - name: state
                  in: query
                  schema: { $ref: "#/components/schemas/AlertState" }
                - name: decision
                  in: query
                  schema: { enum: [review, block] }
                - name: user_id
                  in: query
                  schema: { type: string, minLength: 1, maxLength: 128 }
                - name: from
                  in: query
                  description: Earliest time of the alert, inclusive. A plus sign stands for itself.
                  schema: { type: string, format: date-time }
                - name: to
                  in: query
                  description: Latest time of the alert, exclusive.
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
                        required: [alerts, next_cursor]
                        properties:
                          alerts:
                            type: array
                            items: { $ref: "#/components/schemas/Alert" }
                          next_cursor:
                            description: Null on the last page.
                            type: [string, "null"]
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /alerts/stream:
            get:
              tags: [alerts]
              operationId: streamAlerts
              summary: A live stream of alerts, from what this node has applied. Role analyst.
              description: >-
                Goes on after the position that the client saw last; without one it begins with the next alert. The first event tells
                the position at which the stream begins. The events are `alert`, whose data is an Alert and whose id is its position,
                and as the last one `dropped`, `end` or `error` with a reason and the last_event_id. A comment comes where nothing else
                does. A node has a bound on its streams; the connection ends with the stream.
              parameters:
                - name: Last-Event-ID
                  in: header
                  description: The position that was seen last, as browsers send it when they come back.
                  schema: { $ref: "#/components/schemas/Position" }
                - name: last_event_id
                  in: query
                  description: The same for a client that can't send the header, which goes before it.
                  schema: { $ref: "#/components/schemas/Position" }
              responses:
                "200":
                  description: Events, until the client goes or the node stops.
                  content:
                    text/event-stream:
                      schema: { type: string }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /alerts/{id}:
            get:
              tags: [alerts]
              operationId: getAlert
              summary: The alert of a transaction, and what was done with it. Role analyst.
              parameters:
                - $ref: "#/components/parameters/TransactionID"
                - $ref: "#/components/parameters/Consistency"
              responses:
                "200":
                  description: The alert.
                  content:
                    application/json:
                      schema:
                        allOf:
                          - { $ref: "#/components/schemas/Alert" }
                          - type: object
                            required: [reviews]
                            properties:
                              reviews:
                                description: The newest 200, oldest first.
                                type: array
                                items: { $ref: "#/components/schemas/Review" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /alerts/{id}/review:
            post:
              tags: [alerts]
              operationId: reviewAlert
              summary: Assigns an alert, decides it, or writes a note on it. Role analyst.
              description: >-
                Confirming labels the payment as fraud and dismissing as legitimate, in the same log entry. With expected_revision nothing
                is done if somebody else was faster. With an Idempotency-Key a repetition changes nothing.
              parameters:
                - $ref: "#/components/parameters/TransactionID"
                - $ref: "#/components/parameters/IdempotencyKey"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/NewReview" }
              responses:
                "200":
                  description: Committed.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/ReviewAnswer" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#

    /// What alerts look like.
    static let alertSchemas = #"""
            Position:
              description: A place in the log, "index.ordinal".
              type: string
              pattern: "^[0-9]+\\.[0-9]+$"
            AlertState:
              enum: [open, assigned, confirmed, dismissed]
            Alert:
              description: Also what the live stream, webhooks and the topic of alerts carry.
              type: object
              required: [id, position, created_at, state, assignee, revision, transaction]
              properties:
                id: { $ref: "#/components/schemas/TransactionID" }
                position: { $ref: "#/components/schemas/Position" }
                created_at: { type: string, format: date-time }
                state: { $ref: "#/components/schemas/AlertState" }
                assignee: { type: [string, "null"] }
                revision: { type: integer, description: Reviews so far. }
                transaction: { $ref: "#/components/schemas/Transaction" }
            Review:
              type: object
              required: [revision, reviewed_at, author, action, state, assignee, note, log_index]
              properties:
                revision: { type: integer, minimum: 1 }
                reviewed_at: { type: string, format: date-time }
                author: { type: string }
                action: { enum: [assign, confirm, dismiss, note] }
                state: { $ref: "#/components/schemas/AlertState" }
                assignee: { type: [string, "null"] }
                note: { type: [string, "null"] }
                log_index: { type: integer }
            NewReview:
              type: object
              additionalProperties: false
              required: [action]
              properties:
                action: { enum: [assign, confirm, dismiss, note] }
                assignee: { type: [string, "null"], minLength: 1, maxLength: 255, description: "Goes with assign; nobody if absent." }
                note: { type: [string, "null"], minLength: 1, maxLength: 4096, description: Required with the action note. }
                expected_revision: { type: [integer, "null"], minimum: 0, description: Of the alert as it was seen. }
            ReviewAnswer:
              type: object
              required: [id, state, assignee, revision, repeated, label, log_index]
              properties:
                id: { $ref: "#/components/schemas/TransactionID" }
                state: { $ref: "#/components/schemas/AlertState" }
                assignee: { type: [string, "null"] }
                revision: { type: integer }
                repeated: { type: boolean, description: This very review was made before; nothing was done. }
                label:
                  description: What a verdict did as a label; null if it was none, or was made before.
                  oneOf:
                    - { $ref: "#/components/schemas/LabelAnswer" }
                    - { type: "null" }
                log_index: { type: integer }

        """#
}
