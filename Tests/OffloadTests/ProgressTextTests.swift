import Testing

@testable import Offload

@Suite("Progress")
struct ProgressTextTests {
    @Test("a bar says what is done, what failed and what is left")
    func bar() {
        #expect(
            progressText(done: 50, failed: 0, left: 50, width: 40) == "[#######-------] 50%  50 done, 50 to go")
    }

    @Test("the bar is full only when all is done, and never wider than the terminal")
    func bounds() {
        #expect(progressText(done: 999, failed: 0, left: 1, width: 80).contains(" 99%"))
        #expect(progressText(done: 0, failed: 0, left: 0, width: 80).contains("100%"))
        for width in 1...120 {
            #expect(progressText(done: 123_456, failed: 7, left: 89, width: width).count <= width)
        }
    }
}
