// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// JSON Schemas, draft 2020-12, of the documents of `--format json`.
extension ReportFormat {
    /// That of the document `plumbline.report/1`.
    public static var schemaText: String { text(PackageResources.report_schema_json) }

    /// That of `plumbline.fleet-status/1`, with the verdict `plumbline.fleet-verdict/1` in it.
    public static var fleetSchemaText: String { text(PackageResources.fleet_schema_json) }

    /// That of `plumbline.bisection/1`, with the schema of the reports in it.
    public static var bisectionSchemaText: String {
        withReport(text(PackageResources.bisection_schema_json))
    }

    /// That of `plumbline.series/1`, with the schema of the reports in it.
    public static var seriesSchemaText: String {
        withReport(text(PackageResources.series_schema_json))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Puts the schema of a report, with its own identity, in the place of the reference to it.
    private static func withReport(_ text: String) -> String {
        text.replacing(#"{ "$ref": "plumbline.report/1" }"#, with: schemaText.trimmed)
    }
}
