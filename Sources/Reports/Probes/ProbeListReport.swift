// SPDX-License-Identifier: GPL-3.0-or-later

import Cells

/// What `plumbline probe --list` prints.
package struct ProbeListReport: Report {
    private let probes: [ProbeDescription]

    /// A list of these probes.
    package init(probes: [ProbeDescription]) { self.probes = probes }

    package var page: TextPage {
        var page = TextPage()
        var table = TextTable()
        table.addTitles("probe", "")
        for probe in probes { table.add(probe.name, probe.summary) }
        page.add(table)
        return page
    }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.probes/1",
            "probes": probes.map { JSONObject(["name": $0.name, "summary": $0.summary]) },
        ])
    }
}
