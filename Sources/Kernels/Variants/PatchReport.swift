// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The output of `patch(1)`.
struct PatchReport: Sendable, Equatable {
    /// The hunks that failed: file, number and the line where each should have applied.
    private var failed: [String] = []
    /// Files that the patch changes and the source does not have.
    private var missing: [String] = []
    /// Whether the source is already as the patch makes it.
    private var isDone = false
    /// The lines about hunks that applied with less context than they have.
    private(set) var fuzz: [String] = []
    private let last: String

    init(lines: [String]) {
        last = lines.last { !$0.isEmpty } ?? "no output of patch"
        var file = ""
        for line in lines {
            let words = line.split(separator: " ")
            if line.hasPrefix("checking file ") || line.hasPrefix("patching file ") {
                file = words.dropFirst(2).joined(separator: " ")
            } else if line.hasPrefix("Hunk #"), line.contains(" FAILED at ") {
                failed.append(
                    "\(file): hunk \(words[1].dropFirst()) failed at line "
                        + words[4].prefix { $0.isNumber })
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
        switch (isDone, patch.isReverted) {
        case (true, true):
            return .failure(
                "cannot revert \(what): Linux \(release) does not have it",
                remedy: "leave --revert out")
        case (true, false):
            return .failure(
                "\(what) is already in Linux \(release), or is given twice",
                remedy: "leave it out, or take it out with --revert")
        case (false, let isReverted):
            return .failure(
                "\(what) \(isReverted ? "cannot be reverted in" : "does not apply to") Linux "
                    + "\(release): \(reason)",
                remedy: "rebase it onto this version, or use --source with the source that it "
                    + "was made for")
        }
    }

    private var reason: String {
        if let file = missing.first { return "no file \(file)" }
        guard !failed.isEmpty else { return last }
        return failed.prefix(8).joined(separator: "; ")
            + (failed.count > 8 ? "; and \(failed.count - 8) more" : "")
    }
}
