package import Offload

/// How a worker works. What its environment says of stores and defaults is read elsewhere.
package struct WorkerSettings: Sendable {
    package var connectionString: String
    /// Where the credentials are that the stores name.
    package var environment: [String: String]
    /// What the environment says of settings that the database may not have yet, by their names there.
    package var defaults: [String: String] = [:]
    /// The stores that its environment names, for a database that does not know them yet.
    var stores: [Queue.OfferedStore] = []
    /// What else its environment says, for what is without effect.
    package var configuration: Configuration?
    package var version = productVersion
    /// Rows of one claim, and of one transaction of the write-back.
    package var batch = 32
    /// Claims grow up to this while batches are done quickly.
    package var largestBatch = 512
    package var batchesAtOnce = 3
    package var cores = 1
    package var uploadsAtOnce = 16
    /// In bytes: half of it for sources and objects, half for pictures that have to be decoded whole.
    package var memory = 192 << 20
    package var lease: Duration = .seconds(60)
    package var heartbeat: Duration = .seconds(20)
    /// Ends as soon as nothing is ready.
    package var untilEmpty = false
    /// How long what is in flight may take once the worker is asked to stop.
    package var patience: Duration = .seconds(8)

    package init(connectionString: String, environment: [String: String]) {
        self.connectionString = connectionString
        self.environment = environment
    }
}
