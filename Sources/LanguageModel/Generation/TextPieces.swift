// Text from tokens as they come: whole characters, and nothing of a stop text.

/// Turns tokens into pieces of text that end with whole characters.
///
/// A token's text can depend on those before it (a space between words, bytes of one character), so that it is taken
/// from the text of a few tokens: what that adds to the text without the newest ones.
struct TextPieces {
    private let tokenizer: any TextTokenizer
    /// The newest tokens, from the first of the piece before on.
    private var tokens: [Int] = []
    /// How many of them are of pieces that are given whole.
    private var finished = 0
    /// How many scalars of their text are given.
    private var given = 0

    init(_ tokenizer: any TextTokenizer) { self.tokenizer = tokenizer }

    /// The text that a token makes whole; empty where it ends within a character.
    mutating func add(_ token: Int) -> String {
        tokens.append(token)
        return take(isLast: false)
    }

    /// What is left at the end, half a character as U+FFFD.
    mutating func finish() -> String { take(isLast: true) }

    /// So many tokens without a whole character at their end are bytes of none: their text is given as it is.
    private static let mostPending = 64

    private mutating func take(isLast: Bool) -> String {
        guard finished < tokens.count else { return "" }
        let text = Array(tokenizer.decode(generated: tokens).unicodeScalars)
        // The beginning of a character, however many bytes of it are there, is one U+FFFD.
        let isHalf = text.last == "\u{FFFD}" && !isLast && tokens.count - finished < Self.mostPending
        let end = isHalf ? text.count - 1 : text.count
        var piece = ""
        if end > given { piece.unicodeScalars.append(contentsOf: text[given..<end]) }
        if isHalf {
            given = max(given, end)
        } else {
            tokens.removeFirst(finished)
            finished = tokens.count
            given = tokenizer.decode(generated: tokens).unicodeScalars.count
        }
        return piece
    }
}

/// Holds back what may begin a stop text, and finds it.
struct StopTexts {
    private let texts: [[Unicode.Scalar]]
    private var held: [Unicode.Scalar] = []

    init(_ texts: [String]) { self.texts = texts.map { Array($0.unicodeScalars) } }

    /// The text that can be given after a piece more, and whether a stop text ends it.
    mutating func add(_ piece: String) -> (text: String, isEnd: Bool) {
        held += piece.unicodeScalars
        let ends = texts.compactMap { place(of: $0) }
        if let end = ends.min() {
            defer { held = [] }
            return (Self.text(held[..<end]), true)
        }
        let kept = texts.map { overlap(with: $0) }.max() ?? 0
        defer { held.removeFirst(held.count - kept) }
        return (Self.text(held[..<(held.count - kept)]), false)
    }

    /// What was held back, when nothing follows.
    mutating func finish() -> String {
        defer { held = [] }
        return Self.text(held[...])
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    /// Where a stop text begins in what is held.
    private func place(of text: [Unicode.Scalar]) -> Int? {
        guard held.count >= text.count else { return nil }
        return (0...held.count - text.count).first { held[$0...].starts(with: text) }
    }

    /// How many of the last characters begin a stop text.
    private func overlap(with text: [Unicode.Scalar]) -> Int {
        (0..<min(text.count, held.count + 1)).last { held.suffix($0).elementsEqual(text.prefix($0)) } ?? 0
    }
}
