import Glibc

/// A port of this machine that accepts connections and never says a word.
package final class SilentPort {
    package struct NotBound: Error {}

    package let number: UInt16
    private let socket: Int32

    package init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) + listen(descriptor, 8) + getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { throw NotBound() }
        number = UInt16(bigEndian: address.sin_port)
    }

    /// Waits for a connection.
    package func accept() { _ = Glibc.accept(socket, nil, nil) }

    deinit { close(socket) }
}
