extension OpenAPIDocument {
    /// The paths under `/cluster`.
    static let cluster = #"""
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
          /cluster/members:
            post:
              tags: [cluster]
              operationId: addMember
              summary: Admits a node as a learner, and lets it vote once it has caught up. Role operator.
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: "#/components/schemas/NewMember" }
              responses:
                "200": { $ref: "#/components/responses/MembersChanged" }
                "202": { $ref: "#/components/responses/MembersChanging" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/members/{id}:
            delete:
              tags: [cluster]
              operationId: removeMember
              summary: Takes a member out. A leader hands over first. Role operator.
              parameters:
                - name: id
                  in: path
                  required: true
                  schema: { $ref: "#/components/schemas/MemberNumber" }
              responses:
                "200": { $ref: "#/components/responses/MembersChanged" }
                "202": { $ref: "#/components/responses/MembersChanging" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/replace:
            post:
              tags: [cluster]
              operationId: replaceMember
              summary: Puts a node in a member's place, in one change. Role operator.
              description: >-
                The new node may have the number of the old one if it begins with an empty disk.
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [number, by]
                      properties:
                        number: { $ref: "#/components/schemas/MemberNumber" }
                        by: { $ref: "#/components/schemas/NewMember" }
              responses:
                "200": { $ref: "#/components/responses/MembersChanged" }
                "202": { $ref: "#/components/responses/MembersChanging" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/leader:
            post:
              tags: [cluster]
              operationId: transferLeadership
              summary: Hands the leadership over. Role operator.
              requestBody:
                required: false
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      properties:
                        target:
                          description: The voter that is to lead; without it the one that is best prepared.
                          oneOf:
                            - { $ref: "#/components/schemas/MemberNumber" }
                            - { type: "null" }
              responses:
                "200":
                  description: The new leader is established.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [from, to, term, pause_ms]
                        properties:
                          from: { $ref: "#/components/schemas/MemberNumber" }
                          to: { $ref: "#/components/schemas/MemberNumber" }
                          term: { type: integer }
                          pause_ms: { type: number, description: For how long nothing was taken. }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/snapshot:
            post:
              tags: [cluster]
              operationId: takeSnapshot
              summary: Writes a snapshot of the ledger to the disk of the node that is asked. Role operator.
              responses:
                "200":
                  description: Written.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [index, applied_index, bytes, path, seconds]
                        properties:
                          index: { type: integer, description: The log goes on after it. }
                          applied_index: { type: integer, description: That of the tables in it. }
                          bytes: { type: integer }
                          path: { type: string }
                          seconds: { type: number }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/history:
            get:
              tags: [cluster]
              operationId: getHistory
              summary: What happened to the cluster as this node has seen it, newest first. Role operator.
              parameters:
                - $ref: "#/components/parameters/Limit"
              responses:
                "200":
                  description: The events.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [events]
                        properties:
                          events:
                            type: array
                            items:
                              type: object
                              required: [time, kind, term, detail]
                              properties:
                                time: { type: string, format: date-time }
                                kind: { enum: [leader, membership, identity, snapshot, maintenance] }
                                term: { type: integer }
                                index: { type: integer }
                                detail: { type: string }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /cluster/maintenance:
            put:
              tags: [cluster]
              operationId: setMaintenance
              summary: Puts the node that is asked into maintenance or takes it out of it. Role operator.
              description: In maintenance a node votes and replicates, and does not lead; if it does, it hands over first.
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [enabled]
                      properties:
                        enabled: { type: boolean }
              responses:
                "200":
                  description: Done.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [maintenance]
                        properties:
                          maintenance: { type: boolean }
                          leader: { $ref: "#/components/schemas/MemberNumber" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#
}
