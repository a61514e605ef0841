// An object that somebody asks for and the pipeline does not make.

import AtomicFiles

/// What was asked for and is not there, with what comes near.
public struct UnknownObject: Codable, Sendable, Equatable {
    /// What was heard, by a vocabulary larger than the pipeline's language; nil where it was read.
    public let heard: String?
    /// The object, in the singular.
    public let noun: String
    /// Up to three of the pipeline's objects that are near to it, the nearest first; empty where none is known to be.
    public let nearest: [String]

    /// An object by its noun.
    public init(heard: String? = nil, noun: String, nearest: [String] = []) {
        (self.heard, self.noun, self.nearest) = (heard, noun, nearest)
    }
}

extension UnknownObject: CustomStringConvertible {
    /// `heard "a red elephant": no elephant in this model; nearest: dog, horse`.
    public var description: String {
        let heard = heard.map { "heard \(quoted($0)): " } ?? ""
        let near = nearest.isEmpty ? "" : "; nearest: \(nearest.joined(separator: ", "))"
        return "\(heard)no \(noun.printable) in this model\(near)"
    }
}
