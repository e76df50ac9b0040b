// SPDX-License-Identifier: GPL-3.0-or-later

/// The tags of a document that gnuplot wrote, one after the other.
struct TagReader {
    /// A tag and the text behind it.
    struct Tag {
        /// `path`, `/g`.
        let name: String
        /// What stands between the name and the end of the tag.
        fileprivate let rest: ArraySlice<UInt8>
        /// The text up to the next tag.
        let content: ArraySlice<UInt8>

        /// An attribute's value.
        subscript(_ name: String) -> ArraySlice<UInt8>? {
            var rest = rest
            while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
                let key = rest[..<equals].split(whereSeparator: TagReader.isBlank).last
                let quotes = rest[(equals + 1)...].drop(while: TagReader.isBlank)
                guard let quote = quotes.first,
                    let end = quotes.dropFirst().firstIndex(of: quote)
                else { return nil }
                if key?.elementsEqual(name.utf8) == true {
                    return rest[(quotes.startIndex + 1)..<end]
                }
                rest = rest[(end + 1)...]
            }
            return nil
        }

        /// What a colour in an attribute stands for; nil for gnuplot's own.
        func ink(_ name: String) -> Ink? {
            guard let value = self[name], value.starts(with: "rgb(".utf8) else { return nil }
            let numbers = value.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            guard numbers.count == 3, numbers[0] == 0, numbers[1] == 0 else { return nil }
            return Ink(rawValue: numbers[2])
        }
    }

    private let bytes: [UInt8]
    private var at: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        at = 0
    }

    /// The next tag; nil at the end.
    mutating func next() -> Tag? {
        guard let start = bytes[at...].firstIndex(of: UInt8(ascii: "<")),
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        let tag = bytes[(start + 1)..<end]
        let name = tag.prefix { !Self.isBlank($0) }
        at = end + 1
        let stop = bytes[at...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.endIndex
        return Tag(
            name: String(decoding: name, as: UTF8.self), rest: tag[name.endIndex...],
            content: bytes[at..<stop])
    }

    fileprivate static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}
