// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// JSON Schemas, draft 2020-12, of the documents of `--format json`.
extension ReportFormat {
    /// That of the document `plumbline.report/1`.
    public static var schemaText: String { text(PackageResources.report_schema_json) }

    /// That of the document `plumbline.reports/1`, of several journals, with the schema of a report in
    /// it.
    public static var reportsSchemaText: String {
        withReport(text(PackageResources.reports_schema_json))
    }

    /// That of `plumbline.fleet-status/1`, with the verdict `plumbline.fleet-verdict/1` in it.
    public static var fleetSchemaText: String { text(PackageResources.fleet_schema_json) }

    /// That of a line of `plumbline.history/1`.
    public static var historySchemaText: String { text(PackageResources.history_schema_json) }

    /// That of `plumbline.bisection/1`, with the schema of the reports in it.
    public static var bisectionSchemaText: String {
        withReport(text(PackageResources.bisection_schema_json))
    }

    /// That of `plumbline.series/1`, with the schema of the reports in it.
    public static var seriesSchemaText: String {
        withReport(text(PackageResources.series_schema_json))
    }

    /// That of `plumbline.probe/1`, with the list `plumbline.probes/1` in it.
    public static var probeSchemaText: String { text(PackageResources.probe_schema_json) }

    /// That of `plumbline.suites/1`.
    public static var suitesSchemaText: String { text(PackageResources.suites_schema_json) }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Puts the schema of a report in the place of the reference to it. Its identity is absolute
    /// there: a relative one would continue that of the schema around it.
    private static func withReport(_ text: String) -> String {
        let report = schemaText.trimmed.replacing(
            #""$id": "plumbline.report/1""#, with: #""$id": "urn:plumbline:report:1""#)
        return text.replacing(#"{ "$ref": "plumbline.report/1" }"#, with: report)
    }
}
