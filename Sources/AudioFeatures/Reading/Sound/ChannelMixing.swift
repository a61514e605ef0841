// Interleaved frames to one channel, and how loud the channels are.

/// Takes the wanted channel from frames, or mixes them.
///
/// Channels of opposite phase (a microphone with one wire swapped, recorded as stereo) cancel in their mean. The first
/// block in which that happens makes the loudest channel so far be heard alone from there on.
struct ChannelMixing {
    private let choice: ChannelChoice
    private let channels: Int
    /// Of every channel, or of the chosen one alone.
    private(set) var levels: [ChannelLevel]
    /// The channel, from 0, that is heard instead of the mean.
    private(set) var heard: Int?

    /// A mean with less than this share of the power that unrelated channels would leave has cancelled.
    private static let cancelledShare: Float = 0.25
    /// A mean square of less than this (-70 dB) is noise, whose phase says nothing.
    private static let faintestPower: Float = 1e-7

    init(_ choice: ChannelChoice, channels: Int) {
        (self.choice, self.channels) = (choice, channels)
        let isOne = if case .number = choice { true } else { false }
        levels = Array(repeating: ChannelLevel(), count: isOne ? 1 : channels)
    }

    /// Frames `[n, channels]` to samples `[n]`.
    ///
    /// - Throws: ``BadSample`` for one that is not finite, or beyond all reason.
    mutating func mono(_ interleaved: UnsafeBufferPointer<Float>) throws(BadSample) -> [Float] {
        if channels == 1 {
            try measure(interleaved)
            return Array(interleaved)
        }
        if case .number(let number) = choice {
            let samples = channel(number - 1, of: interleaved)
            var failure: BadSample?
            samples.withUnsafeBufferPointer { buffer in
                do throws(BadSample) { try measure(buffer) } catch { failure = error }
            }
            if let failure { throw BadSample(frame: failure.frame, channel: number - 1, value: failure.value) }
            return samples
        }
        var (peaks, energies) = ([Float](repeating: 0, count: channels), [Float](repeating: 0, count: channels))
        var mixedEnergy: Float = 0
        let frames = interleaved.count / channels
        let mixed = [Float](unsafeUninitializedCapacity: frames) { buffer, count in
            count = frames
            if channels == 2 {
                mixedEnergy = mixStereo(interleaved, into: buffer.baseAddress!, &peaks, &energies)
            } else {
                mixedEnergy = mixMany(interleaved, into: buffer.baseAddress!, &peaks, &energies)
            }
        }
        for channel in 0..<channels {
            guard isReasonable(peaks[channel], energies[channel]) else { throw badSample(interleaved) }
            levels[channel].append(
                peak: peaks[channel], energy: energies[channel], .init(rebasing: interleaved[channel...]),
                stride: channels)
        }
        if heard == nil {
            let power = energies.reduce(0, +) / Float(channels * channels)
            let isLoud = energies.max()! > Self.faintestPower * Float(frames)
            if isLoud, mixedEnergy < Self.cancelledShare * power {
                heard = levels.indices.max { levels[$0].energy < levels[$1].energy }
            }
        }
        return heard.map { channel($0, of: interleaved) } ?? mixed
    }

    private mutating func measure(_ samples: UnsafeBufferPointer<Float>) throws(BadSample) {
        let (peak, energy) = peakAndEnergy(samples)
        guard isReasonable(peak, energy) else { throw badSample(samples) }
        levels[0].append(peak: peak, energy: energy, samples, stride: 1)
    }

    private func channel(_ channel: Int, of interleaved: UnsafeBufferPointer<Float>) -> [Float] {
        (0..<interleaved.count / channels).map { interleaved[$0 * channels + channel] }
    }

    /// A NaN or an infinity makes the energy one, whatever the peak says.
    private func isReasonable(_ peak: Float, _ energy: Float) -> Bool {
        peak <= largestSample && energy.isFinite
    }

    private func badSample(_ samples: UnsafeBufferPointer<Float>) -> BadSample {
        let width = max(1, samples.count % channels == 0 ? channels : 1)
        let place = samples.firstIndex { !($0.magnitude <= largestSample) } ?? 0
        return BadSample(frame: place / width, channel: place % width, value: samples[place])
    }
}

/// What no recording reaches, and what no later step overflows at; full scale is 1.
let largestSample: Float = 1e9

/// A sample that is not finite, or beyond all reason; frame and channel from 0.
struct BadSample: Error {
    let frame: Int
    let channel: Int
    let value: Float
}

/// Means of two channels `[n, 2]` -> `[n]`, with the peaks and energies of both; gives the energy of the means.
private func mixStereo(
    _ interleaved: UnsafeBufferPointer<Float>, into mixed: UnsafeMutablePointer<Float>, _ peaks: inout [Float],
    _ energies: inout [Float]
) -> Float {
    let bytes = UnsafeRawBufferPointer(interleaved)
    let output = UnsafeMutableRawPointer(mixed)
    // Highest and lowest of both channels, interleaved as they come.
    var (highest, lowest) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
    var (leftEnergies, rightEnergies, mixedEnergies) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
    let frames = interleaved.count / 2
    var frame = 0
    while frame + 8 <= frames {
        let values = bytes.loadUnaligned(fromByteOffset: 8 * frame, as: SIMD16<Float>.self)
        let (left, right) = (values.evenHalf, values.oddHalf)
        let mean = (left + right) * 0.5
        output.storeBytes(of: mean, toByteOffset: 4 * frame, as: SIMD8<Float>.self)
        highest.replace(with: values, where: values .> highest)
        lowest.replace(with: values, where: values .< lowest)
        leftEnergies += left * left
        rightEnergies += right * right
        mixedEnergies += mean * mean
        frame += 8
    }
    peaks = [
        max(highest.evenHalf.max(), -lowest.evenHalf.min()), max(highest.oddHalf.max(), -lowest.oddHalf.min()),
    ]
    energies = [leftEnergies.sum(), rightEnergies.sum()]
    var mixedEnergy = mixedEnergies.sum()
    while frame < frames {
        let (left, right) = (interleaved[2 * frame], interleaved[2 * frame + 1])
        mixed[frame] = (left + right) * 0.5
        peaks = [max(peaks[0], left.magnitude), max(peaks[1], right.magnitude)]
        energies = [energies[0] + left * left, energies[1] + right * right]
        mixedEnergy += mixed[frame] * mixed[frame]
        frame += 1
    }
    return mixedEnergy
}

/// As ``mixStereo``, for any number of channels.
private func mixMany(
    _ interleaved: UnsafeBufferPointer<Float>, into mixed: UnsafeMutablePointer<Float>, _ peaks: inout [Float],
    _ energies: inout [Float]
) -> Float {
    let channels = peaks.count
    let scale = 1 / Float(channels)
    var mixedEnergy: Float = 0
    peaks.withUnsafeMutableBufferPointer { peaks in
        energies.withUnsafeMutableBufferPointer { energies in
            for frame in 0..<interleaved.count / channels {
                var sum: Float = 0
                for channel in 0..<channels {
                    let sample = interleaved[frame * channels + channel]
                    sum += sample
                    peaks[channel] = max(peaks[channel], sample.magnitude)
                    energies[channel] += sample * sample
                }
                let mean = sum * scale
                mixed[frame] = mean
                mixedEnergy += mean * mean
            }
        }
    }
    return mixedEnergy
}
