// SPDX-License-Identifier: GPL-3.0-or-later

/// What more than one statistic asks of its input.
enum Check {
    static func sample(_ values: [Double], atLeast needed: Int) throws(StatisticsError) {
        guard values.count >= needed else {
            throw .tooFewValues(needed: needed, given: values.count)
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(index: index) }
    }

    static func fraction(_ value: Double, _ parameter: String) throws(StatisticsError) {
        guard value > 0, value < 1 else { throw .outOfRange(parameter: parameter, value: value) }
    }

    static func positive(_ value: Double, _ quantity: String) throws(StatisticsError) {
        guard value > 0, value.isFinite else {
            throw .notPositive(quantity: quantity, value: value)
        }
    }

    static func count(
        _ value: Int, atLeast least: Int, _ parameter: String
    ) throws(StatisticsError) {
        guard value >= least else {
            throw .outOfRange(parameter: parameter, value: Double(value))
        }
    }
}
