// SPDX-License-Identifier: GPL-3.0-or-later

/// Which values of a sample lie far from the others, for a reader to look at; nothing is dropped
/// for it.
///
/// A value is far when it is more than `limit` robust standard deviations from the median. A
/// robust standard deviation is 1.4826 times the median of the distances from the median, which is
/// the standard deviation of a normal sample and does not grow with a few far values.
///
/// Source: F. R. Hampel, *The influence curve and its role in robust estimation*, Journal of the
/// American Statistical Association 69 (1974). The limit is Plumbline's own.
public enum FarValues {
    /// Robust standard deviations.
    public static let limit = 5.0
    /// Of fewer values none is far.
    public static let leastCount = 5

    /// The places of the far values, ascending; none where more than half of the values are equal.
    ///
    /// - Parameter values: in one unit, each finite.
    public static func places(in values: [Double]) -> [Int] {
        guard values.count >= leastCount else { return [] }
        let centre = median(values)
        let deviation = 1.4826 * median(values.map { abs($0 - centre) })
        guard deviation > 0 else { return [] }
        return values.indices.filter { abs(values[$0] - centre) > limit * deviation }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
