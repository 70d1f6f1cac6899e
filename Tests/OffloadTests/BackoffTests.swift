import Testing

@testable import Offload

@Suite("Backoff")
struct BackoffTests {
    @Test("the delay doubles with each attempt")
    func doubles() {
        let backoff = Backoff(base: .seconds(2), limit: .seconds(3600))
        #expect(backoff.delay(afterAttempt: 1, jitter: 0) == .seconds(1))
        #expect(backoff.delay(afterAttempt: 2, jitter: 0) == .seconds(2))
        #expect(backoff.delay(afterAttempt: 3, jitter: 0) == .seconds(4))
    }

    @Test("the delay never exceeds the limit, however many attempts there were")
    func limited() {
        let backoff = Backoff(base: .seconds(2), limit: .seconds(60))
        #expect(backoff.delay(afterAttempt: 1000, jitter: 0.999) <= .seconds(60))
        #expect(backoff.delay(afterAttempt: Int.max, jitter: 0) == .seconds(30))
    }

    @Test("jitter keeps every delay between a half and the whole")
    func jitter() {
        let backoff = Backoff(base: .seconds(8), limit: .seconds(3600))
        for jitter in stride(from: 0.0, to: 1.0, by: 0.1) {
            let delay = backoff.delay(afterAttempt: 1, jitter: jitter)
            #expect(delay >= .seconds(4) && delay < .seconds(8))
        }
    }
}
