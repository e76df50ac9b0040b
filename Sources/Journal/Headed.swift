// SPDX-License-Identifier: GPL-3.0-or-later

/// A header with its `kind`, as it stands in the file.
struct Headed: Encodable {
    private let header: JournalHeader

    private enum CodingKeys: String, CodingKey { case kind }

    init(_ header: JournalHeader) { self.header = header }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("header", forKey: .kind)
        try header.encode(to: encoder)
    }
}
