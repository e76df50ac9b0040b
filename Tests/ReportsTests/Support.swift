// SPDX-License-Identifier: GPL-3.0-or-later

@testable import Reports

extension Report {
    /// What `--format text` prints.
    func text(style: TextStyle = .plain) -> String {
        TextRenderer().render(self, style: style)
    }
}
