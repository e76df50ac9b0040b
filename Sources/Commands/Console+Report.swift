// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Doctor
import Journal
import Protocol
import Reports

extension Console {
    /// Colours for the document, where its stream is a terminal.
    var style: TextStyle {
        TextStyle(isTerminal: documentIsTerminal, noColor: environment["NO_COLOR"])
    }

    /// Prints a journal's verdicts, with the calibration of the machine that runs this.
    ///
    /// - Returns: the exit code.
    func printReport(
        _ journal: JournalDigest, format: RunCommand.Format, inconclusiveIsOK: Bool,
        interrupted: Bool = false
    ) throws(PlumblineError) -> Int32 {
        var report = try VerdictReport(journal)
        report.inconclusiveIsOK = inconclusiveIsOK
        report.isInterrupted = interrupted
        // What the running kernel's cells were calibrated to by time holds for nothing else.
        if journal.header.plan.kind != .ab, journal.header.lens == .wall {
            report.calibration = CalibrationStore(environment: environment).load(
                for: .init(journal.header.host))
        }
        switch format {
        case .text: document(report.text(style: style))
        case .json:
            document(String(decoding: try LineCodec.encode(report.document), as: UTF8.self))
        }
        return report.exitCode
    }
}
