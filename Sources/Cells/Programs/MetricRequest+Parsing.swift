// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension MetricRequest: CustomStringConvertible {
    /// The most bytes of a request as a user writes it.
    static let longest = 1024
    /// The most requests of one run.
    package static let most = 16
    /// How a request is written, for help texts and errors.
    package static let form =
        "[NAME=][PICK:]json:PATH, regex:RE, key:WORD, time, or ADAPTER:METRIC such as fio:iops"

    private static let readers = ["json", "regex", "key", "time"]

    /// Reads a request as a user writes it: `[NAME=][PICK:]READER`.
    ///
    /// READER is `json:PATH`, `regex:RE`, `key:WORD`, `time`, or a metric of an adapter, such as
    /// `fio:read.iops`. PICK is what is taken of several numbers: `first`, `last`, `min`, `max`,
    /// `mean` or `sum`. Nothing inside PATH, RE or WORD needs an escape.
    ///
    /// - Parameter adapter: the one of the program that runs: its metrics need no prefix.
    /// - Throws: `usage` with what is wrong and what is allowed.
    package init(
        parsing text: String, for adapter: ProgramAdapter? = nil
    ) throws(PlumblineError) {
        guard text.utf8.count <= Self.longest else {
            throw .usage(
                "a metric of \(text.utf8.count) bytes is too long (allowed: up to \(Self.longest))")
        }
        let (name, request) = Self.splitName(text)
        if let name, !Self.isName(name) {
            throw .usage(
                "invalid name '\(name.printable)' for a metric (allowed: letters, digits, and "
                    + "_ . - / between them, at most 64)",
                remedy: "a metric is \(Self.form)")
        }
        let (pick, reader) = Self.splitPick(request)
        self = try Self.read(reader, of: text, for: adapter).with(name: name, pick: pick)
    }

    /// The requests of one run, in order; the first is judged.
    ///
    /// - Throws: `usage`, also for two of one name and for too many.
    package static func list(
        parsing texts: [String], for adapter: ProgramAdapter? = nil
    ) throws(PlumblineError) -> [MetricRequest] {
        guard (1...most).contains(texts.count) else {
            throw .usage("\(texts.count) metrics of one program (allowed: 1 to \(most))")
        }
        var requests: [MetricRequest] = []
        for text in texts {
            let request = try MetricRequest(parsing: text, for: adapter)
            guard !requests.contains(where: { $0.name == request.name }) else {
                throw .usage(
                    "two metrics are called \(request.name.printable)",
                    remedy: "give one of them a name, as in other=\(request)")
            }
            requests.append(request)
        }
        return requests
    }

    /// The request as `init(parsing:)` reads it. Unit and direction are not part of it.
    package var description: String {
        let own = name == usualName ? "" : "\(name)="
        if let adapter { return "\(own)\(pickText)\(adapter):\(usualName)" }
        switch reader {
        case .json(let path): return "\(own)\(pickText)json:\(path)"
        case .regex(let pattern): return "\(own)\(pickText)regex:\(pattern)"
        case .key(let key): return "\(own)\(pickText)key:\(key)"
        case .time: return "\(own)\(pickText)time"
        }
    }

    private var pickText: String {
        let usual = adapter.flatMap { AdapterCatalogue.metric(usualName, of: $0) }?.pick
        return pick == usual ? "" : pick.map { "\($0.rawValue):" } ?? ""
    }

    /// The name before the first `=`, unless a reader's colon comes before it.
    private static func splitName(_ text: String) -> (name: String?, request: Substring) {
        let head = text.prefix { $0 != ":" && $0 != "=" }
        guard text[head.endIndex...].first == "=" else { return (nil, text[...]) }
        return (String(head), text[text.index(after: head.endIndex)...])
    }

    /// What is before the first colon, if it says what is taken of several numbers.
    private static func splitPick(_ text: Substring) -> (pick: Pick?, reader: Substring) {
        let head = text.prefix { $0 != ":" }
        guard head.endIndex < text.endIndex, let pick = Pick(rawValue: String(head)) else {
            return (nil, text)
        }
        return (pick, text[text.index(after: head.endIndex)...])
    }

    private static func read(
        _ text: Substring, of whole: String, for adapter: ProgramAdapter?
    ) throws(PlumblineError) -> MetricRequest {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let word = String(parts[0])
        guard parts.count > 1 else {
            if word == "time" { return MetricRequest(.time) }
            if let found = adapter?.metric(named: word) { return found }
            throw unknown(word, whole: whole, adapter)
        }
        let rest = String(parts[1])
        if let named = AdapterCatalogue.adapter(word) {
            guard let found = named.metric(named: rest) else {
                throw .unknown("metric", rest, for: word, among: named.metrics.map(\.name))
            }
            return found
        }
        guard readers.contains(word) else { throw unknown(word, whole: whole, adapter) }
        guard !rest.isEmpty else {
            throw .usage(
                "invalid metric '\(whole.printable)': nothing follows \(word):",
                remedy: "a metric is \(form)")
        }
        return try request(word, rest)
    }

    private static func request(
        _ word: String, _ rest: String
    ) throws(PlumblineError) -> MetricRequest {
        switch word {
        case "json": return MetricRequest(.json(try JSONPath(rest)))
        case "regex":
            try MetricPattern.check(rest)
            return MetricRequest(.regex(rest))
        case "key":
            guard rest.trimmed == rest, rest.printable == rest else {
                throw .usage(
                    "invalid word '\(rest.printable)' for a metric (allowed: printable, without "
                        + "blanks around it)")
            }
            return MetricRequest(.key(rest))
        default:
            throw .usage(
                "invalid metric 'time:\(rest.printable)': nothing may follow time",
                remedy: "a metric is \(form)")
        }
    }

    private static func unknown(
        _ word: String, whole: String, _ adapter: ProgramAdapter?
    ) -> PlumblineError {
        let known =
            readers + AdapterCatalogue.all.map(\.name) + (adapter?.metrics.map(\.name) ?? [])
        let hint = Spelling.hint(for: word, among: known).map { "\($0) " } ?? ""
        return .usage(
            "invalid metric '\(whole.printable)' (\(hint)allowed: \(form))",
            remedy: "adapters: \(AdapterCatalogue.all.map(\.name).joined(separator: ", "))")
    }

    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_.-/".utf8.contains(byte)
            }
        }
        return isPlain && (1...64).contains(name.utf8.count) && !name.isLikeOption
    }
}
