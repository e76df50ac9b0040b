// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol
import Statistics
import Verdicts

extension CellVerdict {
    /// `3603.1 instr/op`, `171K IOPS`, `746.3 MiB/s`; nil where nothing counts.
    func text(_ arm: Side) -> String? {
        switch metric {
        case .instructions: figure(arm).map { "\(Decimal.fixed($0, 1)) instr/op" }
        case .iops: arm.total.rate.map { "\(Decimal.rate($0)) IOPS" }
        case .bandwidth:
            arm.total.bandwidth.map { "\(Decimal.significant($0 / 1_048_576, 4)) MiB/s" }
        case .own(let own): figure(arm).map(own.text)
        }
    }

    /// `iops (higher is better)`; nil for a metric of ours.
    var ownMetricText: String? { metric.ownText }

    /// `lat_p99: 14.2us, 15.1us (+6.34%)`, a line for each told metric: no verdict rests on it.
    var toldLines: [String] {
        told.map { one in
            let means = one.means.map { $0.map(one.metric.text) ?? "-" }
            let change = one.change.map { " (\(Change.signed($0)))" } ?? ""
            return "\(one.metric.name): \(means.joined(separator: ", "))\(change)"
        }
    }

    /// `+2.60% [+1.92, +3.28] p<0.001 n=24`; the change is `~` where no difference is shown.
    func changeText(count: Int?) -> String? {
        guard effect != nil else { return nil }
        var parts = [shortChangeText]
        if let p { parts.append(Change.p(p)) }
        if let count { parts.append("n=\(count)") }
        return parts.joined(separator: " ")
    }

    /// `+2.60% [+1.92, +3.28]`, or `-193.8 instr/op (-4.26%) [-195.1, -192.0]`; the change is `~`
    /// where no difference is shown.
    var shortChangeText: String {
        guard let effect else { return "-" }
        if let counted = countedDifference {
            let range = "[\(Self.count(counted.least)), \(Self.count(counted.most))]"
            guard showsDifference else { return "~ \(range) instr/op" }
            return "\(Self.count(counted.mean)) instr/op (\(Change.signed(effect))) \(range)"
        }
        let change = showsDifference ? Change.signed(effect) : "~"
        return interval.map { "\(change) \(Change.interval($0))" } ?? change
    }

    /// `-193.8`: a difference of instructions per operation.
    private static func count(_ difference: Double) -> String {
        (difference < 0 ? "" : "+") + Decimal.fixed(difference, 1)
    }

    /// How far the boots of each arm lie apart; nil where no guest's clock counted.
    var countedSpreadText: String? {
        guard let a = evidence["instructions_range_a"], let b = evidence["instructions_range_b"]
        else { return nil }
        return "between boots: A \(Decimal.fixed(a, 1)), B \(Decimal.fixed(b, 1)) instr/op"
    }

    /// What follows the outcome: the adjusted p, what is excluded where no change is shown, what
    /// could be seen.
    ///
    /// - Parameter isOneOfMany: whether p was adjusted for other cells.
    func boundsText(isOneOfMany: Bool) -> [String] {
        var parts: [String] = []
        if let adjustedP, isOneOfMany { parts.append("adjusted \(Change.p(adjustedP))") }
        let isOpen = [.equivalent, .inconclusive, .imagesDiffer].contains(outcome)
        if let noLargerThan, isOpen {
            parts.append("no difference larger than \(Change.size(noLargerThan))")
        }
        if let detectable { parts.append("MDE80 \(Change.size(detectable))") }
        return parts
    }

    /// How much boots differ, and blocks within one; nil in one boot.
    var spreadText: String? {
        guard let spread else { return nil }
        let within = spread.within.map { ", \(Change.size(100 * $0)) between blocks of a boot" }
        return "SD: \(Change.size(100 * spread.between)) between boots\(within ?? "")"
    }

    /// How far two machines that swap kernels are apart with equal kernels: a fact beside the
    /// change, in which it cancels. Nil without such machines.
    func machinesText(_ machines: [String]?) -> String? {
        let values = Self.machineDifference.compactMap { evidence[$0] }
        guard let machines, values.count == 3 else { return nil }
        let interval = Interval(lower: values[1], upper: values[2], confidence: 0.95)
        return "machines: \(machines[1]) vs \(machines[0]) with equal kernels "
            + "\(Change.signed(values[0])) \(Change.interval(interval)), which cancels"
    }

    /// Whether the answer is a difference, if only one of images.
    var showsDifference: Bool { outcome.isDifference || outcome == .imagesDiffer }

    /// How the answer is shown.
    var role: TextStyle.Role { outcome.role }

    /// Why the cell is invalid and how to fix it, and the first lines of a console that are quoted.
    func addError(to table: inout TextTable) {
        guard let error else { return }
        let lines = error.message.split(separator: "\n")
        table.add(.note("error: \(lines.first ?? "")", role: .bad))
        let quoted = lines.dropFirst().map { String($0.prefix(TextPage.width)) }
        for line in quoted.prefix(12) + (quoted.count > 12 ? ["    | …"] : []) {
            table.add(.verbatim(line, role: .bad))
        }
        if !error.remedy.isEmpty { table.add(.note(error.remedy)) }
    }

    /// What a reader should know of the answer.
    func addTags(to table: inout TextTable) {
        if outcome == .imagesDiffer, !tags.contains(Self.twoMachines) {
            table.add(.note("note: \(Self.layoutText)"))
        }
        for tag in tags {
            if let text = text(ofTag: tag) { table.add(.note("note: \(tag): \(text)")) }
        }
        if incompleteBlocks > 0 {
            let why = countsRounds ? "ended early, or their round did" : "ended early"
            table.add(.note("note: \(Decimal.count(incompleteBlocks, "block")) \(why)"))
        }
    }

    /// How often workers had to reclaim memory themselves, and for how long; where that is not
    /// known, how often any process had to. Nil without pressure; a control has the line, because
    /// its workers ought to have none.
    var stallText: String? {
        guard plan.hasPressure else { return nil }
        let totals = arms.map(\.total)
        let own = totals.compactMap { total in
            total.workerStallRate.map {
                "\(Decimal.rate($0))/s, \(Decimal.fixed(total.workerStallShare ?? 0, 1)) ms/s"
            }
        }
        if let pooled = pooledWorkerStallRate, own.count == totals.count {
            return "direct reclaim by workers \(Decimal.rate(pooled))/s "
                + "(A \(own[0]); B \(own[1]))"
        }
        let all = totals.compactMap { $0.stallRate.map(Decimal.rate) }
        return all.count == totals.count ? "reclaim stalls/s: A \(all[0]), B \(all[1])" : nil
    }

    /// Which slices are void, and what they would change.
    func addVoids(to table: inout TextTable) {
        let counts = arms.map(\.total.reasons)
        for reason in Set(counts.flatMap(\.keys)).sorted() {
            let detail = voidDetails[reason].map { ", for example: \($0)" } ?? ""
            let each = counts.map { $0[reason] ?? 0 }
            table.add(
                .note("void: \(reason), A \(each[0]), B \(each[1])\(detail)", role: .warning))
        }
        if let effect = evidence["effect_with_voids_percent"] {
            table.add(
                .note(
                    "\(Decimal.count(voidBlocks, "block")) left out; with them the change is "
                        + Change.signed(effect)))
        }
    }
}

extension CellMetric {
    /// `iops (higher is better)`; nil for a metric of ours.
    var ownText: String? { own.map { "\($0.name) (\(better) is better)" } }
}
