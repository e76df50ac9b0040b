// SPDX-License-Identifier: GPL-3.0-or-later

/// The JSON Schema of the document `plumbline.report/1`.
public enum ReportSchema {
    /// The schema's text, draft 2020-12.
    public static var text: String {
        String(decoding: PackageResources.report_schema_json, as: UTF8.self)
    }
}
