// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// What `run --settings` prints: the settings of every workload and pressure.
struct SettingsList {
    private static let width = 80
    private static let indent = 4

    var text: String {
        let workloads = WorkloadCatalogue.all.map {
            part("workload \($0.name): \($0.summary)", $0.settings)
        }
        let pressures = PressureCatalogue.all.map {
            part("pressure \($0.name): \($0.summary)", $0.settings)
        }
        return (workloads + pressures).joined(separator: "\n")
    }

    private func part(_ title: String, _ settings: [Setting]) -> String {
        let head = wrapped(title, indent: 0)
        return head + settings.map(entry).joined()
    }

    private func entry(_ setting: Setting) -> String {
        let value = setting.fallback.map { "=\(setting.text(of: $0))" } ?? ""
        return wrapped("\(setting.name)\(value)", indent: 2)
            + wrapped("\(setting.help); \(setting.allowed)", indent: Self.indent)
    }

    private func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines = [margin]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.count > indent, line.count + word.count + 1 > Self.width {
                lines.append(margin + (indent == 0 ? "  " : "") + word)
            } else {
                lines[lines.count - 1] = line + (line.count > indent ? " " : "") + word
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
