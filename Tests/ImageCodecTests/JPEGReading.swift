import CImageShims

/// All that a reader tells of a file.
struct JPEGReading: Equatable {
    var isWhole = false
    var readsScans = false
    var warnings = 0
    var message = ""
    var endedEarly = false
    var isInverted = false
    var samples: [UInt8] = []

    init(_ bytes: [UInt8], by scans: jpeg_reader_scans, eighths: Int32 = 8) {
        bytes.withUnsafeBufferPointer { source in
            guard let reader = jpeg_reader_create(source.baseAddress, source.count, nil, nil) else { return }
            defer { jpeg_reader_destroy(reader) }
            jpeg_reader_choose_scans(reader, scans)
            isWhole = jpeg_reader_read_header(reader) && read(reader, eighths)
            readsScans = jpeg_reader_has_read_scans(reader)
            warnings = jpeg_reader_warnings(reader)
            message = String(cString: jpeg_reader_message(reader))
            endedEarly = jpeg_reader_ended_early(reader)
            isInverted = jpeg_reader_is_inverted_cmyk(reader)
        }
    }

    private mutating func read(_ reader: OpaquePointer, _ eighths: Int32) -> Bool {
        guard jpeg_reader_start(reader, JPEG_READER_PLANES, eighths, eighths) else { return false }
        while !jpeg_reader_at_end(reader) {
            guard jpeg_reader_next(reader) else { return false }
            for index in 0..<jpeg_reader_plane_count(reader) {
                let plane = jpeg_reader_plane_at(reader, index)
                for row in 0..<plane.rows_per_batch {
                    let samples = jpeg_reader_row(reader, index, row)
                    self.samples += UnsafeBufferPointer(start: samples, count: Int(plane.samples_wide))
                }
            }
        }
        return jpeg_reader_finish(reader)
    }

    func looks(like other: JPEGReading) -> Bool {
        var copy = self
        copy.readsScans = other.readsScans
        return copy == other
    }
}
