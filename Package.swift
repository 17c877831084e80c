// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

extension Target {
    /// A library of the house: Swift 6 mode and the same strict flags everywhere.
    static func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
        .target(name: name, dependencies: dependencies, swiftSettings: strict)
    }

    /// The tests beside a module.
    static func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
        .testTarget(
            name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: strict)
    }
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

/// The Swift runtime goes into the executable: its calls then cost a node 15 % less processor time than those into shared
/// libraries, and a machine that runs it needs no toolchain. The toolchain's own linker takes libraries in any order.
let staticRuntime =
    ["-static-stdlib", "-use-ld=lld"]
    + [
        "Foundation", "FoundationInternationalization", "FoundationEssentials", "CoreFoundation", "_FoundationICU",
        "_FoundationCShims", "_FoundationCollections",
    ].map { "-l\($0)" }

let package = Package(
    name: "redoubt",
    products: [
        .executable(name: "redoubt", targets: ["redoubt"]),
        .executable(name: "redoubt-sim", targets: ["redoubt-sim"]),
        .executable(name: "redoubt-chaos", targets: ["redoubt-chaos"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        // C libraries of the system, and the thin shims over what Swift cannot import from them.
        .systemLibrary(name: "CLibuv", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CRdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CJemalloc", pkgConfig: "jemalloc", providers: [.apt(["libjemalloc-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CChecksum"),
        .target(name: "COpenSSLShims", dependencies: ["COpenSSL"]),
        .target(name: "CRdkafkaShims", dependencies: ["CRdkafka"]),

        // From the bottom of the house to the top: a module imports only modules above its own line.
        .module("Bytes"),
        // A file that the gateway serves, within the program.
        .target(name: "APIDescription", resources: [.embedInCode("openapi.yaml")], swiftSettings: strict),
        .module("Threads"),
        .module("LoopTasks", [.product(name: "NIOCore", package: "swift-nio")]),
        .module("Raft"),
        .module("EventLoop", ["CLibuv"]),
        .module("Security", ["COpenSSL", .product(name: "JWTKit", package: "jwt-kit")]),
        .module("Postgres", ["CLibpq", "Threads", logging]),
        .module("Kafka", ["CRdkafka", "CRdkafkaShims", "Threads", deque, logging]),
        // librdkafka's mock brokers, for tests and for trying things out.
        .module("KafkaMock", ["CRdkafka"]),
        .module(
            "Detection",
            [
                "Bytes", .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .module("Training", ["Detection", "Bytes", "COpenBLAS", "CZlib"]),
        .module("Generator", ["Detection"]),
        .module("RaftLog", ["Raft", "Threads", "CChecksum", deque, logging]),
        .module("PeerTransport", ["Raft", "Bytes", "EventLoop", "COpenSSL", "COpenSSLShims", logging]),
        .module("Identity", ["Raft", "Bytes", "CChecksum"]),
        .module(
            "Replica",
            ["Raft", "RaftLog", "Identity", "PeerTransport", "EventLoop", "Bytes", "Threads", deque, logging]),
        .module(
            "Ledger",
            [
                "Raft", "Detection", "Postgres", "Security", "Bytes", "Threads", "CChecksum", logging, metrics,
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .module(
            "Pipeline",
            ["Raft", "Replica", "Ledger", "Detection", "Postgres", "Security", "Bytes", "Threads", deque, logging]),
        .module("Streams", ["Kafka", "Pipeline", "Ledger", "Security", "Bytes", deque, logging, metrics]),
        .module(
            "Deliveries",
            [
                "Ledger", "Security", "Bytes", deque, logging, metrics,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .module(
            "Gateway",
            [
                "Streams", "Deliveries", "Kafka", "Pipeline", "Ledger", "Raft", "Detection", "Security", "Bytes",
                "LoopTasks", "APIDescription", logging,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .module(
            "Node",
            [
                "Gateway", "Deliveries", "Streams", "Kafka", "Pipeline", "Ledger", "Replica", "Identity", "RaftLog",
                "PeerTransport", "EventLoop", "Raft", "Bytes", "Threads", "Detection", "Security", logging, metrics,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]),
        // What load, operators' commands and the fault suite speak to nodes with.
        .module(
            "HTTPSClient",
            [
                "LoopTasks",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .module(
            "Commands",
            [
                "HTTPSClient", "Node", "Gateway", "Kafka", "KafkaMock", "Ledger", "Training", "Generator", "Detection",
                "Raft", "Security", "CLibpq", "COpenSSL", "CZlib", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "redoubt",
            dependencies: [
                "Commands", "CJemalloc", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict, linkerSettings: [.unsafeFlags(staticRuntime, .when(platforms: [.linux]))]),

        // A deterministic world around Raft and the log's real format, and its executable.
        .module("RaftSimulator", ["Raft", "RaftLog", "Bytes", "Threads", "CChecksum", logging]),
        .executableTarget(
            name: "redoubt-sim",
            dependencies: ["RaftSimulator", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),

        // Real processes, real faults, and checkers of what clients saw.
        .target(name: "CChaosShims"),
        .module(
            "Chaos",
            [
                "HTTPSClient", "Kafka", "CChaosShims", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "redoubt-chaos",
            dependencies: ["Chaos", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),

        .testTarget(
            name: "RaftTests", dependencies: ["Raft"], resources: [.copy("Scenarios")], swiftSettings: strict),
        .tests("Threads"),
        .tests("HTTPSClient", [.product(name: "NIOCore", package: "swift-nio")]),
        .tests("Chaos", ["SocketFixture"]),
        .tests("EventLoop", ["SocketFixture"]),
        .tests("PeerTransport", ["Raft", "Bytes", "EventLoop", "COpenSSL", "COpenSSLShims", logging]),
        .tests("RaftLog", ["Raft", logging]),
        .tests("RaftSimulator"),
        .tests("Identity", ["Raft"]),
        .tests("Replica", ["Raft", "Identity", "PeerTransport"]),
        .tests("Detection", ["Bytes", .product(name: "OrderedCollections", package: "swift-collections")]),
        .tests("Training", ["Detection", "Generator", "Bytes"]),
        .tests("Generator", ["Detection"]),
        .tests("Postgres", ["PostgresFixture", logging]),
        .tests("Kafka", ["KafkaMock", "CRdkafka", "SocketFixture", logging]),
        .tests("Ledger", ["Raft", "Detection", "Security", "Bytes", "ModelFixture"]),
        .tests(
            "Pipeline",
            [
                "Raft", "RaftLog", "Replica", "EventLoop", "Ledger", "Detection", "Security", "Postgres",
                "PostgresFixture", logging,
            ]),
        .tests(
            "Streams", ["Kafka", "KafkaMock", "Pipeline", "Ledger", "Raft", "Detection", "Security", "Bytes", logging]),
        .tests(
            "Gateway",
            [
                "Streams", "Deliveries", "Kafka", "Pipeline", "Ledger", "Raft", "Detection", "Security", logging,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .tests(
            "Node",
            ["Deliveries", "Kafka", "Streams", "Raft", "RaftLog", "Replica", "Detection", "PeerTransport", logging]),
        .tests("Security"),
        .tests(
            "Deliveries",
            [
                "Ledger", "Raft", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .tests(
            "Commands",
            [
                "HTTPSClient", "Gateway", "Kafka", "KafkaMock", "Node", "Pipeline", "Raft", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(
            name: "SealingTests", dependencies: ["Security", "COpenSSL"], swiftSettings: strict),
        .testTarget(
            name: "LedgerStoreTests",
            dependencies: [
                "Ledger", "Detection", "Postgres", "PostgresFixture", "ModelFixture", "Raft", "Security", logging,
            ],
            swiftSettings: strict),
        // Small models for tests.
        .target(
            name: "ModelFixture", dependencies: ["Detection"], path: "Tests/ModelFixture", swiftSettings: strict),
        // Sockets for tests that are written and read step by step, and ports that don't answer.
        .target(name: "SocketFixture", path: "Tests/SocketFixture", swiftSettings: strict),
        // Starts real PostgreSQL instances for tests.
        .target(
            name: "PostgresFixture", dependencies: ["Postgres"], path: "Tests/PostgresFixture", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
