// A lexicon as a tree of phones, for a search that is not told where words end.

/// Words' pronunciations as a tree: words that begin alike share the nodes of their beginnings.
public struct PronunciationTree: Sendable {
    /// How a word is said, and what it costs to say it: a negative logarithm, beside what stands before it.
    public struct Entry: Sendable {
        let word: Int
        let phones: [Int]
        let cost: Float

        /// A pronunciation; one without phones is left out of the tree.
        public init(word: Int, phones: [Int], cost: Float) {
            (self.word, self.phones, self.cost) = (word, phones, cost)
        }
    }

    /// Of every node the phone that leads to it; the root, node 0, has none.
    let phones: [Int32]
    /// The children of node n are the nodes from `firstChild[n]` to before `firstChild[n + 1]`.
    let firstChild: [Int32]
    /// The words that end at node n are those from `firstWord[n]` to before `firstWord[n + 1]`.
    let firstWord: [Int32]
    let words: [Int32]
    /// The least cost of the words at a node and below it.
    let leastCost: [Float]

    /// The tree of pronunciations, of which a word may have several.
    public init(_ entries: [Entry]) {
        let sorted = entries.filter { !$0.phones.isEmpty }.sorted {
            $0.phones == $1.phones ? $0.word < $1.word : $0.phones.lexicographicallyPrecedes($1.phones)
        }
        var (phones, firstChild, firstWord, words): ([Int32], [Int32], [Int32], [Int32]) = ([-1], [], [], [])
        var costs: [Float] = []
        // In the order of depth, so that the children of a node have numbers in a row.
        var pending = [(entries: 0..<sorted.count, depth: 0)]
        while costs.count < pending.count {
            let (entries, depth) = pending[costs.count]
            var least = Float.infinity
            var place = entries.lowerBound
            firstWord.append(Int32(words.count))
            while place < entries.upperBound, sorted[place].phones.count == depth {
                words.append(Int32(sorted[place].word))
                least = min(least, sorted[place].cost)
                place += 1
            }
            firstChild.append(Int32(phones.count))
            while place < entries.upperBound {
                let phone = sorted[place].phones[depth]
                var end = place + 1
                while end < entries.upperBound, sorted[end].phones[depth] == phone { end += 1 }
                phones.append(Int32(phone))
                pending.append((place..<end, depth + 1))
                place = end
            }
            costs.append(least)
        }
        firstChild.append(Int32(phones.count))
        firstWord.append(Int32(words.count))
        for node in costs.indices.reversed() {
            for child in Int(firstChild[node])..<Int(firstChild[node + 1]) {
                costs[node] = min(costs[node], costs[child])
            }
        }
        (self.phones, self.firstChild, self.firstWord) = (phones, firstChild, firstWord)
        (self.words, leastCost) = (words, costs)
    }

    /// The number of nodes, the root among them.
    public var count: Int { phones.count }

    func children(of node: Int) -> Range<Int> { Int(firstChild[node])..<Int(firstChild[node + 1]) }

    func words(at node: Int) -> ArraySlice<Int32> { words[Int(firstWord[node])..<Int(firstWord[node + 1])] }
}
