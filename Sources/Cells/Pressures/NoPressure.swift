// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Memory as it is.
package struct NoPressure: PressureDescription {
    package static let name = "none"
    package static let summary = "memory as it is"
    package static let makesMemoryScarce = false
    package static let settings: [Setting] = []

    package let values: SettingValues

    package init(_ values: SettingValues) { self.values = values }
}
