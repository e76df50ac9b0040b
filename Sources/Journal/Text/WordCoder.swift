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
}
