// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Turns differences of natural logarithms into percent and back.
public enum Percent {
    /// The change in percent that a log ratio stands for: 100·(eˣ − 1).
    public static func change(ofLogRatio x: Double) -> Double { 100 * expm1(x) }

    /// The log ratio of a change in percent, which is above −100.
    public static func logRatio(ofChange percent: Double) -> Double { log1p(percent / 100) }
}
