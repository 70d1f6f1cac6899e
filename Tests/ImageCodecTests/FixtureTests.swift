import Testing

@testable import ImageCodec

@Suite struct FixtureTests {
    @Test("the fixtures are there")
    func findsFixtures() {
        #expect(Fixture.all.count >= 55)
    }

    @Test("every kind of picture comes out as another decoder sees it", arguments: Fixture.all)
    func looksAsExpected(fixture: Fixture) throws {
        var policy = Policy()
        policy.format = .webp
        policy.qualities = [98]
        policy.maxEdge = fixture.edge ?? 1024
        let result = try optimize(try Fixture.bytes(fixture.file), policy: policy)
        #expect(result.mediaType == .webp)
        #expect(result.note == nil)
        let pixels = try #require(Pixels.webp(result.bytes))
        let expected = try #require(try fixture.expected())
        #expect(pixels.width == result.width && pixels.height == result.height)
        let likeness = try #require(
            pixels.likeness(to: expected), "another size than \(expected.width)×\(expected.height)")
        #expect(likeness >= fixture.leastLikeness)
    }
}
