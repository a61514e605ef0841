// A spectrogram without axes, small enough to be put into a page by the hundred.

import AudioFeatures
import Pictures

/// The log-mel spectrogram that the encoder reads, low at the bottom, loud is bright.
struct SmallSpectrogram {
    let picture: Picture

    private static let widest = 640

    /// Nil for a recording that is too short for one.
    init?(_ recording: Recording) {
        guard let extractor = try? LogMelSpectrogram(), let features = try? extractor(recording.samples),
            features.frames > 0
        else { return nil }
        let (frames, bands) = (features.frames, features.features)
        let width = min(Self.widest, frames)
        let low = features.values.min() ?? 0
        let high = max(features.values.max() ?? 1, low + 1e-3)
        var picture = Picture(width: width, height: bands)
        for x in 0..<width {
            // The loudest of the frames that share a column: clicks stay visible.
            let columns = x * frames / width..<max(x * frames / width + 1, (x + 1) * frames / width)
            for band in 0..<bands {
                let loudest = columns.reduce(low) { max($0, features.values[$1 * bands + band]) }
                picture[x, bands - 1 - band] = ColourMap.viridis.colour(of: (loudest - low) / (high - low))
            }
        }
        self.picture = picture
    }
}
