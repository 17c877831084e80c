extension OpenAPIDocument {
    /// The paths of rules, backtests and lists.
    static let rules = #"""
          /rules:
            get:
              tags: [rules]
              operationId: getRules
              summary: The rules. Role analyst.
              parameters:
                - name: version
                  in: query
                  description: An earlier version; 0 is what the program ships.
                  schema: { type: integer, minimum: 0 }
              responses:
                "200":
                  description: "With `Accept: application/yaml` the text alone."
                  headers:
                    ETag: { description: "The version, in quotes.", schema: { type: string } }
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/RuleVersion" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            put:
              tags: [rules]
              operationId: putRules
              summary: Replaces the rules. Role operator.
              description: >-
                The text is checked first; the problem urn:redoubt:problem:invalid-rules names line and column. At most 256 KiB.
              parameters:
                - name: comment
                  in: query
                  schema: { type: string, maxLength: 512 }
                - name: If-Match
                  in: header
                  description: An ETag that GET /rules gave; the change is made only if that version is still active.
                  schema: { type: string }
              requestBody:
                required: true
                content:
                  application/yaml:
                    schema: { type: string }
                  application/json:
                    schema: { type: object, additionalProperties: false, required: [rules], properties: { rules: { type: string }, comment: { type: [string, "null"], maxLength: 512 } } }
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /rules/history:
            get:
              tags: [rules]
              operationId: getRuleHistory
              summary: The versions of the rules, newest first, without their texts. Role analyst.
              responses:
                "200":
                  description: The versions.
                  content:
                    application/json:
                      schema: { type: object, required: [versions], properties: { versions: { type: array, items: { $ref: "#/components/schemas/RuleVersion" } } } }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /rules/rollback:
            post:
              tags: [rules]
              operationId: rollBackRules
              summary: Makes the text of an earlier version a new version. Role operator.
              requestBody:
                required: false
                content:
                  application/json:
                    schema: { type: object, additionalProperties: false, properties: { version: { description: "The one before the active without it.", type: [integer, "null"], minimum: 0 } } }
              responses:
                "200": { $ref: "#/components/responses/Changed" }
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
          /rules/validate:
            post:
              tags: [rules]
              operationId: validateRules
              summary: Checks rules without changing anything. Role analyst.
              requestBody:
                required: true
                content:
                  application/yaml:
                    schema: { type: string }
                  application/json:
                    schema: { type: object, additionalProperties: false, required: [rules], properties: { rules: { type: string } } }
              responses:
                "200":
                  description: They can be used.
                  content:
                    application/json:
                      schema: { type: object, required: [valid, rules, live, shadow, fingerprint], properties: { valid: { const: true }, rules: { type: integer }, live: { type: integer }, shadow: { type: integer }, fingerprint: { type: string } } }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /rules/backtest:
            post:
              tags: [rules]
              operationId: startBacktest
              summary: Tries rules on the stored history, on the node that is asked. Role operator.
              description: >-
                Without a body and without a version the active rules are tried. One backtest runs at a time on a node.
              parameters:
                - name: version
                  in: query
                  description: Tried in place of a body. as-they-were takes at each payment the rules that were in effect then.
                  schema: { oneOf: [{ type: integer, minimum: 0 }, { const: as-they-were }] }
                - name: from
                  in: query
                  description: Payments accepted from then on; those before only warm the profiles up.
                  schema: { type: string, format: date-time }
                - name: to
                  in: query
                  description: Payments accepted before then.
                  schema: { type: string, format: date-time }
              requestBody:
                required: false
                content:
                  application/yaml:
                    schema: { type: string }
                  application/json:
                    schema: { $ref: "#/components/schemas/BacktestRequest" }
              responses:
                "202":
                  description: It has begun; GET it by its id.
                  headers:
                    Location: { schema: { type: string } }
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Backtest" }
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
            get:
              tags: [rules]
              operationId: listBacktests
              summary: The backtests that this node remembers. Role analyst.
              responses:
                "200":
                  description: Without their reports.
                  content:
                    application/json:
                      schema: { type: object, required: [backtests], properties: { backtests: { type: array, items: { $ref: "#/components/schemas/Backtest" } } } }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /rules/backtest/{id}:
            get:
              tags: [rules]
              operationId: getBacktest
              summary: "A backtest of this node: how far it is, and what came of it. Role analyst."
              parameters:
                - $ref: "#/components/parameters/BacktestID"
              responses:
                "200":
                  description: The backtest.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Backtest" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            delete:
              tags: [rules]
              operationId: cancelBacktest
              summary: Ends a backtest. Role operator.
              parameters:
                - $ref: "#/components/parameters/BacktestID"
              responses:
                "200":
                  description: The backtest as it was left.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Backtest" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /lists:
            get:
              tags: [lists]
              operationId: getLists
              summary: The lists that rules look up. Role analyst.
              responses:
                "200":
                  description: By name.
                  content:
                    application/json:
                      schema: { type: object, required: [lists], properties: { lists: { type: array, items: { $ref: "#/components/schemas/List" } } } }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /lists/{name}:
            get:
              tags: [lists]
              operationId: getList
              summary: A list and some of its entries. Role analyst.
              parameters:
                - $ref: "#/components/parameters/Name"
                - name: offset
                  in: query
                  schema: { type: integer, minimum: 0, default: 0 }
                - $ref: "#/components/parameters/Limit"
              responses:
                "200":
                  description: The list.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/ListPage" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            put:
              tags: [lists]
              operationId: putList
              summary: Makes a list, or replaces all of it. Role operator.
              parameters:
                - $ref: "#/components/parameters/Name"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/NewList" }
              responses:
                "200": { $ref: "#/components/responses/Changed" }
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
              tags: [lists]
              operationId: deleteList
              summary: Deletes a list with its entries. Role operator.
              parameters:
                - $ref: "#/components/parameters/Name"
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /lists/{name}/entries:
            post:
              tags: [lists]
              operationId: addEntries
              summary: Adds entries to a list; those that it has already change nothing. Role operator.
              parameters:
                - $ref: "#/components/parameters/Name"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/Entries" }
              responses:
                "200": { $ref: "#/components/responses/Changed" }
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
            delete:
              tags: [lists]
              operationId: removeEntries
              summary: Takes entries out of a list; those that it lacks change nothing. Role operator.
              parameters:
                - $ref: "#/components/parameters/Name"
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/Entries" }
              responses:
                "200": { $ref: "#/components/responses/Changed" }
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
          /lists/{name}/entries/{value}:
            put:
              tags: [lists]
              operationId: addEntry
              summary: Adds one entry to a list. Role operator.
              parameters:
                - $ref: "#/components/parameters/Name"
                - $ref: "#/components/parameters/ListValue"
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            delete:
              tags: [lists]
              operationId: removeEntry
              summary: Takes one entry out of a list. Role operator.
              parameters:
                - $ref: "#/components/parameters/Name"
                - $ref: "#/components/parameters/ListValue"
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#
}
