// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage
import Workloads

/// Has the first allocation of an operation fail, then the second, and so on until it meets none
/// that fails: it may come short or fail with ENOMEM then, and what it says that it moved is right.
struct Shortage {
    /// More allocations than any operation makes.
    static let most = 200

    /// What became of an operation.
    struct Trial {
        /// Bytes that it moved, or `-errno`.
        var answer: Int
        /// Whether an allocation was made to fail in it.
        var hasFailed: Bool
        /// What is wrong with the bytes; nil for nothing.
        var complaint: String?
    }

    /// The operation in words.
    let words: String
    /// Bytes that it is to move.
    let bytes: Int

    /// Skips a probe on a kernel that cannot fail an allocation on demand.
    static func require(_ host: ProbeHost) throws(PlumblineError) {
        do throws(PlumblineError) { try FailNth.require() } catch {
            try host.skip(
                "this kernel cannot fail an allocation on demand", remedy: "use one with +debug")
        }
    }

    /// Tries an operation until no allocation of it is left to fail.
    ///
    /// - Parameter operation: gets the number of the allocation that is to fail, from 1 on.
    func run(
        into findings: inout ProbeFindings, _ operation: (Int) throws(Errno) -> Trial
    ) throws(Errno) {
        for number in 1...Self.most {
            let trial = try operation(number)
            judge(trial, number: number, into: &findings)
            guard !trial.hasFailed else { continue }
            findings.require(number > 1, "\(words): none of its allocations was made to fail")
            findings.count(
                "\(words): allocations that failed", Double(number - 1), unit: "")
            return
        }
        findings.faults.append("\(words): each of its first \(Self.most) allocations failed")
    }

    private func judge(_ trial: Trial, number: Int, into findings: inout ProbeFindings) {
        let (answer, which) = (
            trial.answer,
            trial.hasFailed ? "allocation \(number) failed" : "no allocation failed"
        )
        let isRight =
            trial.hasFailed
            ? (1...bytes).contains(answer) || answer == -Int(Errno.noMemory.rawValue)
            : answer == bytes
        findings.require(isRight, "\(words), \(which): it answered \(answer)")
        if let complaint = trial.complaint {
            findings.faults.append("\(words), \(which): it answered \(answer), and \(complaint)")
        }
    }
}
