// SPDX-License-Identifier: GPL-3.0-or-later

extension ReportFormat {
    /// The JSON Schema of the document `plumbline.report/1`, draft 2020-12.
    public static var schemaText: String {
        String(decoding: PackageResources.report_schema_json, as: UTF8.self)
    }
}
