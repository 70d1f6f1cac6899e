private import CLibPQ
private import Glibc

/// The hosts of a connection string, each to be tried by itself.
///
/// libpq's asynchronous interface knows no time limit: a host that accepts and never answers would keep it from all that
/// come after. What a try needs to know stands in pairs for libpq, which takes the last that is said.
struct Hosts {
    typealias Parameters = [(keyword: String, value: String)]

    let tries: [Parameters]
    /// For one of several hosts: what the string says in `connect_timeout`, else five seconds.
    let patience: Duration

    /// Several hosts are a primary and its standbys: unless it is said otherwise, the one that can be written is meant.
    init(_ connectionString: String) throws(PostgresError) {
        let said = try parameters(in: connectionString)
        patience = .seconds(said["connect_timeout"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? 5)
        let hosts = said["host"].map(list) ?? []
        let addresses = said["hostaddr"].map(list) ?? []
        let ports = said["port"].map(list) ?? []
        let count = max(hosts.count, addresses.count)
        // These two look at all hosts together.
        let isLeftToLibpq =
            said["target_session_attrs"] == "prefer-standby" || said["load_balance_hosts"] == "random"
            || (!hosts.isEmpty && !addresses.isEmpty && hosts.count != addresses.count)
            || (ports.count > 1 && ports.count != count)
        guard count > 1, !isLeftToLibpq else {
            tries = [[]]
            return
        }
        let isSaidElsewhere = unsafe getenv("PGTARGETSESSIONATTRS") != nil
        let isSaid = said["target_session_attrs"] != nil || isSaidElsewhere
        tries = (0..<count).map { index in
            var one: Parameters = []
            if !hosts.isEmpty { one.append(("host", hosts[index])) }
            if !addresses.isEmpty { one.append(("hostaddr", addresses[index])) }
            if let port = ports.count == 1 ? ports.first : ports.dropFirst(index).first { one.append(("port", port)) }
            if !isSaid { one.append(("target_session_attrs", "read-write")) }
            return one
        }
    }
}

private func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
}

/// What a connection string says, without libpq's environment and defaults.
func parameters(in connectionString: String) throws(PostgresError) -> [String: String] {
    var error: UnsafeMutablePointer<CChar>?
    guard let options = unsafe PQconninfoParse(connectionString, &error) else {
        unsafe PQfreemem(error)
        // libpq's own message would quote the part that it could not read.
        throw .cannotConnect("the connection string is neither a postgresql:// URI nor a list of key=value")
    }
    defer { unsafe PQconninfoFree(options) }
    var said: [String: String] = [:]
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
        if let value = unsafe option.pointee.val {
            unsafe said[String(cString: keyword)] = unsafe String(cString: value)
        }
        unsafe option += 1
    }
    return said
}
