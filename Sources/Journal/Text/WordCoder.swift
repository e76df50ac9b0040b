// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Writes or reads words, as text or as numbers, so that one list of them serves all.
protocol WordCoder {
    associatedtype Failure: Error

    /// Writes the next word, or reads it.
    mutating func pass(_ value: inout some Word) throws(Failure)

    /// The same for a last word, which a text leaves out where it is absent.
    mutating func passLast(_ value: inout (some Word)?) throws(Failure)
}

extension WordCoder {
    mutating func passLast(_ value: inout (some Word)?) throws(Failure) { try pass(&value) }
}

/// Writes words.
struct WordWriter: WordCoder {
    /// The words so far.
    private(set) var text = ""

    mutating func pass(_ value: inout some Word) {
        if !text.isEmpty { text += " " }
        text += value.word
    }

    mutating func passLast(_ value: inout (some Word)?) {
        if value != nil { pass(&value) }
    }
}

/// Reads words where they are, and makes no string of them.
struct WordReader: WordCoder {
    /// What is behind the words that were read.
    private(set) var rest: UnsafeRawBufferPointer
    /// How many were read.
    private(set) var count = 0

    init(_ text: UnsafeRawBufferPointer) { rest = text }

    /// The bytes of the next word; none when it is missing.
    mutating func nextBytes() -> UnsafeRawBufferPointer {
        var end = 0
        while end < rest.count, rest[end] != UInt8(ascii: " ") { end += 1 }
        let word = UnsafeRawBufferPointer(rebasing: rest[..<end])
        rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
        count += 1
        return word
    }

    /// The next word; `nil` when it is missing or no such value.
    mutating func next<Value: Word>() -> Value? { Value(word: nextBytes()) }

    /// - Throws: `failure` with the word's number when it is missing or no such value.
    mutating func pass<Value: Word>(_ value: inout Value) throws(PlumblineError) {
        guard let next: Value = next() else {
            throw .failure("word \(count) is missing or not allowed")
        }
        value = next
    }

    mutating func passLast<Value: Word>(_ value: inout Value?) throws(PlumblineError) {
        // A last word that is missing is left out, and not written as a dash.
        guard !rest.isEmpty else { return value = nil }
        guard let next: Value = next() else {
            throw .failure("word \(count) is missing or not allowed")
        }
        value = next
    }
}

/// Takes the numbers of words.
struct NumberWriter: WordCoder {
    /// The numbers so far.
    var numbers: [UInt64] = []

    mutating func pass(_ value: inout some Word) { numbers.append(value.bits) }
}

/// Makes words of numbers.
struct NumberReader: WordCoder {
    /// The numbers of all words.
    var numbers: [UInt64]
    /// The next one's place.
    private var next = 0

    init(_ numbers: [UInt64]) { self.numbers = numbers }

    /// Begins with the first word again.
    mutating func restart() { next = 0 }

    mutating func pass<Value: Word>(_ value: inout Value) {
        value = Value(bits: numbers[next])
        next += 1
    }
}
