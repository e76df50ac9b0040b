// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Doctor
import Journal
import Machine
import Reports
import Verdicts

extension Console {
    /// Says that guests run without KVM; why is told by `--verbose`, and by `plumbline doctor`.
    func sayEmulated(because reason: String) {
        VerboseLog.say("KVM is not used: \(reason)")
        diagnostics(
            "plumbline: guests are emulated, without KVM: see Guests.md, `plumbline doctor`\n")
    }

    /// Prints a report, in colours where its stream is a terminal.
    func show(_ report: some Report, as format: ReportFormat) throws(PlumblineError) {
        var style = TextStyle(isTerminal: documentIsTerminal, noColor: environment["NO_COLOR"])
        if documentIsTerminal { style.columns = columns() }
        document(try format.renderer.render(report, style: style))
    }

    /// Prints a journal's verdicts, with the calibration of the machine that runs this.
    ///
    /// - Returns: the exit code.
    func printReport(
        _ journal: StoredJournal, format: ReportFormat, inconclusiveIsOK: Bool,
        interrupted: Bool = false
    ) throws(PlumblineError) -> Int32 {
        let report = try verdicts(
            of: journal, inconclusiveIsOK: inconclusiveIsOK, interrupted: interrupted)
        try show(report, as: format)
        return report.exitCode
    }

    /// A journal's verdicts, with the calibration of the machine that runs this.
    func verdicts(
        of journal: StoredJournal, inconclusiveIsOK: Bool, interrupted: Bool = false
    ) throws(PlumblineError) -> VerdictReport {
        var report = try VerdictReport(journal)
        report.inconclusiveIsOK = inconclusiveIsOK
        report.isInterrupted = interrupted
        // What the running kernel's cells were calibrated to by time holds for nothing else.
        if !journal.header.plan.bootsRounds, journal.header.metric == .time {
            report.calibration = CalibrationStore(environment: environment).load(
                for: .init(journal.header.host))
        }
        return report
    }
}
