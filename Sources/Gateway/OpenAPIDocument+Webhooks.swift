extension OpenAPIDocument {
    /// The paths under `/webhooks`.
    static let webhooks = #"""
          /webhooks:
            get:
              tags: [webhooks]
              operationId: getWebhooks
              summary: Whom the cluster tells of alerts. Role operator.
              responses:
                "200":
                  description: All webhooks by name, each with the oldest hundred of the deliveries that were given up.
                  content:
                    application/json:
                      schema: { type: object, required: [webhooks], properties: { webhooks: { type: array, items: { $ref: "#/components/schemas/Webhook" } } } }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /webhooks/{name}:
            get:
              tags: [webhooks]
              operationId: getWebhook
              summary: A webhook, and all deliveries that were given up and are kept. Role operator.
              parameters:
                - $ref: "#/components/parameters/WebhookName"
              responses:
                "200":
                  description: The webhook.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Webhook" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            put:
              tags: [webhooks]
              operationId: putWebhook
              summary: Makes a webhook, or changes it. Role operator.
              description: A new one is told of the alerts that come from now on. One that is not enabled goes on from where it was.
              parameters:
                - $ref: "#/components/parameters/WebhookName"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/NewWebhook" }
              responses:
                "200": { $ref: "#/components/responses/WebhookChanged" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            delete:
              tags: [webhooks]
              operationId: removeWebhook
              summary: Removes a webhook, with what it has given up. Role operator.
              parameters:
                - $ref: "#/components/parameters/WebhookName"
              responses:
                "200": { $ref: "#/components/responses/WebhookChanged" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /webhooks/{name}/test:
            post:
              tags: [webhooks]
              operationId: testWebhook
              summary: Sends a webhook one request that is plainly a test, from this node. Role operator.
              parameters:
                - $ref: "#/components/parameters/WebhookName"
              responses:
                "200":
                  description: What came of it.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [delivered, status, reason, duration_ms]
                        properties:
                          delivered: { type: boolean }
                          status: { type: [integer, "null"], description: Null where there was no answer. }
                          reason: { type: [string, "null"], description: Null where it was delivered. }
                          duration_ms: { type: integer }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /webhooks/{name}/replay:
            post:
              tags: [webhooks]
              operationId: replayWebhook
              summary: Tries deliveries again that were given up, from this node. Role operator.
              description: One attempt each. Without a position the oldest hundred are tried, until three in a row have failed.
              parameters:
                - $ref: "#/components/parameters/WebhookName"
              requestBody:
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      properties:
                        position:
                          description: Of the one that is meant.
                          oneOf:
                            - { $ref: "#/components/schemas/Position" }
                            - { type: "null" }
              responses:
                "200":
                  description: What came of it.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [delivered, left, reason]
                        properties:
                          delivered: { type: integer }
                          left: { type: integer, description: Not delivered, and still kept. }
                          reason: { type: [string, "null"], description: Of the last one that failed. }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#

    /// What webhooks look like.
    static let webhookSchemas = #"""
            FailedDelivery:
              type: object
              required: [position, attempts, reason, failed_at]
              properties:
                position: { $ref: "#/components/schemas/Position" }
                id: { $ref: "#/components/schemas/TransactionID" }
                attempts: { type: integer }
                reason: { type: string }
                failed_at: { type: string, format: date-time }
            Webhook:
              description: Its secret is never shown.
              type: object
              required: [name, url, enabled, created_by, created_at, changed_by, changed_at, position, failure_count, failures, dropped]
              properties:
                name: { type: string }
                url: { type: string, format: uri }
                enabled: { type: boolean }
                created_by: { type: string }
                created_at: { type: string, format: date-time }
                changed_by: { type: string }
                changed_at: { type: string, format: date-time }
                position:
                  description: Through here everything is delivered, or given up.
                  $ref: "#/components/schemas/Position"
                failure_count: { type: integer, description: Deliveries that were given up and are kept. }
                failures: { type: array, items: { $ref: "#/components/schemas/FailedDelivery" }, description: Oldest first. }
                dropped: { type: integer, description: Failures that made room for newer ones. }
            NewWebhook:
              type: object
              additionalProperties: false
              required: [url]
              properties:
                url: { type: string, format: uri, minLength: 1, maxLength: 2048 }
                secret:
                  description: What deliveries are signed with. Required for a new webhook; another one keeps its own if there is none here.
                  type: [string, "null"]
                  minLength: 16
                  maxLength: 256
                enabled: { type: [boolean, "null"], default: true }

        """#
}
