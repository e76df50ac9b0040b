// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

extension VerdictReport {
    /// Versions, machines, kernels and their command lines, each with its name.
    var environment: [PageContext] {
        var rows: [(String, String)] = [
            ("journal", header.id), ("started", Timestamp.readable(header.startedAt)),
            ("plumbline", header.toolVersion),
        ]
        rows += Self.rows(of: header.host, name: header.plan.kind == .ab ? "host" : "machine")
        if let guest = header.guest { rows += Self.rows(of: guest, name: "guest") }
        let arms = [(Arm.a, comparison.arms.a), (.b, comparison.arms.b)]
        for (arm, record) in arms {
            let name = arm.rawValue
            rows.append((name, record.label))
            if let target = record.target { rows.append(("\(name) target", target)) }
            if let host = ownHost(arm) { rows += Self.rows(of: host, name: name) }
            if let guest = record.guest { rows += Self.rows(of: guest, name: name) }
            if let boot = rounds.compactMap({ $0.boots?[arm] }).last {
                rows.append(("\(name) command line", boot.commandLine))
            }
            for text in record.deviations ?? [] { rows.append(("\(name) configuration", text)) }
        }
        for knob in comparison.knobs {
            rows.append(("switch", "\(knob.kind.rawValue) \(knob.target): \(knob.a) to \(knob.b)"))
        }
        return rows.map { ["name": $0.0, "value": $0.1] }
    }

    private static func rows(of host: Hello, name: String) -> [(String, String)] {
        var rows = [
            ("\(name) kernel", host.kernelText), ("\(name) kernel version", host.kernelVersion),
        ]
        if let id = host.buildID { rows.append(("\(name) build id", id)) }
        rows.append(("\(name) CPUs and memory", host.machineText))
        let cost = Decimal.fixed(host.timingCost, 1)
        rows.append(
            (
                "\(name) clock",
                "\(host.clockSource), read as \(host.timer); timing an operation takes \(cost) ns"
            ))
        return rows
    }

    private static func rows(of guest: GuestRecord, name: String) -> [(String, String)] {
        let pins =
            guest.pins.isEmpty
            ? "" : ", on CPUs \(guest.pins.map { "\($0)" }.joined(separator: ","))"
        return [
            (
                name == "guest" ? name : "\(name) guest",
                "qemu \(guest.accelerator) \(guest.machine), "
                    + "\(Decimal.count(guest.cpus, "CPU")), \(ByteSize(guest.memory))\(pins)"
                    + (guest.host.map { " on \($0.text)" } ?? "")
            ),
            ("\(name) image", guest.image), ("\(name) command line", guest.commandLine),
        ]
    }

    /// What was typed, as a shell reads it.
    var commandLine: String { ShellWord.line(["plumbline"] + header.plan.arguments) }
}
