/// `1,234,567`
package func countText(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number.magnitude).reversed().enumerated() {
        if index > 0, index % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return (number < 0 ? "-" : "") + String(text.reversed())
}

/// `1 row`, `2 rows`
package func countText(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(countText(number)) \(number == 1 ? one : many ?? one + "s")"
}

/// Three digits and a decimal unit, as disks and stores count: `999 bytes`, `1.23 kB`, `10 MB`.
package func byteText(_ bytes: Int) -> String {
    guard bytes.magnitude >= 1000 else { return "\(bytes) \(bytes.magnitude == 1 ? "byte" : "bytes")" }
    var unit = 0
    var divisor: UInt = 1
    // What would be rounded to 1000 of a unit is one of the next.
    while unit < 6, bytes.magnitude / divisor >= 1000 || (unit > 0 && rounded(bytes.magnitude, divisor, 0) >= 1000) {
        divisor *= 1000
        unit += 1
    }
    let whole = bytes.magnitude / divisor
    var digits = whole >= 100 ? 0 : whole >= 10 ? 1 : 2
    if digits == 1, rounded(bytes.magnitude, divisor, 1) >= 1000 { digits = 0 }
    if digits == 2, rounded(bytes.magnitude, divisor, 2) >= 1000 { digits = 1 }
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
    return (bytes < 0 ? "-" : "") + decimal(rounded(bytes.magnitude, divisor, digits), digits) + " " + units[unit]
}

/// The two largest units: `85 µs`, `12 ms`, `3.2 s`, `2 min 5 s`, `3 h 12 min`, `4 days 2 h`.
package func durationText(_ duration: Duration) -> String {
    let (whole, attoseconds) = duration.components
    guard duration >= .zero else { return "-" + durationText(.zero - duration) }
    let microseconds = whole.multipliedReportingOverflow(by: 1_000_000).partialValue + attoseconds / 1_000_000_000_000
    switch whole {
    case 0 where microseconds < 1000: return "\(microseconds) µs"
    case 0 where microseconds < 999_500: return "\((microseconds + 500) / 1000) ms"
    case ..<60 where microseconds < 59_950_000: return decimal(UInt((microseconds + 50_000) / 100_000), 1) + " s"
    default: break
    }
    let seconds = whole + (attoseconds >= 500_000_000_000_000_000 ? 1 : 0)
    func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(smallUnit)"
    }
    switch seconds {
    case ..<3600: return pair(seconds / 60, "min", seconds % 60, "s")
    case ..<86_400: return pair(seconds / 3600, "h", seconds % 3600 / 60, "min")
    default:
        let days = seconds / 86_400
        return pair(days, days == 1 ? "day" : "days", seconds % 86_400 / 3600, "h")
    }
}

/// A whole percentage, rounded down: `100%` only when it is all.
package func percentText(_ part: Int, of whole: Int) -> String {
    whole > 0 ? "\(Int((part.multipliedFullWidth(by: 100).low / UInt(whole))))%" : "0%"
}

/// `value / divisor * 10^digits`, rounded half up.
private func rounded(_ value: UInt, _ divisor: UInt, _ digits: Int) -> UInt {
    let scale: UInt = [1, 10, 100][digits]
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    let part = divisor.dividingFullWidth(remainder.multipliedFullWidth(by: scale))
    // Not twice the remainder, which may be too large for its type.
    return quotient * scale + part.quotient + (part.remainder >= divisor - part.remainder ? 1 : 0)
}

private func decimal(_ value: UInt, _ digits: Int) -> String {
    guard digits > 0 else { return String(value) }
    let scale: UInt = [1, 10, 100][digits]
    let fraction = String(value % scale)
    let padded = String(repeating: "0", count: digits - fraction.count) + fraction
    let kept = padded.reversed().drop { $0 == "0" }.reversed()
    return kept.isEmpty ? String(value / scale) : "\(value / scale).\(String(kept))"
}
