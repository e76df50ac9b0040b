// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension ByteSize {
    /// How much memory or disk there is, rounded: `512MiB`, `23.1GiB`.
    var short: String {
        bytes < 1 << 30
            ? "\(bytes >> 20)MiB" : "\(Decimal.fixed(Double(bytes) / Double(1 << 30), 1))GiB"
    }
}
