// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

/// All claims of an experiment, judged against one error rate.
enum ClaimMatrix {
    /// Holds each cell against what was published of it.
    ///
    /// - Parameter machine: that of the candidate.
    static func judge(
        _ cells: inout [CellVerdict], of comparison: ComparisonRecord, on machine: ClaimMachine
    ) {
        guard let claims = comparison.claims else { return }
        var tests: [(cell: Int, figure: Int, test: ClaimTest)] = []
        for index in cells.indices {
            let cell = cells[index]
            guard var claim = ClaimVerdict(claims[cell.plan.name] ?? [], on: cell.plan, machine)
            else { continue }
            if cell.plan.makesMemoryScarce { claim.workerReclaims = cell.pooledWorkerStallRate }
            if claim.differs.isEmpty || claim.isOnlyEmulated {
                for place in claim.figures.indices {
                    do throws(NotJudged) {
                        let test = try cell.test(of: claim.figures[place].figure, comparison.rule)
                        tests.append((index, place, test))
                    } catch {
                        claim.figures[place].reason = error.reason
                    }
                }
            }
            cells[index].claim = claim
        }
        let adjusted = (try? Multiplicity.holm(tests.map { min(1, $0.test.estimate.p) })) ?? []
        for ((cell, place, test), p) in zip(tests, adjusted) {
            guard var figure = cells[cell].claim?.figures[place] else { continue }
            test.judge(
                &figure, among: tests.count, adjustedP: p, margin: 100 * comparison.equivalence)
            cells[cell].claim?.figures[place] = figure
        }
        for index in cells.indices { cells[index].keepDirectionOnly() }
    }
}

/// Why a figure cannot be judged.
struct NotJudged: Error {
    let reason: String

    static let layout = NotJudged(reason: "code layout alone can make the difference")
}

extension CellVerdict {
    /// The test of a figure.
    ///
    /// - Throws: why there is none: nothing was measured, or less than was planned.
    fileprivate func test(
        of figure: ClaimRecord.Figure, _ rule: ComparisonRecord.Rule
    ) throws(NotJudged) -> ClaimTest {
        guard outcome != .invalid, let alone else {
            throw NotJudged(reason: outcome == .invalid ? "the cell is invalid" : "too few values")
        }
        guard metric != .instructions else {
            throw NotJudged(reason: "instructions were compared, the claim is on time")
        }
        guard figure.quantity == .requestReclaims || !lacksPressure else {
            throw NotJudged(reason: "the workers were hardly ever in direct reclaim")
        }
        switch figure.quantity {
        case .rate:
            // Of such a metric less may be better, and more of it is no rate.
            guard metric.own == nil else {
                throw NotJudged(reason: "the claim is on a rate, a program's metric was compared")
            }
            try checkLength(rule)
            let test = ClaimTest(estimate: alone.estimate, level: alone.level)
            if outcome == .imagesDiffer || alone.areTwoImages && test.mayBeLayout {
                throw .layout
            }
            return test
        case .writeLatency:
            guard let values = writeLatency, let estimate = try? StudentT(values) else {
                throw NotJudged(reason: "write latency is not compared by rounds")
            }
            try checkLength(rule)
            let test = ClaimTest(estimate: estimate, level: alone.level)
            if alone.areTwoImages, test.mayBeLayout { throw .layout }
            return test
        case .requestReclaims:
            guard let rates = requestReclaims else {
                throw NotJudged(reason: "direct reclaim by call site is not measured here")
            }
            guard rates.contains(where: { $0.a > 0 }) else {
                throw NotJudged(reason: "A has no such reclaim that B could be without")
            }
            try checkLength(rule)
            guard
                let test = ClaimTest(
                    rates: rates, share: figure.tolerance / 100, level: alone.level)
            else { throw NotJudged(reason: "too few values") }
            return test
        }
    }

    /// Direct reclaims from the allocation of requests a second, by unit; nil where a kernel did not
    /// count them.
    private var requestReclaims: [(a: Double, b: Double)]? {
        let rates = unitTotals.compactMap { unit in
            unit.a.requestReclaimRate.flatMap { a in
                unit.b.requestReclaimRate.map { (a: a, b: $0) }
            }
        }
        return rates.isEmpty || rates.count < unitTotals.count ? nil : rates
    }

    /// Refuses a size where fewer units ran than were planned: an estimate after an early stop is
    /// too far from zero.
    private func checkLength(_ rule: ComparisonRecord.Rule) throws(NotJudged) {
        guard stoppedEarly else { return }
        guard let plannedUnits else {
            throw NotJudged(reason: "stopped when it had a verdict; run with --no-early-stop")
        }
        let counted = "\(units) of \(plannedUnits) planned \(countsRounds ? "rounds" : "blocks")"
        throw NotJudged(
            reason: rule == .fixed
                ? "only \(counted) ran" : "stopped after \(counted); run with --no-early-stop")
    }

    /// Takes sizes back where the machine was emulated, and keeps the direction; where none is shown
    /// and the figure was not judged, why.
    fileprivate mutating func keepDirectionOnly() {
        guard let claim, claim.isOnlyEmulated else { return }
        for place in claim.figures.indices {
            var figure = claim.figures[place]
            let isShown = outcome.isDifference && metric.own == nil
            let change: Double? =
                figure.figure.quantity == .rate
                ? (isShown && !lacksPressure ? effect : nil) : figure.shownChange
            if let change {
                figure.direction = (change > 0) == figure.figure.isIncrease ? .same : .opposite
                figure.reason = nil
            } else if figure.interval != nil || figure.reason == nil {
                figure.direction = .notShown
                figure.reason = nil
            }
            figure.standing = .notTheSetUp
            figure.interval = nil
            figure.adjustedP = nil
            self.claim?.figures[place] = figure
        }
    }
}

extension ClaimVerdict.FigureVerdict {
    /// The middle of an interval that excludes zero.
    fileprivate var shownChange: Double? {
        interval.flatMap { $0.contains(0) ? nil : ($0.lower + $0.upper) / 2 }
    }
}
