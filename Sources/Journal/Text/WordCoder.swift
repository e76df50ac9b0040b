// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Writes or reads words with a space between two, so that one list of them serves both.
protocol WordCoder {
    associatedtype Failure: Error

    /// Writes the next word, or reads it.
    mutating func pass(_ value: inout some Word) throws(Failure)
}

/// Writes words.
struct WordWriter: WordCoder {
    /// The words so far.
    private(set) var text = ""

    mutating func pass(_ value: inout some Word) {
        if !text.isEmpty { text += " " }
        text += value.word
    }
}

/// Reads words where they are, and makes no string of them.
struct WordReader: WordCoder {
    /// What is behind the words that were read.
    private(set) var rest: Slice<UnsafeRawBufferPointer>
    /// How many were read.
    private(set) var count = 0

    init(_ text: UnsafeRawBufferPointer) { rest = text[...] }

    /// The next word; `nil` when it is missing or no such value.
    mutating func next<Value: Word>() -> Value? {
        let word = rest.prefix { $0 != UInt8(ascii: " ") }
        rest = rest[word.endIndex...].dropFirst()
        count += 1
        return Value(word: word)
    }

    /// - Throws: `failure` with the word's number when it is missing or no such value.
    mutating func pass<Value: Word>(_ value: inout Value) throws(PlumblineError) {
        guard let next: Value = next() else {
            throw .failure("word \(count) is missing or not allowed")
        }
        value = next
    }
}
