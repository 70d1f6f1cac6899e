/// The variables a program was given: those of its process, and beneath them those of a `.env` file.
///
/// A variable that is set to nothing counts as unset, and hides one of the file all the same.
package struct Environment: Sendable {
    package let values: [String: String]

    package init(_ process: [String: String], beneath file: [String: String] = [:]) {
        values = file.merging(process) { _, process in process }
    }

    package subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// The variables, the keys of S3 under both their names: a store names one of them, and the other may be set.
    package var withBothSpellings: [String: String] {
        var values = values
        for name in ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY"] {
            let pair = ["S3_\(name)", "AWS_\(name)"]
            guard let (_, value) = first(of: pair) else { continue }
            for spelling in pair where self[spelling] == nil { values[spelling] = value }
        }
        return values
    }

    /// The first of the names that is set, and its value.
    func first(of names: [String]) -> (name: String, value: String)? {
        for name in names {
            if let value = self[name] { return (name, value) }
        }
        return nil
    }
}

/// A value that no message may show.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let value: String
    /// The variable it came from.
    package let origin: String

    package init(_ value: String, origin: String) {
        self.value = value
        self.origin = origin
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }
}

/// A setting that cannot be used: which one, why, and what is possible.
package struct ConfigurationError: Error, Sendable, Equatable {
    package var variable: String
    package var problem: String
    package var hint: String

    package init(_ variable: String, _ problem: String, hint: String) {
        self.variable = variable
        self.problem = problem
        self.hint = hint
    }

    /// For a value that is no secret.
    static func wrong(_ variable: String, _ value: String, _ problem: String, hint: String) -> ConfigurationError {
        let shown = value.count > 60 ? String(value.prefix(60)) + "…" : value
        return ConfigurationError(variable, "\(variable) is \"\(shown)\", \(problem)", hint: hint)
    }
}
