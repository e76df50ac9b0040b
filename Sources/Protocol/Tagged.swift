// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Objects that say in a field `kind` which of several they are.
package enum Tagged {
    private enum CodingKeys: String, CodingKey { case kind }

    /// Reads the `kind` of an object.
    ///
    /// - Throws: `PlumblineError` naming a kind that is not known and those that are, or the
    ///   decoder's error.
    package static func kind<Kind: RawRepresentable<String> & CaseIterable>(
        _ type: Kind.Type, of decoder: any Decoder, what: String
    ) throws -> Kind {
        let word = try decoder.container(keyedBy: CodingKeys.self)
            .decode(String.self, forKey: .kind)
        guard let kind = Kind(rawValue: word) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw PlumblineError.failure(
                "unknown kind of \(what) '\(word.prefix(64))'",
                remedy: "known kinds: \(known); use a plumbline and an agent of one version")
        }
        return kind
    }
}
