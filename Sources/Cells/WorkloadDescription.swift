// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What can be said of a way to load the kernel without running it; `Workloads` adds the loops.
///
/// A new one is a folder here, a folder in `Workloads`, and one line in `WorkloadCatalogue`.
package protocol WorkloadDescription: Sendable {
    /// The word in suites, and the first part of cell names.
    static var name: String { get }
    /// One line for a help text.
    static var summary: String { get }
    /// Its settings, in the order in which changed ones follow in a cell's name.
    static var settings: [Setting] { get }
    /// The head of cell names, with settings in braces for their values: `{rw}/qd{iodepth}`.
    static var nameHead: String { get }
    /// How short names begin after the workload: `{rw} qd{iodepth} [{storage}]`. A word in brackets
    /// is left out where no cell of the suite has another value than the default.
    static var shortHead: String { get }
    /// The kinds of operation it counts, at most two, in the order of `Worker`'s recorders.
    static var tracks: [String] { get }
    /// What its rate counts.
    static var rateUnit: RateUnit { get }

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    init(_ values: SettingValues) throws(PlumblineError)

    /// The settings' values.
    var values: SettingValues { get }
    /// The tracks whose operations make the cell's rate.
    var rateTracks: [String] { get }
    /// Bytes of buffers that the workers hold, which a memory limit must leave room for.
    var bufferBytes: Int { get }
    /// The storage it needs; `nil` for none.
    var storage: StorageSpec? { get }
    /// Where its requests complete; `nil` where there are none, and where it is not known.
    var completion: StorageSpec.Completion? { get }
    /// Slab caches whose use belongs to the evidence.
    var slabCaches: [String] { get }
    /// Functions of the kernel that allocate the structure of a request: how often workers entered
    /// direct reclaim from there is counted apart.
    var requestAllocators: Set<String> { get }
    /// The workers: whether each operation is timed, and what they are.
    var layout: WorkerLayout { get }
    /// Requests that all workers together may have in flight; nil where there are none.
    var queueDepth: Int? { get }
    /// Where settings put workers; none where they may run anywhere.
    var placements: [WorkerPlacement] { get }
    /// Whether data is proved.
    var verifies: Bool { get }
    /// Whether all that is written in a slice is read in it, and both ends are verified.
    var readsAllItWrites: Bool { get }
    /// Programs that a guest needs for it.
    var guestPrograms: Set<GuestProgram> { get }
    /// Bytes of memory that a guest needs for it.
    var guestMemory: Int { get }
    /// The foreign program that it runs; nil for a workload of ours.
    var program: ProgramUse? { get }
    /// The numbers that its slices have instead of a rate: the first one is judged, the others are
    /// told. None where the rate is what counts.
    var metrics: [MetricRequest] { get }
    /// The cell name's middle part.
    var cellName: String { get }
}

/// What a workload's rate counts.
package enum RateUnit: Sendable {
    /// Bytes a second.
    case bytes
    /// Operations a second.
    case operations
}

extension WorkloadDescription {
    package var rateTracks: [String] { Self.tracks }
    package var queueDepth: Int? { nil }
    package var placements: [WorkerPlacement] { [] }
    package var storage: StorageSpec? { nil }
    package var completion: StorageSpec.Completion? { storage?.completion }
    package var requestAllocators: Set<String> { [] }
    package var verifies: Bool { false }
    package var readsAllItWrites: Bool { false }
    package var guestPrograms: Set<GuestProgram> { storage.map(GuestProgram.of) ?? [] }
    package var guestMemory: Int { GuestProgram.usualMemory }
    package var program: ProgramUse? { nil }
    package var metrics: [MetricRequest] { [] }

    /// The cell name's middle part: the head, then every other setting that differs from its
    /// default.
    package var cellName: String {
        let (head, shown) = Self.nameHead.filled { values.text(of: $0) }
        let rest = values.changed.filter { !shown.contains($0.setting.name) }.map { change in
            if case .size = change.setting.kind {
                return "\(change.setting.name)=\(change.setting.text(of: change.value))"
            }
            return "\(change.setting.name)=\(change.value)"
        }
        return ([head] + rest).joined(separator: "/")
    }
}

extension String {
    /// The text with what is in braces replaced, and the names that were there.
    func filled(with value: (String) -> String?) -> (text: String, names: Set<String>) {
        var text = ""
        var names: Set<String> = []
        var rest = self[...]
        // What a value holds is not looked at again: it may have braces of its own.
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            names.insert(name)
            text += rest[..<open] + (value(name) ?? "")
            rest = rest[rest.index(after: close)...]
        }
        text += rest
        return (text, names)
    }
}
