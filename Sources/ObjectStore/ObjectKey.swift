/// Where an object lies in a store: a slash-separated path below the store's prefix.
package struct ObjectKey: Sendable, Hashable {
    package let path: String

    package init(_ path: String) {
        self.path = path
    }
}
