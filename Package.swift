// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let testing: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
]

/// A Debian library behind a module map and, where C needs it, a shim header.
func library(_ name: String, pkgConfig: String?, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func module(
    _ name: String, uses dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict, plugins: plugins)
}

func tests(of name: String, uses dependencies: [Target.Dependency] = [], except excluded: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: excluded,
        swiftSettings: testing)
}

let package = Package(
    name: "pg_offload",
    products: [.executable(name: "offload", targets: ["OffloadTool"])],
    targets: [
        library("CLibPQ", pkgConfig: "libpq", package: "libpq-dev"),
        library("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        library("CWebP", pkgConfig: "libwebpmux", package: "libwebp-dev"),
        library("CLCMS", pkgConfig: "lcms2", package: "liblcms2-dev"),
        library("CISAL", pkgConfig: "libisal", package: "libisal-dev"),
        library("CLinux", pkgConfig: nil, package: "libc6-dev"),

        // What reaches outside: a library or a protocol each, and no decisions.
        module("Platform", uses: ["CLinux"]),
        module("Postgres", uses: ["CLibPQ", "CLinux"]),
        module("HTTPTransfer", uses: ["CCurl", "CLinux"]),
        module("Signing", uses: ["CCrypto"]),
        .target(name: "CImageShims", linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png")]),
        module("ImageCodec", uses: ["CWebP", "CLCMS", "CISAL", "CImageShims", "CLinux"]),
        module("ObjectStore", uses: ["Signing", "HTTPTransfer", "Platform", "CLinux"]),

        // What decides, without a socket, a clock or a disk.
        module("Offload"),

        // What brings both together.
        .plugin(name: "EmbedSQL", capability: .buildTool()),
        module(
            "Service", uses: ["Postgres", "ObjectStore", "ImageCodec", "Signing", "Offload", "Platform"],
            plugins: ["EmbedSQL"]),
        .executableTarget(
            name: "OffloadTool", dependencies: ["Service", "Offload", "ImageCodec", "Postgres", "Platform"],
            swiftSettings: strict,
            // Relocations in a twentieth of the pages, all of which are touched at each start.
            linkerSettings: [
                .unsafeFlags(["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"])
            ]),

        // What the tests have in common.
        .target(
            name: "TestGround", dependencies: ["Postgres"], path: "Tests/Support/Swift", swiftSettings: testing),

        // Ours in the protocol of the benchmarks' peers.
        .executableTarget(name: "ImageBench", dependencies: ["ImageCodec"], path: "bench/images/driver"),
        .executableTarget(
            name: "UploadBench", dependencies: ["ObjectStore", "Signing"], path: "bench/upload/driver"),

        tests(of: "Postgres", uses: ["TestGround"]),
        tests(of: "HTTPTransfer", uses: ["TestGround"]),
        tests(of: "Signing", except: ["Fixtures"]),
        tests(of: "ImageCodec", uses: ["CWebP", "CISAL", "CImageShims"]),
        tests(of: "ObjectStore", uses: ["HTTPTransfer", "Signing", "TestGround", "UploadBench"]),
        tests(of: "Offload"),
        tests(of: "Service", uses: ["ImageCodec", "ObjectStore", "Offload", "Postgres", "Signing", "TestGround"]),
        tests(of: "OffloadTool", uses: ["Offload", "Postgres", "Service", "TestGround"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "OffloadTool", "Service", "Postgres", "ObjectStore", "HTTPTransfer", "Signing", "TestGround",
            ],
            swiftSettings: testing),
    ]
)
