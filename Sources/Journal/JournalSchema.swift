// SPDX-License-Identifier: GPL-3.0-or-later

/// The JSON Schema of a journal's lines.
public enum JournalSchema {
    /// The schema's text, draft 2020-12.
    public static var text: String {
        String(decoding: PackageResources.journal_schema_json, as: UTF8.self)
    }
}
