// Cepstral coefficients: an orthonormal DCT-II over the bands, and a lifter.

import Glibc

/// How MFCCs come out of log-mel rows.
public struct Cepstrum: Sendable, Equatable {
    /// How the coefficients are weighed.
    public enum Lifter: Sendable, Equatable {
        /// Not at all.
        case none
        /// 1 + L / 2 · sin(π (n + 1) / L) for coefficient n from 0 (`librosa.feature.mfcc`).
        case librosa(Float)
        /// 1 + L / 2 · sin(π n / L) (Kaldi's `cepstral_lifter`).
        case kaldi(Float)
    }

    /// How many coefficients.
    public let coefficients: Int

    /// The lifter.
    public let lifter: Lifter

    /// No lifter unless told.
    public init(coefficients: Int, lifter: Lifter = .none) {
        self.coefficients = coefficients
        self.lifter = lifter
    }

    /// The DCT's matrix times the lifter, `[coefficients, bands]`.
    func matrix(bands: Int) -> [Float] {
        (0..<coefficients).flatMap { n -> [Float] in
            let weight: Double =
                switch lifter {
                case .none: 1
                case .librosa(let length): 1 + Double(length) / 2 * sin(.pi * Double(n + 1) / Double(length))
                case .kaldi(let length): 1 + Double(length) / 2 * sin(.pi * Double(n) / Double(length))
                }
            let height = (n == 0 ? 1 / Double(bands) : 2 / Double(bands)).squareRoot() * weight
            return (0..<bands).map { Float(height * cos(.pi / Double(bands) * (Double($0) + 0.5) * Double(n))) }
        }
    }
}

/// `rows [count, stride]`, of which `bands` from `first` on count, to `coefficients [count, n]` by a matrix `[n, bands]`.
func cepstra(
    of rows: UnsafePointer<Float>, count: Int, stride: Int, first: Int, bands: Int,
    by matrix: UnsafeBufferPointer<Float>,
    into output: UnsafeMutablePointer<Float>
) {
    let coefficients = matrix.count / bands
    for row in 0..<count {
        let values = UnsafeRawPointer(rows + row * stride + first)
        for n in 0..<coefficients {
            let weights = UnsafeRawPointer(matrix.baseAddress! + n * bands)
            var lanes = SIMD8<Float>.zero
            var band = 0
            while band + 8 <= bands {
                lanes +=
                    values.loadUnaligned(fromByteOffset: 4 * band, as: SIMD8<Float>.self)
                    * weights.loadUnaligned(fromByteOffset: 4 * band, as: SIMD8<Float>.self)
                band += 8
            }
            var sum = lanes.sum()
            while band < bands {
                sum += rows[row * stride + first + band] * matrix[n * bands + band]
                band += 1
            }
            output[row * coefficients + n] = sum
        }
    }
}
