// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Verdicts

/// What `plumbline probe` prints: the probes' results and counts, one column a kernel.
package struct ProbeReport: Report {
    private let kernels: [ProbedKernel]
    /// The names of the probes that were asked for, in their order.
    private let probes: [String]

    /// A report on one kernel or two.
    package init(kernels: [ProbedKernel], probes: [String]) {
        self.kernels = kernels
        self.probes = probes
    }

    /// 0; 3 when a probe failed or did not run to its end, else 1 when all of a kernel's were skipped.
    package var exitCode: Int32 {
        let isRight = kernels.allSatisfy { kernel in
            kernel.loss == nil && kernel.records.allSatisfy { $0.result != .fail }
        }
        return !isRight ? 3 : idle == nil ? 0 : 1
    }

    /// The first kernel on which no probe could run, by its name.
    package var idle: String? {
        kernels.first { $0.loss == nil && $0.records.allSatisfy { $0.result == .skip } }?.label
    }

    package var page: TextPage {
        var page = TextPage()
        for kernel in kernels {
            page.add(
                TextParagraph(
                    lead: "\(kernel.label): ",
                    "Linux \(kernel.host.kernelRelease), build id "
                        + (kernel.host.buildID?.prefix(8).description ?? "not known")))
        }
        for (words, designs) in designs where designs.contains(where: { $0 != Self.notCounted }) {
            page.add()
            page.add(TextParagraph(lead: "\(words): ", phrase(designs)))
        }
        for probe in probes {
            page.add()
            page.add(table(of: probe))
        }
        return page
    }

    /// Of a kernel whose probes did not count what tells designs apart.
    private static let notCounted = "not counted"

    /// What the kernels do, by the probes that tell designs apart.
    private var designs: [(words: String, designs: [String])] {
        [
            (
                "pipes",
                kernels.map {
                    Self.words(
                        KernelDesign.pipe($0.records)?.rawValue,
                        isCounted: KernelDesign.countsPipes($0.records))
                }
            ),
            (
                "direct I/O",
                kernels.map {
                    Self.words(
                        KernelDesign.direct($0.records)?.rawValue,
                        isCounted: KernelDesign.countsDirect($0.records))
                }
            ),
        ]
    }

    private static func words(_ design: String?, isCounted: Bool) -> String {
        design ?? (isCounted ? "none of the known designs" : notCounted)
    }

    private func phrase(_ texts: [String]) -> String {
        guard kernels.count > 1, Set(texts).count > 1 else { return texts[0] }
        return zip(kernels, texts).map { "\($0.label): \($1)" }.joined(separator: "; ")
    }

    private func table(of probe: String) -> TextTable {
        var table = TextTable()
        let records = kernels.map { $0[probe] }
        table.add(
            [.left(probe)]
                + records.map { record in
                    .right(record?.result.rawValue ?? "not run", record?.role ?? .warning)
                })
        var names: [(name: String, unit: String)] = []
        for count in records.compactMap({ $0?.counts }).joined()
        where !names.contains(where: { $0.name == count.name }) {
            names.append((count.name, count.unit))
        }
        for (name, unit) in names {
            table.add(
                [.left("  \(name)")]
                    + records.map { .right($0?[name].map(Self.number) ?? "-") }
                    + [.left(unit)])
        }
        for (kernel, record) in zip(kernels, records) {
            guard let reason = record?.reason else { continue }
            let lead = kernels.count > 1 ? "\(kernel.label): " : ""
            table.add(.note(lead + reason, role: record?.role ?? .plain))
        }
        return table
    }

    /// A count: whole numbers as they are, others to two places.
    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
        return "\((value * 100).rounded() / 100)"
    }

    package var suites: [GateSuite] {
        kernels.map { kernel in
            GateSuite(
                name: "probe", experiment: kernel.label, startedAt: kernel.startedAt,
                facts: [("kernel", kernel.label), ("release", kernel.host.kernelRelease)],
                remarks: [],
                cases: probes.map { probe in
                    let record = kernel[probe]
                    return GateCase(
                        name: probe, outcome: .init(record?.result),
                        verdict: record?.result.rawValue ?? "not run",
                        reason: ((record == nil ? kernel.loss?.message : record?.reason) ?? "")
                            .onOneLine)
                })
        }
    }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.probe/1",
            "kernels": kernels.map { kernel in
                JSONObject([
                    "label": kernel.label, "kernel_release": kernel.host.kernelRelease,
                    "build_id": kernel.host.buildID,
                    "pipe_design": KernelDesign.pipe(kernel.records)?.rawValue,
                    "direct_io_design": KernelDesign.direct(kernel.records)?.rawValue,
                    "probes": kernel.records,
                    "loss": kernel.loss?.message,
                ])
            }, "exit_code": exitCode,
        ])
    }
}

extension ProbeRecord {
    fileprivate var role: TextStyle.Role {
        switch result {
        case .pass: .good
        case .fail: .bad
        case .skip: .faint
        }
    }
}

extension GateCase.Outcome {
    /// What a probe's result is to a test harness; nil for one that did not run.
    fileprivate init(_ result: ProbeRecord.Result?) {
        self =
            switch result {
            case .pass: .pass
            case .fail: .fail
            case .skip: .skip
            case nil: .error
            }
    }
}
