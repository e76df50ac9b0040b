// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What `patch(1)` said, in the words of a kernel developer.
struct PatchReport: Sendable, Equatable {
    /// A hunk that found no place.
    struct Hunk: Sendable, Equatable {
        var file: String
        var number: Int
        /// The line of the file at which it should have applied.
        var line: Int
    }

    /// The hunks that failed.
    private(set) var failed: [Hunk] = []
    /// Files that the patch changes and the source does not have.
    private(set) var missing: [String] = []
    /// Whether patch found its work done already.
    private(set) var isDone = false
    /// The lines about hunks that applied with less context than they have.
    private(set) var fuzz: [String] = []
    private let last: String

    /// Reads what patch has printed.
    init(lines: [String]) {
        last = lines.last { !$0.isEmpty } ?? "patch said nothing"
        var file = ""
        for line in lines {
            let words = line.split(separator: " ")
            if line.hasPrefix("checking file ") || line.hasPrefix("patching file ") {
                file = words.dropFirst(2).joined(separator: " ")
            } else if line.hasPrefix("Hunk #"), line.contains(" FAILED at ") {
                failed.append(
                    Hunk(
                        file: file, number: Int(words[1].dropFirst()) ?? 0,
                        line: Int(words[4].prefix { $0.isNumber }) ?? 0))
            } else if line.hasPrefix("Hunk #"), line.contains("fuzz") {
                fuzz.append("\(file): \(line)")
            } else if line.hasPrefix("|+++ ") {
                missing.append(String(line.dropFirst(5).prefix { $0 != "\t" }))
            } else if line.contains("previously applied) patch detected")
                || line.hasPrefix("Unreversed patch detected")
            {
                isDone = true
            }
        }
    }

    /// The error for the user.
    func error(_ patch: KernelPatch, release: String) -> PlumblineError {
        let what = patch.path ?? patch.name
        if isDone {
            return .failure(
                patch.isReverted
                    ? "\(what) cannot be taken out of Linux \(release): it is not in it"
                    : "\(what) is in the source of Linux \(release) already, or is given twice",
                remedy: patch.isReverted
                    ? "leave --revert out" : "leave it out, or take it out with --revert")
        }
        let verb = patch.isReverted ? "cannot be taken out of" : "does not apply to"
        return .failure(
            "\(what) \(verb) Linux \(release): \(reason)",
            remedy: "rebase it onto this version, or give the source that it was made for with "
                + "--source")
    }

    private var reason: String {
        if let file = missing.first { return "there is no file \(file)" }
        guard !failed.isEmpty else { return last }
        return failed.prefix(8).map { "\($0.file): hunk \($0.number) failed at line \($0.line)" }
            .joined(separator: "; ") + (failed.count > 8 ? "; and \(failed.count - 8) more" : "")
    }
}
