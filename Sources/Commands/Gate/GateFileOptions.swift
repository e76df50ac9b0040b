// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics

/// The options of a gate's output.
public struct GateFileOptions: ParsableArguments {
    /// For Jenkins and GitLab.
    @Option(
        help: ArgumentHelp("Write the verdicts as JUnit's XML.", valueName: "file"),
        completion: .file())
    public var junit: String?
    /// For the kernel's test tools.
    @Option(
        help: ArgumentHelp("Write them in the kernel's test protocol, KTAP.", valueName: "file"),
        completion: .file())
    public var ktap: String?
    /// For tmt.
    @Option(
        help: ArgumentHelp(
            "Write them as results.yaml of a tmt test with `result: custom`.", valueName: "file"),
        completion: .file())
    public var tmt: String?
    /// For LAVA.
    @Flag(help: "Print LAVA's test case signals too, after the lines of the cells.")
    public var lava = false

    /// Made by the argument parser.
    public init() {}

    /// The files, which are looked at before anything is measured.
    ///
    /// - Parameter journal: the journal's path, where one is given.
    /// - Throws: `usage` for a path that cannot be written, and one that is given twice.
    func files(besides journal: String?) throws(PlumblineError) -> [ResultFile] {
        let given: [(ResultFile.Kind, String?)] = [(.junit, junit), (.ktap, ktap), (.tmt, tmt)]
        var options: [String: String] = [:]
        if let journal { options[WholeFile.place(of: journal)] = "--output" }
        var files: [ResultFile] = []
        for case (let kind, let path?) in given {
            let place = WholeFile.place(of: path)
            if let other = options.updateValue(kind.option, forKey: place) {
                throw .usage(
                    "\(kind.option) and \(other) name one file, \(path)",
                    remedy: "give each a path of its own")
            }
            files.append(try ResultFile(kind, at: path))
        }
        return files
    }
}
