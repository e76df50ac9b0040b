// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Protocol

/// What a program's slice is worth: its metrics, or why it does not count.
package struct ProgramResult: Sendable, Equatable {
    /// The metric that is judged, in its unit; nil where it is not known.
    package var value: Double?
    /// The other metrics by name.
    package var told: [String: Double] = [:]
    /// Why the slice is void; empty when it counts.
    package var reasons: [Validity.Reason: String] = [:]
}

/// Reads the metrics of a program from what it printed.
struct ProgramResults {
    private let plan: CommandWorkload
    private let report: ProgramReport
    private let reader: MetricReader

    init(_ plan: CommandWorkload, _ report: ProgramReport) throws(PlumblineError) {
        self.plan = plan
        self.report = report
        reader = try MetricReader(plan.metrics)
    }

    /// The result of the slice that just ended.
    func result() -> ProgramResult {
        var result = ProgramResult()
        if let (reason, why) = failure {
            result.reasons[reason] = "the program \(program) \(why)\(report.lastWords)"
            return result
        }
        do throws(MetricError) {
            let numbers = try values()
            result.value = numbers[0]
            for (request, value) in zip(plan.metrics, numbers).dropFirst() {
                result.told[request.name] = value
            }
            if numbers[0] <= 0 {
                result.reasons[.noMetric] =
                    "the metric \(plan.metrics[0].name) is \(numbers[0]), and only numbers above 0 "
                    + "are compared\(report.lastWords)"
            }
        } catch {
            result.reasons[.noMetric] = "\(error)\(report.lastWords)"
        }
        return result
    }

    private var program: String { "'\(plan.command[0].printable)'" }

    /// How the program failed, if it did.
    private var failure: (Validity.Reason, String)? {
        let stays = plan.contract == .stay
        let limit = Decimal.time(nanoseconds: Double(plan.timeout))
        switch report.end {
        case .done: break
        case .none: return (.programFailed, "was not run")
        case .exited(let status):
            return (
                .programFailed,
                stays
                    ? "ended with exit status \(status) instead of staying"
                    : "ended with exit status \(status)"
            )
        case .signalled(let signal):
            return (.programFailed, "was killed by signal \(signal)")
        case .timedOut:
            return (
                .timedOut, stays ? "did not answer within \(limit)" : "did not end within \(limit)"
            )
        case .refused(let error): return (.programFailed, "could not be started: \(error)")
        case .unkillable: return (.programFailed, "left a process that cannot be killed")
        case .printedEarly: return (.programFailed, "printed before `stop`")
        case .printedMore: return (.programFailed, "printed more than one line after `stop`")
        }
        return nil
    }

    /// From its standard output, or from where its adapter says; what is not there at all, from its
    /// standard error. A number that is there and is wrong stays an error.
    private func values() throws(MetricError) -> [Double] {
        // Both streams and all metrics have one time.
        let deadline = reader.deadline
        func read(_ bytes: [UInt8]?, count: UInt64) throws(MetricError) -> [Double] {
            try self.read(bytes, count: count, until: deadline)
        }
        if plan.contract == .stay {
            let answer = report.output.map { Array($0.prefix(report.firstLineEnd ?? $0.count)) }
            return try read(answer, count: report.outputSize)
        }
        let (output, errors) = (report.output, report.errors)
        if plan.adapter?.stream == .error { return try read(errors, count: report.errorSize) }
        do throws(MetricError) { return try read(output, count: report.outputSize) } catch {
            guard error.reason.isAbsence, let errors, !errors.isEmpty,
                let values = try? read(errors, count: report.errorSize)
            else { throw error }
            return values
        }
    }

    private func read(
        _ bytes: [UInt8]?, count: UInt64, until deadline: UInt64
    ) throws(MetricError) -> [Double] {
        guard let bytes else {
            throw MetricError(
                request: plan.metrics[0], reason: .tooLong(Int(clamping: count)), output: "")
        }
        return try reader.read(from: bytes, elapsed: Int(clamping: report.time), until: deadline)
    }
}
