// What the language model's signals are: vectors for the flow, or codes.

import LanguageModel
import Tensors

/// How the model tells the generator what an object's shape is.
public enum ModalitySignals: String, Codable, Sendable, CaseIterable {
    /// The projected hidden states at the signal tokens condition the flow, which makes the latents from noise.
    case continuous
    /// A small language model reads the same conditions and writes the latents as quantised codes: nothing is drawn
    /// but where the points lie.
    case discrete
}

extension Pipeline {
    /// Throws for options that this pipeline does not have, before anything is converted.
    ///
    /// - Parameter source: what the error calls the input; nil for the pipeline's folder.
    public func check(_ options: ConversionOptions, source: String? = nil) throws(ConversionError) {
        guard options.signals == .discrete else { return }
        guard codeWriter != nil else {
            throw ConversionError(
                source: source ?? directory, expected: "a pipeline with a code_writer, for discrete signals",
                got: "one without")
        }
        let flows = [options.steps.map { "steps \($0)" }, options.guidance.map { "guidance \($0)" }]
        guard flows.allSatisfy({ $0 == nil }) else {
            throw ConversionError(
                source: source ?? directory, expected: "no steps and no guidance, the flow's, for discrete signals",
                got: flows.compactMap(\.self).joined(separator: " and "))
        }
    }

    /// Of every object's conditions `[K, C]` the latents `[L, 3 + F]` that discrete signals say; nil for continuous ones.
    func latents(
        of conditions: [Tensor], source: String, options: ConversionOptions, clock: inout StageClock
    ) throws(ConversionError) -> [Tensor]? {
        guard options.signals == .discrete, let codeWriter else { return nil }
        do {
            return try clock.measure(\.language) { () throws(NumericalError) in try codeWriter(conditions) }
        } catch {
            throw ConversionError(source: source, expected: "a sound pipeline in \(directory)", got: "scores of NaN")
        }
    }
}
