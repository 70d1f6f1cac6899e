import Service

@main
struct OffloadTool {
    static func main() {
        print("offload \(productVersion)")
    }
}
