// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// Where a program finds the storage that was made for it.
struct ProgramStorage {
    /// The variable that has the path.
    private static let variable = "PLUMBLINE_STORAGE"

    /// What each word stands for; empty without storage.
    private var paths: [StorageWord: String] = [:]

    /// The paths in a visit's storage, where the file is laid out if the program asks for it.
    ///
    /// - Throws: as laying out a file of direct I/O does.
    init(
        _ plan: CommandWorkload, _ environment: WorkloadEnvironment
    ) throws(PlumblineError) {
        guard let spec = plan.storage else { return }
        guard let path = environment.directory ?? environment.device else {
            throw .failure(
                "\(CommandWorkload.name): storage=\(spec.text) was prepared without a directory and "
                    + "a device")
        }
        paths[.storage] = path
        guard StorageWord.file.isIn(plan.command) else { return }
        let reader = try DirectWorkload(reading: spec)
        paths[.file] = try DirectSite(reader, environment).regions[0].path
    }

    /// An argument with paths in the place of words.
    func filled(_ argument: String) -> String {
        StorageWord.allCases.reduce(argument) { text, word in
            paths[word].map { word.replaced(in: text, by: $0) } ?? text
        }
    }

    /// What is added to the program's environment.
    var variables: [(name: String, value: String)] {
        paths[.storage].map { [(Self.variable, $0)] } ?? []
    }
}
