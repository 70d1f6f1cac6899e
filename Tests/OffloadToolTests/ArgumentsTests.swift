import Testing

@testable import OffloadTool

@Suite("Arguments")
struct ArgumentsTests {
    private static let command = Command(
        name: "paint", summary: "paint it",
        operand: Operand(placeholder: "FILE", summary: "what to paint", minimum: 1, maximum: 2),
        options: [
            .value("color", "NAME", "the colour", choices: ["red", "green"]), .value("layers", "NUMBER", "how many"),
            Option(name: "tag", placeholder: "TAG", summary: "a tag", isRepeated: true), .flag("dry", "do not paint"),
        ]
    ) { _ in }

    private func parse(_ words: String...) throws -> Arguments { try Arguments(words, of: Self.command) }

    private func refusal(_ words: String...) -> UsageError? {
        #expect(throws: UsageError.self) { try Arguments(words, of: Self.command) }
    }

    @Test("options and operands stand in any order, with = or without")
    func forms() throws {
        let arguments = try parse("a", "--color", "red", "--layers=3", "b", "--dry", "--tag", "x", "--tag=y=z")
        #expect(arguments.operands == ["a", "b"])
        #expect(arguments.value("color") == "red" && arguments.value("layers") == "3" && arguments.has("dry"))
        #expect(arguments.all("tag") == ["x", "y=z"])
        #expect(try arguments.number("layers", 1...5) == 3)
        #expect(try arguments.number("absent", 1...5) == nil)
    }

    @Test("after -- everything is an operand, and a lone - is one")
    func separator() throws {
        #expect(try parse("--dry", "--", "--color", "-x").operands == ["--color", "-x"])
        #expect(try parse("-").operands == ["-"])
        #expect(try parse("--layers", "-3", "a").value("layers") == "-3")
        #expect(try parse("--layers=", "a").value("layers") == "")
    }

    @Test("help needs nothing else")
    func help() throws {
        #expect(try parse("--help").has("help"))
        #expect(try parse("-h", "--dry").has("help"))
    }

    @Test("what is not possible is refused, with what was probably meant")
    func refusals() throws {
        #expect(refusal("a", "--colr", "red")?.hint == "Did you mean --color?")
        #expect(refusal("a", "--col", "red")?.message == "offload paint has no option --col")
        #expect(refusal("a", "-c")?.message == "offload paint has no option -c")
        #expect(refusal("a", "--colr=secret")?.message.contains("secret") == false)
        #expect(refusal("a", "--color", "rde")?.hint == "Did you mean red?")
        #expect(refusal("a", "--color", "blue")?.hint == "It is one of red, green.")
        #expect(refusal("a", "--color")?.message == "--color needs a value: --color NAME")
        #expect(refusal("a", "--color", "--dry")?.message == "--color needs a value, and --dry follows it")
        #expect(refusal("a", "--dry=yes")?.message == "--dry takes no value")
        #expect(refusal("a", "--layers", "1", "--layers", "2")?.message == "--layers is given twice")
        #expect(refusal()?.message == "offload paint needs what to paint")
        #expect(refusal("a", "b", "c")?.message == "offload paint takes no \"c\"")
        #expect(throws: UsageError.self) { try parse("a", "--layers", "9").number("layers", 1...5) }
        #expect(throws: UsageError.self) { try parse("a", "--layers", "x").number("layers", 1...5) }
    }

    @Test("every command says what it does, how it is called, and when")
    func table() {
        for command in Command.all {
            #expect(!command.summary.isEmpty && !command.examples.isEmpty, "\(command.name)")
            #expect(Set(command.allOptions.map(\.name)).count == command.allOptions.count, "\(command.name)")
            for example in command.examples {
                #expect(example.line.hasPrefix("offload \(command.name)"), "\(example.line)")
                let words = example.line.split(separator: " ").map(String.init).dropFirst().prefix {
                    !["|", ">"].contains($0)
                }
                #expect(throws: Never.self, "\(example.line)") {
                    guard
                        case .command(let found, let rest) = try CommandLineReader(commands: Command.all).read(
                            Array(words))
                    else { return }
                    #expect(found.name == command.name)
                    _ = try Arguments(rest, of: found)
                }
            }
        }
    }
}
