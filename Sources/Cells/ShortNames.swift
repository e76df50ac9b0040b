// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The names of a suite's cells for people: `dio randread 4k qd128 io_uring brd:ext4 memcg`.
///
/// A name has the workload, the words that its description begins with, the settings that differ
/// from their defaults and from the suite's other cells, and the pressure.
struct ShortNames {
    /// Characters of a name.
    static let longest = 60

    /// A part of a name; one of a setting may be left out of a name that is too long.
    private struct Word {
        var text: String
        /// The setting that it names, after its workload or pressure; nil for a word that stays.
        var setting: String?
    }

    /// One name a cell, in their order; no two are equal.
    static func names(of plans: [CellPlan]) -> [String] {
        let cells = plans.map { try? CellDescription($0) }
        let known = cells.compactMap { $0 }
        let loads = Differences(known.map { (type(of: $0.workload).name, $0.workload.values) })
        let scarce = Differences(known.map { (type(of: $0.pressure).name, $0.pressure.values) })
        let parts = zip(plans, cells).map { plan, cell in
            cell.map { words(of: $0, loads: loads, pressures: scarce) } ?? [Word(text: plan.name)]
        }
        return fitted(needed(parts, of: loads.settings + scarce.settings))
    }

    private static func words(
        of cell: CellDescription, loads: Differences, pressures: Differences
    ) -> [Word] {
        let (load, scarce) = (cell.workload, cell.pressure)
        let (kind, kindOfPressure) = (type(of: load), type(of: scarce))
        var words = [Word(text: kind.name)]
        var shown: Set<String> = []
        for form in kind.shortHead.words {
            let (text, names) = form.filled { load.values.shortText(of: $0) }
            shown.formUnion(names)
            if !form.hasPrefix("[") {
                words.append(Word(text: text))
            } else if names.contains(where: { loads.isChanged($0, of: kind.name) }) {
                words.append(Word(text: String(text.dropFirst().dropLast())))
            }
        }
        words += loads.words(of: kind.name, load.values, besides: shown, spelled: [:])
        guard kindOfPressure.name != NoPressure.name else { return words }
        return words + [Word(text: kindOfPressure.name)]
            + pressures.words(
                of: kindOfPressure.name, scarce.values, besides: [], spelled: scarce.spelled)
    }

    /// The names, of which the longest lose settings that tell no cells apart, the last one declared
    /// first.
    private static func needed(_ words: [[Word]], of settings: [String]) -> [String] {
        var kept = words
        func names(_ words: [[Word]]) -> [String] {
            words.map { $0.map(\.text).joined(separator: " ") }
        }
        let distinct = Set(names(words)).count
        for setting in settings.reversed() {
            let isTooLong = zip(kept, names(kept)).contains { words, name in
                name.count > longest && words.contains { $0.setting == setting }
            }
            guard isTooLong else { continue }
            let without = kept.map { $0.filter { $0.setting != setting } }
            if Set(names(without)).count == distinct { kept = without }
        }
        return names(kept)
    }

    /// The names cut in the middle to the longest that is allowed, with a number where two are equal.
    private static func fitted(_ names: [String]) -> [String] {
        var uses: [String: Int] = [:]
        return names.map { name in
            let cut = name.cut(to: longest)
            let count = uses[cut, default: 0] + 1
            uses[cut] = count
            guard count > 1 else { return cut }
            let number = " #\(count)"
            return name.cut(to: longest - number.count) + number
        }
    }

    /// How the settings of workloads, or of pressures, differ over a suite.
    private struct Differences {
        private var values: [String: [String: Set<SettingValue?>]] = [:]
        private var declared: [String: [Setting]] = [:]
        private var order: [String] = []

        init(_ owners: [(name: String, values: SettingValues)]) {
            for (name, given) in owners {
                if declared[name] == nil {
                    declared[name] = given.declared
                    order.append(name)
                }
                for setting in given.declared {
                    values[name, default: [:]][setting.name, default: []]
                        .insert(given.values[setting.name])
                }
            }
        }

        /// Every setting that differs between two cells, after its owner.
        var settings: [String] {
            order.flatMap { owner in
                (declared[owner] ?? []).filter { differs($0.name, of: owner) }
                    .map { "\(owner).\($0.name)" }
            }
        }

        /// Whether a cell has another value than the default.
        func isChanged(_ setting: String, of owner: String) -> Bool {
            let fallback = declared[owner]?.first { $0.name == setting }?.fallback
            return values[owner]?[setting] != [fallback]
        }

        /// The settings of one cell that differ from their defaults, and between cells.
        func words(
            of owner: String, _ given: SettingValues, besides shown: Set<String>,
            spelled: [String: String]
        ) -> [Word] {
            given.changed.filter { !shown.contains($0.setting.name) }.compactMap { setting, value in
                guard differs(setting.name, of: owner) else { return nil }
                let text = spelled[setting.name] ?? setting.shortText(of: value)
                return Word(
                    text: value == true
                        ? setting.name : (setting.short ?? "\(setting.name)=") + text,
                    setting: "\(owner).\(setting.name)")
            }
        }

        private func differs(_ setting: String, of owner: String) -> Bool {
            (values[owner]?[setting]?.count ?? 0) > 1
        }
    }
}

extension [CellPlan] {
    /// The cells of one suite with the short names that tell them apart.
    package var withShortNames: [CellPlan] {
        zip(self, ShortNames.names(of: self)).map { cell, name in
            var cell = cell
            cell.shortName = name
            return cell
        }
    }
}
