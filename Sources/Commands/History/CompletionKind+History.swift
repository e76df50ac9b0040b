// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import FoundationEssentials
import History

/// What a shell completes from the history that the command line or the environment names.
extension CompletionKind {
    /// The suites in it.
    static let historySuites = custom { arguments, _, _ in words(stored(.suites, arguments)) }
    /// The cells in it, by their names for people.
    static let historyCells = custom { arguments, _, _ in words(stored(.cells, arguments)) }
    /// The experiments in it.
    static let historyIDs = custom { arguments, _, _ in words(stored(.ids, arguments)) }

    private static func stored(
        _ names: HistoryStore.Names, _ arguments: [String]
    ) -> [String] {
        let place = arguments.firstIndex(of: "--store").map { $0 + 1 }
        let option = place.flatMap { $0 < arguments.count ? arguments[$0] : nil }
        let environment = ProcessInfo.processInfo.environment
        guard let path = try? HistoryStore.path(option: option, environment: environment),
            let store = try? HistoryStore(path, for: .reading, patience: 0.5)
        else { return [] }
        return (try? store.all(names)) ?? []
    }
}
