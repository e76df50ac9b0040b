// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// The Go benchmark format as golang.org/design/14313 has it and as golang.org/x/perf/benchfmt reads
/// it, each line checked.
struct GoBenchRules {
    struct Result {
        var name: String
        var iterations: Int
        /// By unit.
        var values: [String: Double]
        /// The keys that hold for the line.
        var configuration: [String: String]
    }

    /// The results of a text; a line that no rule allows is an issue.
    static func read(_ text: String) -> [Result] {
        #expect(text.hasSuffix("\n"))
        var configuration: [String: String] = [:]
        var results: [Result] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = String(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("Benchmark") {
                if let result = result(line, configuration) { results.append(result) }
            } else if line.hasPrefix("Unit ") {
                let fields = fields(line)
                #expect(fields.count >= 3, "\(line)")
                for pair in fields.dropFirst(2) {
                    #expect(["better=higher", "better=lower"].contains(pair), "\(line)")
                }
            } else {
                guard let colon = line.firstIndex(of: ":") else {
                    Issue.record("neither a key nor a result: \(line)")
                    continue
                }
                let key = line[..<colon]
                #expect(key.unicodeScalars.first?.properties.isLowercase == true, "\(line)")
                #expect(
                    key.unicodeScalars.allSatisfy {
                        !$0.properties.isWhitespace && !$0.properties.isUppercase
                    }, "\(line)")
                let value = line[line.index(after: colon)...]
                #expect(value.isEmpty || value.hasPrefix(" "), "\(line)")
                configuration[String(key)] = value.isEmpty ? nil : String(value.dropFirst())
            }
        }
        return results
    }

    private static func result(_ line: String, _ configuration: [String: String]) -> Result? {
        let fields = fields(line)
        guard fields.count >= 4, fields.count.isMultiple(of: 2), let count = Int(fields[1]) else {
            Issue.record("not NAME COUNT VALUE UNIT …: \(line)")
            return nil
        }
        let name = fields[0].dropFirst("Benchmark".count)
        #expect(name.unicodeScalars.first?.properties.isUppercase == true, "\(line)")
        #expect(name.contains(/-[0-9]+$/), "\(line)")
        #expect(count > 0)
        var values: [String: Double] = [:]
        for place in stride(from: 2, to: fields.count, by: 2) {
            let value = Double(fields[place])
            #expect(value?.isFinite == true, "\(line)")
            #expect(values.updateValue(value ?? 0, forKey: fields[place + 1]) == nil, "\(line)")
        }
        return Result(
            name: String(name), iterations: count, values: values, configuration: configuration)
    }

    /// As Go's `strings.Fields`.
    private static func fields(_ line: String) -> [String] {
        line.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
    }
}
