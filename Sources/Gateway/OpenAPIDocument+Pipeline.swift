extension OpenAPIDocument {
    /// The paths under `/pipeline`.
    static let pipeline = #"""
          /pipeline:
            get:
              tags: [pipeline]
              operationId: getPipeline
              summary: How it stands between Kafka, the ledger and those who are told of alerts. Role operator.
              description: "`reader` and `producer` are this node's, null where it is not configured for Kafka; the rest is the cluster's."
              responses:
                "200":
                  description: As of this moment.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Pipeline" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /pipeline/pause:
            post:
              tags: [pipeline]
              operationId: pausePipeline
              summary: Has this node alone read nothing from the topic until it is resumed, or started again. Role operator.
              responses:
                "200": { $ref: "#/components/responses/Paused" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
          /pipeline/resume:
            post:
              tags: [pipeline]
              operationId: resumePipeline
              summary: Has this node alone read on. Role operator.
              responses:
                "200": { $ref: "#/components/responses/Paused" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
          /pipeline/reset:
            post:
              tags: [pipeline]
              operationId: resetPipeline
              summary: Tells the ledger where to go on in a partition, or to forget it. Role operator.
              description: >-
                An operator's word after an alarm, for the whole cluster. What lies between is skipped, or comes again and counts as
                known where its ids are. A partition that is forgotten is taken wherever it begins next.
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      oneOf:
                        - { $ref: "#/components/schemas/PartitionReset" }
                        - { $ref: "#/components/schemas/PartitionForgetting" }
              responses:
                "200":
                  description: Committed.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/PartitionChange" }
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
          /pipeline/dead-letters:
            get:
              tags: [pipeline]
              operationId: getDeadLetters
              summary: Records of the topic that could not be taken, in the order of the log. Role operator.
              parameters:
                - name: after
                  in: query
                  description: The next_position of the page before.
                  schema: { $ref: "#/components/schemas/Position" }
                - name: limit
                  in: query
                  schema: { type: integer, minimum: 1, maximum: 100, default: 20 }
              responses:
                "200":
                  description: A page.
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [letters, next_position]
                        properties:
                          letters:
                            type: array
                            items: { $ref: "#/components/schemas/DeadLetter" }
                          next_position: { type: [string, "null"], description: Null on the last page. }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#

    /// What the pipeline looks like.
    static let pipelineSchemas = #"""
            Pipeline:
              type: object
              required: [reader, producer, offsets, channels]
              properties:
                reader:
                  oneOf:
                    - { $ref: "#/components/schemas/StreamReader" }
                    - { type: "null" }
                producer:
                  oneOf:
                    - { $ref: "#/components/schemas/StreamProducer" }
                    - { type: "null" }
                offsets:
                  description: How far the ledger has come in each partition.
                  type: array
                  items:
                    type: object
                    required: [topic, partition, cluster_id, next_offset]
                    properties:
                      topic: { type: string }
                      partition: { type: integer }
                      cluster_id: { type: string }
                      next_offset: { type: integer }
                channels:
                  description: How far each way out for alerts has come; failures are the oldest hundred.
                  type: array
                  items:
                    type: object
                    required: [name, position, failure_count, failures, dropped]
                    properties:
                      name: { type: string }
                      position: { $ref: "#/components/schemas/Position" }
                      failure_count: { type: integer }
                      failures: { type: array, items: { $ref: "#/components/schemas/FailedDelivery" } }
                      dropped: { type: integer }
            StreamReader:
              type: object
              required: [state, topic, group, paused, held_records, held_bytes, queued_records, queued_bytes, counters, partitions]
              properties:
                state: { enum: [starting, running, paused, waiting, alarm, stopped] }
                topic: { type: string }
                group: { type: string }
                cluster_id: { type: string, description: Absent before the brokers said so. }
                lag: { type: integer, description: Records that the ledger has not taken; absent while it is not known. }
                paused: { type: boolean }
                held_records: { type: integer, description: "Read and decoded, waiting for the ledger." }
                held_bytes: { type: integer }
                queued_records: { type: integer, description: Read and not decoded. }
                queued_bytes: { type: integer }
                trouble: { type: string, description: "What went wrong last, if nothing has gone well since." }
                counters:
                  description: Since the node was started.
                  type: object
                  required: [batches, records, duplicates, dead_letters, conflicts, refusals, seeks, alarms, replacements]
                  additionalProperties: { type: integer }
                partitions:
                  description: Those that this node reads.
                  type: array
                  items:
                    type: object
                    required: [partition, state, held_back, held_records, batches_under_way]
                    properties:
                      partition: { type: integer }
                      state: { enum: [opening, reading, waiting, stopped] }
                      committed_offset: { type: integer, description: What the ledger wants next. }
                      read_offset: { type: integer }
                      lag: { type: integer }
                      held_back: { type: integer, description: Records that an open transaction keeps from being read. }
                      held_records: { type: integer }
                      batches_under_way: { type: integer }
                      alarm: { $ref: "#/components/schemas/StreamAlarm" }
            StreamAlarm:
              description: Why a partition is not read any more.
              type: object
              required: [kind, message, since, needs_operator]
              properties:
                kind:
                  enum:
                    - offset_expired
                    - offset_beyond_end
                    - offset_out_of_range
                    - other_cluster
                    - topic_missing
                    - not_authorized
                    - too_many_partitions
                    - refused
                    - failed
                message: { type: string }
                since: { type: string, format: date-time }
                needs_operator: { type: boolean, description: Only POST /pipeline/reset ends it. }
            StreamProducer:
              type: object
              required: [buffered_records, buffered_bytes, shedding, available, acknowledged, refused, rerouted, replacements]
              properties:
                buffered_records: { type: integer, description: Not yet acknowledged by the brokers. }
                buffered_bytes: { type: integer }
                shedding: { type: boolean, description: Requests are turned away until the buffer is smaller. }
                available: { type: boolean, description: The brokers acknowledge what they are given. }
                acknowledged: { type: integer }
                refused: { type: integer }
                rerouted: { type: integer, description: "Of the refused, those that went to the log instead." }
                replacements: { type: integer }
                trouble: { type: string }
            PartitionReset:
              type: object
              additionalProperties: false
              required: [topic, partition, next_offset]
              properties:
                topic: { type: string, minLength: 1, maxLength: 249 }
                partition: { type: integer, minimum: 0 }
                next_offset: { type: integer, minimum: 0 }
                cluster_id: { type: [string, "null"], minLength: 1, maxLength: 128, description: The one that the brokers have now if absent. }
                forget: { enum: [false, null] }
            PartitionForgetting:
              type: object
              additionalProperties: false
              required: [topic, partition, forget]
              properties:
                topic: { type: string, minLength: 1, maxLength: 249 }
                partition: { type: integer, minimum: 0 }
                forget: { const: true }
            PartitionChange:
              type: object
              required: [topic, partition, previous, changed, log_index]
              properties:
                topic: { type: string }
                partition: { type: integer }
                previous:
                  description: Where the ledger stood; null if it did not know the partition.
                  type: [object, "null"]
                  required: [cluster_id, next_offset]
                  properties:
                    cluster_id: { type: string }
                    next_offset: { type: integer }
                changed: { type: boolean, description: It was not so already. }
                log_index: { type: integer }
            DeadLetter:
              type: object
              required: [position, topic, partition, offset, created_at, reason, detail, content]
              properties:
                position: { $ref: "#/components/schemas/Position" }
                topic: { type: string }
                partition: { type: integer }
                offset: { type: integer }
                created_at: { type: string, format: date-time }
                reason: { type: string }
                detail: { type: string }
                content:
                  description: The record as it came, or the payment whose id belongs to another one.
                  oneOf:
                    - type: object
                      required: [key, value, value_bytes, cut]
                      properties:
                        key: { type: [string, "null"] }
                        key_base64: { type: string, description: Where the key is no UTF-8. }
                        value: { type: [string, "null"] }
                        value_base64: { type: string, description: Where the value is no UTF-8. }
                        value_bytes: { type: integer, description: Of the value as it came. }
                        cut: { type: boolean, description: Something was too long to be kept. }
                    - type: object
                      required: [transaction]
                      properties:
                        transaction: { type: object, description: "A Transaction without what became of it: that is the other one's." }

        """#
}
