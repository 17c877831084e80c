/// The description of the API that every node serves.
public enum APIDescription {
    /// The file `openapi.yaml` beside this one (OpenAPI 3.1, UTF-8), as it was when the program was built.
    public static let openAPI = PackageResources.openapi_yaml
}
