private import Glibc

/// Writes a line to standard error in one piece, so that lines of several threads do not mix.
package func writeLineToStandardError(_ line: String) {
    writeWhole(line + "\n", to: STDERR_FILENO)
}

package func writeToStandardError(_ text: String) {
    writeWhole(text, to: STDERR_FILENO)
}

package func writeToStandardOutput(_ text: String) {
    writeWhole(text, to: STDOUT_FILENO)
}

package func writeBytesToStandardOutput(_ bytes: [UInt8]) {
    writeWhole(bytes, to: STDOUT_FILENO)
}

private func writeWhole(_ text: String, to descriptor: Int32) {
    writeWhole(Array(text.utf8), to: descriptor)
}

private func writeWhole(_ bytes: [UInt8], to descriptor: Int32) {
    unsafe bytes.withUnsafeBytes { buffer in
        var rest = unsafe buffer[...]
        while unsafe !rest.isEmpty {
            let written = unsafe write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            // Nobody reads any more: there is nobody to tell.
            guard written > 0 else { return }
            unsafe rest = rest.dropFirst(written)
        }
    }
}

package enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2

    package var isTerminal: Bool { isatty(rawValue) == 1 }
}

/// The size of the terminal on standard output.
package func terminalSize() -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
        return nil
    }
    return (Int(size.ws_col), Int(size.ws_row))
}

/// The width of the terminal on standard error, in columns.
package func terminalWidth() -> Int? {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
}
