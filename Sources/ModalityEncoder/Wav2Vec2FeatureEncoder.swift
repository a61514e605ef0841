// The convolutions over the waveform: the first half of wav2vec 2.0 and HuBERT.

import Layers
import Tensors

/// Samples to frames, `Wav2Vec2FeatureEncoder` in transformers: `[N, 1] -> [T, channels]`.
struct Wav2Vec2FeatureEncoder: Sendable {
    private let first: ChannelNormConvolution?  // conv_layers.0 of "group"
    private let layers: [Layer]  // the other conv_layers

    private struct Layer: Sendable {
        let convolution: StridedConvolution  // conv
        let norm: LayerNorm?  // layer_norm, of "layer"
    }

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(TensorFileError) {
        let hasFrameNorms = configuration.convolutionNorm == .layer
        let (widths, hasBias) = (configuration.convolutionWidths, configuration.convolutionsHaveBias)
        first =
            hasFrameNorms
            ? nil
            : try ChannelNormConvolution(
                weights["conv_layers", 0], outputs: widths[0], kernel: configuration.convolutionKernels[0],
                stride: configuration.convolutionStrides[0], bias: hasBias)
        var layers: [Layer] = []
        for index in (hasFrameNorms ? 0 : 1)..<widths.count {
            let scope = weights["conv_layers", index]
            layers.append(
                Layer(
                    convolution: try StridedConvolution(
                        scope["conv"], inputs: index == 0 ? 1 : widths[index - 1], outputs: widths[index],
                        kernel: configuration.convolutionKernels[index],
                        stride: configuration.convolutionStrides[index], bias: hasBias,
                        activation: hasFrameNorms ? .none : .gelu),
                    norm: hasFrameNorms ? try LayerNorm(scope["layer_norm"], width: widths[index]) : nil))
        }
        self.layers = layers
    }

    func callAsFunction(_ waveform: Tensor) -> Tensor {
        var x = first?(waveform) ?? waveform
        for layer in layers {
            x = layer.convolution(x)
            guard let norm = layer.norm else { continue }
            x = norm(x)
            applyGELU(&x)
        }
        return x
    }
}

/// A convolution over a waveform whose channels are normalised over time, with GELU: `[N, 1] -> [T, outputs]`.
///
/// A channel is an affine map of the few samples that a frame sees, so its mean and its variance over time follow from
/// those samples' means and covariances. With them the normalisation becomes part of the weights, and the frames,
/// thousands of numbers for every one that follows, are written once.
private struct ChannelNormConvolution: Sendable {
    private let weight: Tensor  // conv.weight [outputs, kernel]
    private let bias: [Float]  // conv.bias
    private let scale: [Float]  // layer_norm.weight
    private let shift: [Float]  // layer_norm.bias
    private let stride: Int
    private let precision: Precision
    private static let epsilon = 1e-5

    init(
        _ weights: WeightScope, outputs: Int, kernel: Int, stride: Int, bias: Bool
    ) throws(TensorFileError) {
        weight = try weights["conv"].convolutionMatrix(outputs: outputs, inputs: 1, kernel: kernel)
        self.bias =
            bias ? try weights["conv"].vector("bias", count: outputs) : [Float](repeating: 0, count: outputs)
        scale = try weights["layer_norm"].vector("weight", count: outputs)
        shift = try weights["layer_norm"].vector("bias", count: outputs)
        self.stride = stride
        precision = weights.precision
    }

    func callAsFunction(_ waveform: Tensor) -> Tensor {
        let kernel = weight.columns
        let (means, covariances) = moments(of: waveform.values, kernel: kernel)
        var (matrix, offsets) = (weight, bias)
        for channel in 0..<weight.rows {
            let row = weight.row(channel).map(Double.init)
            var (mean, variance) = (0.0, 0.0)
            for i in 0..<kernel {
                mean += row[i] * means[i]
                for j in 0..<kernel { variance += row[i] * row[j] * covariances[i * kernel + j] }
            }
            // The bias moves the mean with it, and so has no say.
            let factor = Double(scale[channel]) / (max(0, variance) + Self.epsilon).squareRoot()
            for i in 0..<kernel { matrix.values[channel * kernel + i] = Float(row[i] * factor) }
            offsets[channel] = Float(Double(shift[channel]) - mean * factor)
        }
        let convolution = StridedConvolution(
            matrix: matrix, bias: offsets, inputs: 1, stride: stride, activation: .gelu, precision: precision)
        return convolution(waveform)
    }

    /// The means `[kernel]` and covariances `[kernel, kernel]` of the samples that frames see, over all frames.
    private func moments(of samples: [Float], kernel: Int) -> (means: [Double], covariances: [Double]) {
        let frames = (samples.count - kernel) / stride + 1
        var means = [Double](repeating: 0, count: kernel)
        var products = [Double](repeating: 0, count: kernel * kernel)
        samples.withUnsafeBufferPointer { samples in
            means.withUnsafeMutableBufferPointer { means in
                products.withUnsafeMutableBufferPointer { products in
                    for start in Swift.stride(from: 0, to: frames * stride, by: stride) {
                        for i in 0..<kernel {
                            let sample = Double(samples[start + i])
                            means[i] += sample
                            for j in i..<kernel { products[i * kernel + j] += sample * Double(samples[start + j]) }
                        }
                    }
                }
            }
        }
        for i in 0..<kernel { means[i] /= Double(frames) }
        for i in 0..<kernel {
            for j in i..<kernel {
                products[i * kernel + j] = products[i * kernel + j] / Double(frames) - means[i] * means[j]
                products[j * kernel + i] = products[i * kernel + j]
            }
        }
        return (means, products)
    }
}
