// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Testing

@testable import Probes

@Suite struct ProbeListTests {
    @Test func everyProbeOfTheCatalogueIsThere() {
        #expect(ProbeList.names == ProbeCatalogue.all.map(\.name))
        #expect(Set(ProbeList.names).count == ProbeList.names.count)
    }
}
