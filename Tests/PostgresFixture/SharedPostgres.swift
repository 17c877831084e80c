import Synchronization

/// One server for all tests that leave it alone; each makes a database of its own in it.
public enum SharedPostgres {
    private static let instance = Mutex<PostgresInstance?>(nil)

    public static func get() throws -> PostgresInstance {
        try instance.withLock { instance in
            if let instance { return instance }
            let made = try PostgresInstance()
            instance = made
            return made
        }
    }
}
