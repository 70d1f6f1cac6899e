import Foundation
import PackagePlugin

/// Puts the SQL of sql/ into the program, anew whenever one of its files changes.
@main
struct EmbedSQL: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target _: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSQL.swift")
        let scripts = ["embed-sql", "build-extension"].map { root.appending(path: "scripts/\($0)") }
        let script = scripts[0]
        return [
            .buildCommand(
                displayName: "Embedding sql/", executable: script, arguments: [output.path()],
                inputFiles: scripts + files(under: root.appending(path: "sql")), outputFiles: [output])
        ]
    }

    private func files(under directory: URL) -> [URL] {
        let all = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
        return (all?.compactMap { $0 as? URL } ?? []).sorted { $0.path() < $1.path() }
    }
}
