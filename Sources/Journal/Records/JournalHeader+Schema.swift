// SPDX-License-Identifier: GPL-3.0-or-later

extension JournalHeader {
    /// The JSON Schema of a journal's lines, draft 2020-12.
    public static var schemaText: String {
        String(decoding: PackageResources.journal_schema_json, as: UTF8.self)
    }
}
