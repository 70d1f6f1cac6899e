package let productVersion = "0.1.0"

/// The migration that this program needs at least; a test holds it against `sql/migrations`.
package let schemaVersion = 4
