// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Any program, with the numbers that it prints as metrics.
package struct CommandWorkload: WorkloadDescription {
    package static let name = "command"
    package static let summary = "any program, judged by a number that it prints or by its time"
    /// One operation is one run of the program, or one answer of a resident one.
    package static let tracks = ["run"]
    package static let rateUnit = RateUnit.operations
    package static let keys = CommandSettings()
    package static let settings = keys.settings
    package static let nameHead = "{run}"
    package static let shortHead = "{run}"

    /// What the program and Plumbline agree on.
    package enum Contract: String, SettingChoice, Sendable {
        /// It is started for each slice, and the slice ends with it.
        case start
        /// It is started once a visit, and answers the lines `go` and `stop` on its standard input.
        case stay
    }

    /// Characters of the command line in a cell's name.
    static let longestName = 100
    /// More than any program needs; a kernel takes some 128 KiB a word (`MAX_ARG_STRLEN`).
    static let mostWords = 1000
    /// The most bytes of its output that a metric is read from.
    package static let outputLimit = 4 << 20

    package let values: SettingValues
    /// The program and its arguments, with those that make it print its metrics.
    package let command: [String]
    package let contract: Contract
    /// The first one is judged, the others are told.
    package let metrics: [MetricRequest]
    /// Knows the program; nil where none does, or where the metrics are the user's alone.
    package let adapter: ProgramAdapter?
    package let files: [String]
    /// Nanoseconds.
    package let timeout: Int
    package let placement: WorkerPlacement
    /// What is made for the program; nil for nothing.
    package let storage: StorageSpec?

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        guard let words = values[keys.run] else {
            throw .usage(
                "\(Self.name): run is missing",
                remedy: "name a program and its arguments, as in run: [fio, job.fio]")
        }
        guard words.count <= Self.mostWords else {
            throw .usage("\(Self.name): run has \(words.count) words (allowed: 1 to 1000)")
        }
        contract = values[keys.contract]
        files = values[keys.files] ?? []
        timeout = values[keys.timeout]
        placement = WorkerPlacement(cpus: values[keys.cpus])
        storage = try Self.storage(values)
        let known = AdapterCatalogue.recognising(words)
        metrics = try Self.metrics(values, contract, of: known)
        adapter = metrics.contains { $0.adapter != nil } ? known : nil
        command = try adapter?.completed(words) ?? words
        guard timeout > 0 else {
            throw values.invalid(
                keys.timeout, "leaves the program no time", remedy: "choose 1s or more")
        }
        guard storage == nil else { return }
        if let word = StorageWord.allCases.first(where: { $0.isIn(words) }) {
            throw .usage(
                "\(Self.name): run has \(word.rawValue), and the cell has no storage",
                remedy: "add storage: zram:ext4 or another kind (--storage); a word of a shell is "
                    + "written $\(word.rawValue)")
        }
    }

    /// The storage, equal to that of a cell of ours with the same settings, so that both share it.
    ///
    /// A program may write to what it is given.
    private static func storage(_ values: SettingValues) throws(PlumblineError) -> StorageSpec? {
        guard let text = values[keys.storage] else {
            if let lone = values.changed.first(where: {
                [keys.size.name, keys.directory.name].contains($0.setting.name)
            }) {
                throw .usage(
                    "\(name): \(lone.setting.name) changes nothing without storage",
                    remedy: "add storage: zram:ext4 or another kind, or leave it out")
            }
            return nil
        }
        guard values[keys.size].isMultiple(of: 4096) else {
            throw values.invalid(
                keys.size, "is not a multiple of 4096, a block of the storage",
                remedy: "choose a multiple of 4k")
        }
        return try StorageSpec(
            text: text, size: values[keys.size], directory: values[keys.directory],
            writes: text.hasPrefix("\(StorageSpec.Backing.device.rawValue):"),
            allowDestructive: values[keys.allowDestructive])
    }

    private static func metrics(
        _ values: SettingValues, _ contract: Contract, of known: ProgramAdapter?
    ) throws(PlumblineError) -> [MetricRequest] {
        var requests: [MetricRequest]
        if let texts = values[keys.metric] {
            do throws(PlumblineError) {
                requests = try MetricRequest.list(parsing: texts, for: known)
            } catch { throw error.at("\(name).\(keys.metric.name)") }
        } else if contract == .start {
            requests = known?.usualMetrics ?? [MetricRequest(.time)]
        } else {
            throw .usage(
                "\(name): metric is missing",
                remedy: "say which number of a resident program's answer is judged, as in "
                    + "metric: json:ops")
        }
        if contract == .stay, requests.contains(where: { $0.reader == .time }) {
            throw .usage(
                "\(name): metric=time says nothing of a program that stays",
                remedy: "its slices have a fixed length: name a number of its answer, as in "
                    + "metric: json:ops")
        }
        let (units, directions) = (values[keys.unit] ?? [], values[keys.better] ?? [])
        try checkCount(units.count, keys.unit.name, of: requests)
        try checkCount(directions.count, keys.better.name, of: requests)
        for place in requests.indices {
            requests[place] = try requests[place].with(
                unit: place < units.count ? units[place] : nil,
                better: try place < directions.count ? direction(directions[place]) : nil)
        }
        guard requests[0].better != nil else {
            throw .usage(
                "\(name): it is not known whether more or less of \(requests[0].name) is better",
                remedy: "add better: higher or better: lower (--better)")
        }
        return requests
    }

    private static func checkCount(
        _ count: Int, _ key: String, of requests: [MetricRequest]
    ) throws(PlumblineError) {
        guard count <= requests.count else {
            throw .usage(
                "\(name): \(key) has \(count) values for "
                    + "\(Decimal.count(requests.count, "metric"))",
                remedy: "give one for each metric, in their order")
        }
    }

    private static func direction(
        _ word: String
    ) throws(PlumblineError) -> MetricRequest.Better {
        guard let better = MetricRequest.Better(rawValue: word) else {
            throw .usage(
                "invalid value '\(word.printable)' for \(name).\(keys.better.name) "
                    + "(allowed: higher, lower)",
                remedy: Spelling.hint(for: word, among: ["higher", "lower"]) ?? "")
        }
        return better
    }

    /// Room for what the program prints; what it takes itself is not known.
    package var bufferBytes: Int { Self.outputLimit }

    package var slabCaches: [String] { [] }
    package var placements: [WorkerPlacement] { [placement] }
    package var program: ProgramUse? {
        ProgramUse(
            command: command, files: files, endsSlice: contract == .start, timeout: timeout)
    }

    /// One process, whose children are the program's.
    package var layout: WorkerLayout { WorkerLayout(kind: .process, count: 1, timed: false) }

    /// The command line, then every other setting that differs from its default.
    ///
    /// A name is one line of a terminal: of a long one, and of one with characters that a terminal
    /// would not show, a number tells it from others.
    package var cellName: String {
        let line = ShellWord.line(values[Self.keys.run] ?? [])
        let shown = line.printable.cut(to: Self.longestName)
        let head = shown == line ? line : "\(shown)#\(Self.hash(of: line))"
        let rest = values.changed.filter { $0.setting != Self.keys.run.setting }.map {
            "\($0.setting.name)=\($0.setting.text(of: $0.value).printable)"
        }
        return ([head] + rest).joined(separator: "/")
    }

    /// Eight digits of a text, by FNV-1a (draft-eastlake-fnv).
    private static func hash(of text: String) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// The settings of a command.
