// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Prints how much memory or disk there is, for people.
enum ShortSize {
    /// `512MiB`, `23.1GiB`: rounded, where `ByteSize` would be exact.
    static func text(_ bytes: Int) -> String {
        bytes < 1 << 30
            ? "\(bytes >> 20)MiB" : "\(Decimal.fixed(Double(bytes) / Double(1 << 30), 1))GiB"
    }
}
