extension Command {
    /// Everything the program does, in the order in which it is met.
    static let all: [Command] = [
        .install, .work, .status, .optimize, .storeList, .storeTest, .storePut, .storeGet, .storeDownload, .storeHead,
        .storeExists, .storeRemove, .storePolicy, .doctor, .uninstall,
        .completion, .manual, .version,
    ]
}
