// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Reports

/// What `run --settings` prints: every setting of every workload and pressure.
struct SettingsList {
    var text: String {
        var page = TextPage()
        for workload in WorkloadCatalogue.all {
            add(
                "workload \(workload.name):", summary: workload.summary, workload.settings,
                to: &page)
        }
        for pressure in PressureCatalogue.all {
            add(
                "pressure \(pressure.name):", summary: pressure.summary, pressure.settings,
                to: &page)
        }
        return page.text()
    }

    private func add(
        _ name: String, summary: String, _ settings: [Setting], to page: inout TextPage
    ) {
        if !page.isEmpty { page.add() }
        page.add(TextParagraph(lead: name, " \(summary)", hanging: 2))
        for setting in settings where !setting.isPermission {
            let value = setting.fallback.map { "=\(setting.text(of: $0))" } ?? ""
            page.add(TextParagraph("\(setting.name)\(value)", indent: 2))
            page.add(TextParagraph("\(setting.help); \(setting.allowed)", indent: 4))
        }
    }
}
