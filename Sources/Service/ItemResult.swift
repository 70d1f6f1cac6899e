import Signing

/// What became of one value, in the form in which `offload.complete` takes it.
struct ItemResult: Sendable {
    var column: Int32
    var position: Int32
    var elements: Int32?
    /// SHA-256 of the column's bytes as they were fetched.
    var raw: SHA256Digest?
    /// SHA-256 of the bytes that they stand for.
    var source: SHA256Digest?
    var sourceBytes: Int?
    var object: SHA256Digest?
    /// Whether a text was a data URI.
    var isDataURI: Bool?
    var refusal: String?
    /// More about the refusal; without one, what a person looking at the picture should know.
    var detail: String?
    /// A URL of ours in a row without a source.
    var adopted: String?
    /// What takes the source's place.
    var content: [UInt8]?
}

/// What became of one row.
struct RowResult: Sendable {
    var job: Int64
    /// Nil: the row is gone.
    var version: (ctid: String, xmin: String)?
    var items: [ItemResult] = []
}

/// The results as JSON, and the new sources that it names by their place.
func encodeResults(_ rows: [RowResult]) -> (json: String, contents: [[UInt8]]) {
    var contents: [[UInt8]] = []
    var encodedRows: [String] = []
    for row in rows {
        var items: [String] = []
        for item in row.items {
            var fields = ["\"column\":\(item.column)", "\"position\":\(item.position)"]
            if let elements = item.elements { fields.append("\"elements\":\(elements)") }
            if let raw = item.raw { fields.append("\"raw\":\"\(raw.hexadecimal)\"") }
            if let source = item.source { fields.append("\"source\":\"\(source.hexadecimal)\"") }
            if let bytes = item.sourceBytes { fields.append("\"source_bytes\":\(bytes)") }
            if let object = item.object { fields.append("\"object\":\"\(object.hexadecimal)\"") }
            if let isDataURI = item.isDataURI { fields.append("\"data_uri\":\(isDataURI)") }
            if let refusal = item.refusal { fields.append("\"refusal\":\(jsonString(refusal))") }
            if let detail = item.detail { fields.append("\"detail\":\(jsonString(detail))") }
            if let adopted = item.adopted { fields.append("\"adopt\":\(jsonString(adopted))") }
            if let content = item.content {
                contents.append(content)
                fields.append("\"content\":\(contents.count)")
            }
            items.append("{" + fields.joined(separator: ",") + "}")
        }
        var fields = ["\"job\":\(row.job)"]
        if let version = row.version {
            fields.append("\"ctid\":\"\(version.ctid)\"")
            fields.append("\"xmin\":\"\(version.xmin)\"")
        }
        fields.append("\"items\":[" + items.joined(separator: ",") + "]")
        encodedRows.append("{" + fields.joined(separator: ",") + "}")
    }
    return ("[" + encodedRows.joined(separator: ",") + "]", contents)
}