package struct CommandSettings: SettingGroup {
    package let run = SettingKey<[String]?>(
        "run", .words, help: "the program and its arguments")
    package let contract = SettingKey<CommandWorkload.Contract>(
        "contract", default: .start,
        help: "start: run once a slice; stay: answer go and stop with a line of JSON")
    package let metric = SettingKey<[String]?>(
        "metric", .texts,
        help: "what is judged, then what is told beside it: \(MetricRequest.form); what is known "
            + "of the program, or time, without")
    package let unit = SettingKey<[String]?>("unit", .texts, help: "the unit of each metric")
    package let better = SettingKey<[String]?>(
        "better", .texts, help: "higher or lower, for each metric; what its unit says without")
    package let files = SettingKey<[String]?>(
        "files", .texts, help: "files and directories that it reads, which a guest must have")
    package let timeout = SettingKey<Int>(
        "timeout", .duration, default: 60_000_000_000,
        help: "how long a run may take, or the answer to stop")
    package let cpus = CommonSettings.cpus("cpus", of: "the program's processes")
    package let storage = SettingKey<String?>(
        "storage", .text,
        help: "storage that is made for the program: zram:ext4, brd:ext4, ...; {storage} in run is "
            + "its directory, or its device where it has no file system",
        short: "")
    package let size = SettingKey<Int>(
        "size", .size(4096...1 << 50), default: 256 << 20,
        help: "bytes that must fit into the storage, and those of {file}")
    package let directory = CommonSettings.directory
    package let allowDestructive = SettingKey<Bool>(
        "allow_destructive", .flag, default: false,
        help: "permission for the program to overwrite the given block device", isPermission: true)
}
