// Window functions, computed in double precision and rounded once.

import Glibc

/// What a frame is multiplied by before its transform.
public enum WindowFunction: Sendable, Equatable {
    /// 0.5 - 0.5 cos(2πi / n): librosa, Whisper (`torch.hann_window`'s default).
    case periodicHann
    /// 0.5 - 0.5 cos(2πi / (n - 1)): Kaldi's "hanning".
    case symmetricHann
    /// The symmetric Hann window to the power of 0.85: Kaldi's own.
    case povey
    /// 0.54 - 0.46 cos(2πi / (n - 1)): Kaldi's "hamming".
    case hamming
    /// 1 everywhere.
    case rectangular

    /// The window's values `[size]`.
    public func values(_ size: Int) -> [Float] { wideValues(size).map { Float($0) } }

    /// The same before they are rounded.
    func wideValues(_ size: Int) -> [Double] {
        let last = max(1, size - 1)
        return (0..<size).map { i in
            let place = 2 * Double.pi * Double(i)
            return switch self {
            case .periodicHann: 0.5 - 0.5 * cos(place / Double(size))
            case .symmetricHann: 0.5 - 0.5 * cos(place / Double(last))
            case .povey: pow(0.5 - 0.5 * cos(place / Double(last)), 0.85)
            case .hamming: 0.54 - 0.46 * cos(place / Double(last))
            case .rectangular: 1
            }
        }
    }
}
