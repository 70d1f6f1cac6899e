/// A bar that says how much is done of what is known to be there, in so many columns.
package func progressText(done: Int, failed: Int, left: Int, width: Int) -> String {
    let total = done + failed + left
    let percent = total == 0 ? 100 : (done + failed) * 100 / total
    var numbers = " \(percent)%  \(countText(done)) done"
    if failed > 0 { numbers += ", \(countText(failed)) failed" }
    if left > 0 { numbers += ", \(countText(left)) to go" }
    let room = min(40, width - numbers.count - 3)
    guard room >= 4 else { return String(numbers.dropFirst().prefix(width)) }
    let filled = room * percent / 100
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: room - filled) + "]" + numbers
}
