// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// `--format json`: one document in one line, for programs.
struct JSONRenderer: Renderer {
    static let name = "json"
    static let part = ReportPart.page

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        String(decoding: try LineCodec.encode(report.document), as: UTF8.self)
    }
}
