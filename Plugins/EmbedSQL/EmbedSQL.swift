import Foundation
import PackagePlugin

/// Puts the SQL of sql/ into the program, anew at each build.
///
/// The files of sql/ cannot be the command's inputs: they would be listed when the build is planned, and one that is
/// added later would be read once and then never watched. Its input is a stamp that each run of the script renews, so
/// that it always runs; what it writes stays untouched while nothing changes, and then nothing is compiled.
@main
struct EmbedSQL: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target _: any Target) throws -> [Command] {
        let directory = context.pluginWorkDirectoryURL
        let output = directory.appending(path: "EmbeddedSQL.swift")
        let stamp = directory.appending(path: "stamp")
        if !FileManager.default.fileExists(atPath: stamp.path()) { try Data().write(to: stamp) }
        return [
            .buildCommand(
                displayName: "Embedding sql/",
                executable: context.package.directoryURL.appending(path: "scripts/embed-sql"),
                arguments: [output.path(), stamp.path()], inputFiles: [stamp], outputFiles: [output])
        ]
    }
}
