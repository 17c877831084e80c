extension OpenAPIDocument {
    /// The paths of models.
    static let models = #"""
          /models:
            get:
              tags: [models]
              operationId: getModels
              summary: The models, which of them judges, and how they do. Role analyst.
              responses:
                "200":
                  description: The models.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Models" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            post:
              tags: [models]
              operationId: pushModel
              summary: Takes a model in, onto every node; it judges only when it is activated. Role operator.
              description: >-
                An artifact as `redoubt train` makes it, at most 4 MiB. The cluster keeps at most eight.
              requestBody:
                required: true
                content:
                  application/octet-stream:
                    schema: { type: string, format: binary, maxLength: 4194304 }
              responses:
                "200":
                  description: The cluster has it already.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/ChangeReceipt" }
                "201":
                  description: It is on the nodes.
                  headers:
                    Location: { schema: { type: string } }
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/ChangeReceipt" }
                "400": { $ref: "#/components/responses/Problem" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "413": { $ref: "#/components/responses/Problem" }
                "415": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/{id}:
            get:
              tags: [models]
              operationId: getModel
              summary: One model. Role analyst.
              parameters:
                - $ref: "#/components/parameters/ModelID"
              responses:
                "200":
                  description: The model.
                  content:
                    application/json:
                      schema: { $ref: "#/components/schemas/Model" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
            delete:
              tags: [models]
              operationId: removeModel
              summary: Forgets a model that is neither active nor in the shadow. Role operator.
              parameters:
                - $ref: "#/components/parameters/ModelID"
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/{id}/artifact:
            get:
              tags: [models]
              operationId: getArtifact
              summary: The artifact, byte for byte. Role analyst.
              parameters:
                - $ref: "#/components/parameters/ModelID"
              responses:
                "200":
                  description: The artifact.
                  content:
                    application/octet-stream:
                      schema: { type: string, format: binary }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/{id}/activate:
            post:
              tags: [models]
              operationId: activateModel
              summary: Lets a model judge. Role operator.
              parameters:
                - $ref: "#/components/parameters/ModelID"
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/{id}/shadow:
            post:
              tags: [models]
              operationId: shadowModel
              summary: Lets a model score beside the active one, without deciding. Role operator.
              parameters:
                - $ref: "#/components/parameters/ModelID"
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/shadow:
            delete:
              tags: [models]
              operationId: endShadow
              summary: Lets no model score in the shadow any more. Role operator.
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/rollback:
            post:
              tags: [models]
              operationId: rollBackModel
              summary: Lets the model judge that was active before; rules alone if there was none. Role operator.
              responses:
                "200": { $ref: "#/components/responses/Changed" }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "409": { $ref: "#/components/responses/Conflict" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }
          /models/compare:
            get:
              tags: [models]
              operationId: compareModels
              summary: Two models side by side. Role analyst.
              parameters:
                - name: a
                  in: query
                  description: The active one without it.
                  schema: { $ref: "#/components/schemas/ModelID" }
                - name: b
                  in: query
                  description: The one in the shadow without it.
                  schema: { $ref: "#/components/schemas/ModelID" }
              responses:
                "200":
                  description: Both, and by how much b is above a.
                  content:
                    application/json:
                      schema: { type: object, required: [a, b, difference], properties: { a: { $ref: "#/components/schemas/Model" }, b: { $ref: "#/components/schemas/Model" }, difference: { type: object, additionalProperties: { type: number } } } }
                "401": { $ref: "#/components/responses/Unauthorized" }
                "403": { $ref: "#/components/responses/Problem" }
                "404": { $ref: "#/components/responses/Problem" }
                "422": { $ref: "#/components/responses/Problem" }
                "429": { $ref: "#/components/responses/RetryLater" }
                "503": { $ref: "#/components/responses/RetryLater" }

        """#
}
