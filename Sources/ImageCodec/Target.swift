/// The size a picture is brought to, before it is turned upright.
struct Target: Equatable {
    var width: Int
    var height: Int

    /// Never enlarged; the shorter side keeps the aspect to the nearest pixel and has at least one.
    init(width: Int, height: Int, maxEdge: Int) {
        let longest = max(width, height)
        let edge = min(max(1, maxEdge), Limit.webpSide)
        guard longest > edge else {
            self.width = width
            self.height = height
            return
        }
        func scaled(_ side: Int) -> Int { max(1, (side * edge * 2 + longest) / (longest * 2)) }
        self.width = scaled(width)
        self.height = scaled(height)
    }
}
