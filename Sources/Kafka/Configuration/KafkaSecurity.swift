import Glibc

/// How a client proves who it is, and checks who the brokers are.
public struct KafkaSecurity: Equatable, Sendable {
    /// TLS to the brokers.
    public struct TLS: Equatable, Sendable {
        /// PEM file with the authorities to trust; nil trusts those of the system.
        public var authorityFile: String?
        /// PEM file with this client's certificate, for brokers that ask for one; then `keyFile` is needed too.
        public var certificateFile: String?
        public var keyFile: String?
        public var keyPassword: KafkaSecret?
        /// Off only where brokers are addressed by names that their certificates do not bear.
        public var verifiesHostNames: Bool

        public init(
            authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
            keyPassword: KafkaSecret? = nil, verifiesHostNames: Bool = true
        ) {
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.keyPassword = keyPassword
            self.verifiesHostNames = verifiesHostNames
        }
    }

    /// User name and password.
    public struct Login: Equatable, Sendable {
        public enum Mechanism: String, CaseIterable, Sendable {
            case plain = "PLAIN"
            case scramSHA256 = "SCRAM-SHA-256"
            case scramSHA512 = "SCRAM-SHA-512"
        }

        public var mechanism: Mechanism
        public var userName: String
        public var password: KafkaSecret

        public init(mechanism: Mechanism, userName: String, password: KafkaSecret) {
            self.mechanism = mechanism
            self.userName = userName
            self.password = password
        }
    }

    public var tls: TLS?
    public var login: Login?

    public init(tls: TLS? = nil, login: Login? = nil) {
        self.tls = tls
        self.login = login
    }

    func validate() throws(KafkaError) {
        if let tls {
            try Self.checkReadable(tls.authorityFile, "security.tls.authorityFile")
            try Self.checkReadable(tls.certificateFile, "security.tls.certificateFile")
            try Self.checkReadable(tls.keyFile, "security.tls.keyFile")
            if tls.certificateFile != nil, tls.keyFile == nil {
                throw .invalid("security.tls.keyFile", "a certificate needs its key")
            }
            if tls.keyFile != nil, tls.certificateFile == nil {
                throw .invalid("security.tls.certificateFile", "a key needs its certificate")
            }
        }
        if let login {
            if login.userName.isEmpty { throw .invalid("security.login.userName", "is empty") }
            if login.password.isEmpty { throw .invalid("security.login.password", "is empty") }
            if login.mechanism == .plain, tls == nil {
                throw .invalid("security.login.mechanism", "PLAIN would send the password in the clear; it needs TLS")
            }
        }
    }

    func render(into properties: inout KafkaProperties) {
        switch (tls, login) {
        case (nil, nil): properties.set("security.protocol", "plaintext")
        case (.some, nil): properties.set("security.protocol", "ssl")
        case (nil, .some): properties.set("security.protocol", "sasl_plaintext")
        case (.some, .some): properties.set("security.protocol", "sasl_ssl")
        }
        if let tls {
            if let file = tls.authorityFile { properties.set("ssl.ca.location", file) }
            if let file = tls.certificateFile { properties.set("ssl.certificate.location", file) }
            if let file = tls.keyFile { properties.set("ssl.key.location", file) }
            if let password = tls.keyPassword { properties.set("ssl.key.password", secret: password) }
            properties.set("ssl.endpoint.identification.algorithm", tls.verifiesHostNames ? "https" : "none")
        }
        if let login {
            properties.set("sasl.mechanism", login.mechanism.rawValue)
            properties.set("sasl.username", login.userName)
            properties.set("sasl.password", secret: login.password)
        }
    }

    private static func checkReadable(_ file: String?, _ field: String) throws(KafkaError) {
        guard let file else { return }
        guard access(file, R_OK) == 0 else {
            throw .invalid(field, "\(file) cannot be read: \(String(cString: strerror(errno)))")
        }
    }
}
