// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import SchemaSupport

@testable import Reports

extension Report {
    /// What `--format text` prints.
    func text(style: TextStyle = .plain) -> String {
        TextRenderer().render(self, style: style)
    }

    /// What `--format json` prints.
    func json() throws(PlumblineError) -> JSONValue {
        try LineCodec.decode(
            JSONValue.self, from: JSONRenderer().render(self, style: .plain).utf8)
    }
}
