// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

private enum KindKey: String, CodingKey { case kind }

extension Decoder {
    /// Reads the `kind` of an object that is one of several.
    ///
    /// - Throws: `PlumblineError` with an unknown kind and the known ones, or the decoder's error.
    package func kind<Kind: RawRepresentable<String> & CaseIterable>(
        _ type: Kind.Type, of what: String
    ) throws -> Kind {
        let word = try container(keyedBy: KindKey.self).decode(String.self, forKey: .kind)
        guard let kind = Kind(rawValue: word) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw PlumblineError.failure(
                "unknown kind of \(what) '\(word.prefix(64))'",
                remedy: "known kinds: \(known); use a plumbline and an agent of one version")
        }
        return kind
    }
}
