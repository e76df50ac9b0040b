// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

extension HistoryEntry {
    /// What a history keeps of a journal.
    ///
    /// - Throws: `usage` for a calibration, and as `VerdictReport(_:)`.
    package init(_ journal: StoredJournal) throws(PlumblineError) {
        guard journal.header.comparison?.placeboUnits == nil else {
            throw .usage(
                "the journal \(journal.header.id) holds A/A comparisons",
                remedy: "judge it by `plumbline doctor --calibrate --journals`")
        }
        let report = try VerdictReport(journal)
        experiment = Experiment(report, slices: journal.sliceCount)
        arms = Basics.Arm.allCases.map { Arm($0, of: report) }
        cells = report.cells.map(Cell.init)
    }
}

extension HistoryEntry.Experiment {
    fileprivate init(_ report: VerdictReport, slices: Int) {
        let header = report.header
        id = header.id
        startedAt = Int(clamping: header.startedAt)
        kind = header.plan.kind.rawValue
        suite = header.suite.name
        metric = header.metric.rawValue
        toolVersion = header.toolVersion
        judgedBy = plumblineVersion
        machine = report.machineIdentity
        self.slices = slices
        ending = report.ending?.rawValue
        exitCode = Int(report.exitCode)
    }
}

extension HistoryEntry.Arm {
    fileprivate init(_ arm: Basics.Arm, of report: VerdictReport) {
        let arms = report.comparison.arms
        let record = arm == .a ? arms.a : arms.b
        let host = report.host(arm)
        self.arm = arm.rawValue
        label = record.label
        // A kernel that never came up is not the one that the header greets from.
        let isKnown = report.header.plan.kind != .ab || report.ownHost(arm) != nil
        kernelRelease = isKnown ? host.kernelRelease : ""
        buildID = isKnown ? host.buildID : nil
        commit = Self.commit(label: label, release: kernelRelease)
        target = record.target ?? record.host
        settings = KernelSettings.text(
            guest: record.guest ?? report.header.guest,
            boot: report.rounds.compactMap { $0.boots?[arm] }.last,
            initOnAlloc: isKnown ? host.initOnAlloc : nil)
        voidRounds = Set(report.voidRounds.filter { $0.arm == arm }.map(\.round)).count
    }

    /// The hash that a label begins with, as those of `bisect` and `series` do, or that a release
    /// ends with: `6.12.0-rc1-00012-g0123456789ab`.
    static func commit(label: String, release: String) -> String? {
        let word = label.prefix { $0 != " " }
        if (12...64).contains(word.count), word.allSatisfy(\.isHash) { return String(word) }
        for part in release.split(whereSeparator: { "-+".contains($0) }).reversed() {
            let hash = part.dropFirst()
            if part.hasPrefix("g"), (7...64).contains(hash.count), hash.allSatisfy(\.isHash) {
                return String(hash)
            }
        }
        return nil
    }
}

extension Character {
    fileprivate var isHash: Bool { ("0"..."9").contains(self) || ("a"..."f").contains(self) }
}

extension VerdictReport {
    /// `testbox: Example CPU, x86_64, 2 CPUs, 24 GiB; guest: microvm, kvm, 2 CPUs, 1GiB`. Of a
    /// toggle in a guest, older journals do not say the host: it is the guest's CPU then.
    ///
    /// Memory is rounded up: how much of it a kernel keeps for itself is no other machine.
    fileprivate var machineIdentity: String {
        let arms = comparison.arms
        let guest = header.guest ?? arms.b.guest
        let hello = guest == nil ? host(.b) : header.host
        let addresses =
            header.plan.host.map { [$0] } ?? [arms.a.host, arms.b.host].compactMap { $0 }
        var text = addresses.isEmpty ? "" : "\(addresses.joined(separator: " and ")): "
        let host =
            guest?.host
            ?? .init(
                cpuModel: hello.cpuModel, cpus: hello.cpus, memory: Int(clamping: hello.memory))
        text += "\(host.cpuModel ?? "unknown CPU"), \(hello.machine)"
        if header.guest == nil || guest?.host != nil {
            let size = ((host.memory >> 20) + 1023) >> 10
            text += ", \(Decimal.count(host.cpus, "CPU")), \(size) GiB"
        }
        guard let guest else { return text }
        return text
            + "; guest: \(guest.machine), \(guest.accelerator), "
            + "\(Decimal.count(guest.cpus, "CPU")), \(ByteSize(guest.memory))"
    }
}
