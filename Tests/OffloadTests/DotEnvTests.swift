import Testing

@testable import Offload

@Suite("A .env file")
struct DotEnvTests {
    private func parse(_ text: String) throws -> [String: String] { try DotEnv(parsing: text).values }

    @Test("names, comments, blank lines and export are read as shells do")
    func plain() throws {
        let text = """
            # a comment
            A=1

              B = two words   # a comment after a blank
            export C=x#y
            D=
            \texport\tE='five'
            F=#nothing
            """
        #expect(
            try parse(text) == ["A": "1", "B": "two words", "C": "x#y", "D": "", "E": "five", "F": ""])
    }

    @Test("quotes keep blanks, signs and line breaks")
    func quotes() throws {
        #expect(try parse(#"A="a # b"  # c"#) == ["A": "a # b"])
        #expect(try parse(#"A='a \n "b"'"#) == ["A": #"a \n "b""#])
        #expect(try parse(#"A="a\nb\t\"c\" \\ \q""#) == ["A": "a\nb\t\"c\" \\ \\q"])
        #expect(try parse("A='two\nlines'\nB=2") == ["A": "two\nlines", "B": "2"])
        #expect(try parse(#"A="""#) == ["A": ""])
        #expect(try parse("A=it's") == ["A": "it's"])
    }

    @Test("nothing is interpolated, so that a password is what is written")
    func interpolation() throws {
        #expect(try parse("A=$HOME`id`$(id)${B}") == ["A": "$HOME`id`$(id)${B}"])
        #expect(try parse(#"A="p$w\$x""#) == ["A": "p$w$x"])
    }

    @Test("the line breaks of Windows, a byte-order mark and a missing last line break do no harm")
    func platforms() throws {
        #expect(try parse("\u{FEFF}A=1\r\nB='2'\r\nC=\"3\"\r\n\r\nD=4") == ["A": "1", "B": "2", "C": "3", "D": "4"])
    }

    @Test("the last of two values wins")
    func twice() throws {
        #expect(try parse("A=1\nA=2") == ["A": "2"])
    }

    @Test(
        "what cannot be read names its line, and never the value",
        arguments: [
            ("A=1\nsecret-value", 2), ("1A=secret", 1), ("A=1\n\nB='secret\n\n", 3), (#"A="secret" more"#, 1),
            ("A=1\nsecret B", 2), ("A=1\nsecret", 2), ("=secret", 1),
        ])
    func errors(text: String, line: Int) {
        let error = #expect(throws: DotEnvError.self) { try DotEnv(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.problem.contains("secret") == false)
    }

    @Test("the process's environment wins, even with an empty value")
    func precedence() {
        let environment = Environment(["A": "process", "B": ""], beneath: ["A": "file", "B": "file", "C": "file"])
        #expect(environment["A"] == "process")
        #expect(environment["B"] == nil)
        #expect(environment["C"] == "file")
    }
}
