// The upper half of a Float: what weights are stored in and what the processor multiplies fastest.

/// A 16-bit brain float: a `Float`'s sign, exponent and first seven bits of the fraction.
public struct BFloat16: Sendable, Equatable {
    /// The upper sixteen bits of the `Float`'s pattern.
    public var bitPattern: UInt16

    /// A number of the given bits.
    public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// The nearest brain float, ties to even; a NaN stays a NaN.
    public init(_ value: Float) {
        let bits = value.bitPattern
        if value.isNaN {
            bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
        } else {
            bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
        }
    }

    /// The same number as a `Float`; exact.
    public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
