// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

extension SettingValues {
    /// A cell name's part: the kind's name and the settings that differ from their defaults.
    ///
    /// Paths are left out: they hold slashes and say where, not what.
    ///
    /// - Parameter spelled: texts for settings that would not show well as they were told.
    func cellName(_ kind: String, spelled: [String: String] = [:]) -> String {
        var parts = [kind]
        for (setting, value) in changed {
            if let text = spelled[setting.name] {
                parts.append("\(setting.name)=\(text)")
                continue
            }
            switch setting.kind {
            case .path: continue
            case .size: parts.append("\(setting.name)=\(ByteSize(value.integer ?? 0))")
            case .number:
                let text = value.text
                let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
                parts.append("\(setting.name)=\(short)")
            default: parts.append("\(setting.name)=\(value.text)")
            }
        }
        return parts.joined(separator: "-")
    }

    /// Where churned files are: `directory`, else `TMPDIR`, else the current directory.
    var churnDirectory: String { optionalText("directory") ?? DataDirectory.standard }

    /// The CPUs that hogs are held to; nil for any.
    ///
    /// - Throws: `usage` when this process may run on none of them.
    func hogCPUs() throws(PlumblineError) -> CPUSet? {
        guard let wanted = optionalText("hog_cpus").flatMap(CPUSet.init(list:)) else { return nil }
        let allowed = (try? CPUSet.allowed()) ?? CPUSet()
        guard wanted.cpus.contains(where: allowed.contains) else {
            throw invalid(
                "hog_cpus", "has no CPU that we may run on", remedy: "we may use \(allowed)")
        }
        return wanted
    }
}
