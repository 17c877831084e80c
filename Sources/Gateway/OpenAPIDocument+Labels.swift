extension OpenAPIDocument {
    /// The paths of labels and profiles.
    static let labels = #"""
          /transactions/{id}/label:
            post:
              tags: [labels]
              operationId: labelTransaction
              summary: Says what a payment turned out to be. Role analyst.
              description: >-
                A later label of the same transaction takes the effect of the earlier one back. The same label again changes nothing.
              parameters:
                - $ref: "#/components/parameters/TransactionID"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/Label" }
              responses:
                "200":
                  description: Committed; the profiles on every node have it from the log index on.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/LabelAnswer" }
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
          /labels:
            post:
              tags: [labels]
              operationId: postLabels
              summary: Labels many transactions, each line for itself. Role analyst.
              description: >-
                One JSON object a line: a label with the field transaction_id. At most 10,000 lines, 8 MiB, and 4 KiB a line. Lines that
                cannot be taken are told with their faults; the others are taken.
              requestBody:
                required: true
                content:
                  application/x-ndjson:
                    schema: { type: string }
              responses:
                "200":
                  description: "What became of each line. Look at `unknown` and `invalid`."
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/LabelResults" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /users/{id}/profile:
            get:
              tags: [labels]
              operationId: getUserProfile
              summary: What is remembered of a user. Role analyst.
              parameters:
                - $ref: "#/components/parameters/ProfileID"
                - $ref: "#/components/parameters/Consistency"
              responses:
                "200":
                  description: The profile.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/UserProfile" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /merchants/{id}/profile:
            get:
              tags: [labels]
              operationId: getMerchantProfile
              summary: What is remembered of a merchant, by its id, or by its name if its payments carry none. Role analyst.
              parameters:
                - $ref: "#/components/parameters/ProfileID"
                - $ref: "#/components/parameters/Consistency"
              responses:
                "200":
                  description: The profile.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/MerchantProfile" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#
}
