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

/// Rounds floats to brain floats, ties to even. Written on SIMD vectors and without the NaN branch (a NaN of the usual
/// pattern stays one), since it runs over every activation before a bf16 product.
func roundToBFloat16(_ source: UnsafePointer<Float>, count: Int, into destination: UnsafeMutablePointer<UInt16>) {
    let bits = UnsafeRawPointer(source)
    let target = UnsafeMutableRawPointer(destination)
    let vectors = count / 8
    for index in 0..<vectors {
        let value = bits.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<UInt32>.self)
        let rounded = (value &+ 0x7fff &+ ((value &>> 16) & 1)) &>> 16
        target.storeBytes(
            of: SIMD8<UInt16>(truncatingIfNeeded: rounded), toByteOffset: index * 16, as: SIMD8<UInt16>.self)
    }
    for index in vectors * 8..<count { destination[index] = BFloat16(source[index]).bitPattern }
}
