// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What is taken from a document of gnuplot's SVG terminal: lines, areas, dots and texts, with
/// classes in place of colours, and nothing that has an id.
///
/// Lines of one colour are one path, and so are areas and dots: a plot is some thousand bytes.
struct PlotDrawing {
    private enum Shape: String {
        case line = "s"
        case area = "f"
        case dot = "s d"
    }

    private var order: [String] = []
    private var paths: [String: String] = [:]
    private var seen: Set<String> = []
    private var texts = ""
    private var place = ""

    /// The plots in gnuplot's output; what else is in it is left out.
    static func all(in output: [UInt8]) -> [String] {
        var plots: [String] = []
        var drawing: PlotDrawing?
        var tags = TagReader(output)
        while let tag = tags.next() {
            switch tag.name {
            case "svg": drawing = PlotDrawing()
            case "/svg":
                if let drawing { plots.append(drawing.elements) }
                drawing = nil
            default: drawing?.take(tag)
            }
        }
        return plots
    }

    /// The elements of the plot.
    private var elements: String {
        order.map { "<path class=\"\($0)\" d=\"\(paths[$0] ?? "")\"/>" }.joined() + texts
    }

    private mutating func take(_ tag: TagReader.Tag) {
        switch tag.name {
        case "path":
            guard let ink = tag.ink("stroke"), let data = tag["d"] else { return }
            add(.line, ink, data: PathData.compact(data))
        case "polygon":
            guard let ink = tag.ink("fill"), let points = tag["points"] else { return }
            add(.area, ink, data: "M\(PathData.compact(points))z")
        case "use":
            guard let ink = tag.ink("color"), let data = tag["transform"] else { return }
            let point = data.dropFirst("translate(".utf8.count).prefix { $0 != UInt8(ascii: ")") }
            add(.dot, ink, data: "M\(PathData.compact(point))h0")
        case "g":
            guard let data = tag["transform"] else { return }
            let isUpright =
                data.last == UInt8(ascii: ")") && data.count { $0 == UInt8(ascii: "(") } == 1
            let point = PathData.compact(
                data.dropFirst("translate(".utf8.count).prefix { $0 != UInt8(ascii: ")") })
            let anchor = tag["text-anchor"].map { String(decoding: $0, as: UTF8.self) } ?? ""
            place = Self.place(point, isUpright: isUpright, anchor: anchor)
        case "text", "tspan":
            let text = String(decoding: tag.content, as: UTF8.self).trimmed
            if !text.isEmpty { texts += "<text\(place)>\(text)</text>" }
        default: return
        }
    }

    private static func place(_ point: String, isUpright: Bool, anchor: String) -> String {
        let side = anchor == "middle" ? " class=\"m\"" : anchor == "end" ? " class=\"e\"" : ""
        let parts = point.split(separator: " ")
        guard isUpright, parts.count == 2 else {
            return "\(side) transform=\"translate(\(point))rotate(-90)\""
        }
        return "\(side) x=\"\(parts[0])\" y=\"\(parts[1])\""
    }

    /// Adds a path; each of its lines once, and none without a length.
    private mutating func add(_ shape: Shape, _ ink: Ink, data: String) {
        let name = "\(shape.rawValue) \(ink.name)"
        for line in data.split(separator: "M") {
            guard shape != .line || line.count(where: { $0 == " " }) > 1,
                seen.insert(name + line).inserted
            else { continue }
            if paths[name] == nil { order.append(name) }
            paths[name, default: ""] += "M" + line
        }
    }
}

/// Coordinates as SVG has them, to a tenth.
enum PathData {
    /// `M66.4 187.2 74.7 187.2M…` of `M66.48,187.20 L74.73,187.20 M…`.
    static func compact(_ data: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        var decimals = -1
        var needsGap = false
        for byte in data {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                if needsGap { text.append(UInt8(ascii: " ")) }
                needsGap = false
                if decimals >= 0 { decimals += 1 }
                if decimals <= 1 { text.append(byte) }
            case UInt8(ascii: "."):
                decimals = 0
                text.append(byte)
            default:
                if decimals >= 0 { trimEnd(&text) }
                decimals = -1
                if byte == UInt8(ascii: "M") || byte == UInt8(ascii: "Z") {
                    text.append(byte)
                    needsGap = false
                } else {
                    needsGap = needsGap || text.last.map(isDigit) ?? false
                }
            }
        }
        if decimals >= 0 { trimEnd(&text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Drops a `.0`.
    private static func trimEnd(_ text: inout [UInt8]) {
        if text.last == UInt8(ascii: "0"), text.dropLast().last == UInt8(ascii: ".") {
            text.removeLast(2)
        } else if text.last == UInt8(ascii: ".") {
            text.removeLast()
        }
    }
}
