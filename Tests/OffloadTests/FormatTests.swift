import Testing

@testable import Offload

@Suite("Format")
struct FormatTests {
    @Test(
        "bytes have three digits and a decimal unit",
        arguments: [
            (0, "0 bytes"), (1, "1 byte"), (-1, "-1 byte"), (999, "999 bytes"), (1000, "1 kB"), (1234, "1.23 kB"),
            (1235, "1.24 kB"), (9_994, "9.99 kB"), (9_996, "10 kB"), (12_345, "12.3 kB"), (99_960, "100 kB"),
            (999_499, "999 kB"), (999_500, "1 MB"), (10_000_000, "10 MB"), (1_500_000_000, "1.5 GB"),
            (-2_500, "-2.5 kB"), (Int.max, "9.22 EB"),
        ])
    func bytes(number: Int, text: String) {
        #expect(byteText(number) == text)
    }

    @Test(
        "counts have a comma before each three digits",
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12_345, "-12,345"),
            (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func counts(number: Int, text: String) {
        #expect(countText(number) == text)
    }

    @Test("a count of things has their name in the right number")
    func things() {
        #expect(countText(1, "row") == "1 row")
        #expect(countText(0, "row") == "0 rows")
        #expect(countText(2, "entry", "entries") == "2 entries")
    }

    @Test(
        "durations have their two largest units",
        arguments: [
            (Duration.zero, "0 µs"), (.microseconds(85), "85 µs"), (.microseconds(999), "999 µs"),
            (.microseconds(12_400), "12 ms"), (.microseconds(999_499), "999 ms"), (.milliseconds(999.6), "1 s"),
            (.milliseconds(3_240), "3.2 s"), (.seconds(59), "59 s"), (.milliseconds(59_960), "1 min"),
            (.seconds(125), "2 min 5 s"), (.seconds(3600), "1 h"), (.seconds(11_520), "3 h 12 min"),
            (.seconds(90_000), "1 day 1 h"), (.seconds(4 * 86_400), "4 days"), (.seconds(-61), "-1 min 1 s"),
        ])
    func durations(duration: Duration, text: String) {
        #expect(durationText(duration) == text)
    }

    @Test("a percentage is 100% only when it is all, and 0% of nothing")
    func percentages() {
        #expect(percentText(0, of: 0) == "0%")
        #expect(percentText(45, of: 150) == "30%")
        #expect(percentText(999, of: 1000) == "99%")
        #expect(percentText(1000, of: 1000) == "100%")
    }
}

@Suite("Edit distance")
struct EditDistanceTests {
    @Test(
        "it counts what is put in, left out, changed and swapped",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("status", "status", 0), ("stauts", "status", 1),
            ("instal", "install", 1), ("wrok", "work", 1), ("kitten", "sitting", 3), ("ÄPFEL", "äpfel", 0),
        ])
    func distances(a: String, b: String, distance: Int) {
        #expect(editDistance(a, b) == distance)
        #expect(editDistance(b, a) == distance)
    }

    @Test("the nearest word is suggested, and none that is far")
    func nearest() {
        let words = ["install", "uninstall", "status", "optimize", "work", "doctor"]
        #expect(closest(to: "instal", among: words) == "install")
        #expect(closest(to: "unistall", among: words) == "uninstall")
        #expect(closest(to: "optimise", among: words) == "optimize")
        #expect(closest(to: "opt", among: words) == "optimize")
        #expect(closest(to: "serve", among: words) == nil)
        #expect(closest(to: "x", among: words) == nil)
        #expect(closest(to: "anything", among: [String]()) == nil)
    }
}
