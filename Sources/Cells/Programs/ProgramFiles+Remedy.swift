// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

extension ProgramFiles.Problem {
    /// Programs that come with Plumbline, for cells that run them.
    package static let ownPrograms = ["pipe-baseline", "dio-baseline"]

    /// What is wrong with the program of a command line, and how to fix it: where it is known, by
    /// the package that has the program.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - place: where the program is to run: `this machine`.
    package func error(running command: [String], at place: String) -> PlumblineError {
        guard case .notFound(let name) = self, !name.contains("/") else {
            return error(at: place)
        }
        if Self.ownPrograms.contains(name) {
            return .usage(
                "there is no program '\(name)' beside plumbline or in PATH",
                remedy: "it comes with Plumbline: run `make build` or `make install`")
        }
        guard let package = AdapterCatalogue.recognising(command)?.package else {
            return error(at: place)
        }
        return .usage(
            "there is no program '\(name.printable)' in PATH",
            remedy: "apt-get install \(package), or give its path")
    }
}
