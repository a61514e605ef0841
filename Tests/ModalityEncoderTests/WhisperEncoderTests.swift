// The encoder against transformers' WhisperEncoder, on random weights of odd sizes.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import ModalityEncoder
@testable import Tensors

struct WhisperEncoderTests {
    let folder = ComponentFolder(GoldenFiles.path("encoder"))
    let goldens: SafeTensorsFile

    init() throws { goldens = try SafeTensorsFile(path: GoldenFiles.path("encoder") + "/goldens.safetensors") }

    @Test(arguments: ["full", "short"])
    func `agrees with transformers at full and at odd length`(name: String) throws {
        let encoder = try WhisperEncoder(folder, precision: .f32)
        let encoded = try encoder.encode(try goldens.tensor("\(name).features"))
        let hidden = encoded.hidden
        #expect(hidden.relativeDifference(from: try goldens.tensor("\(name).hidden")) < 2e-5)

        let posteriors = try #require(encoded.phonePosteriors)
        let logits = try goldens.tensor("\(name).logits")
        let expected = (0..<logits.rows).flatMap { row in logSoftmax(logits.row(row)) }
        for (mine, reference) in zip(posteriors.values, expected) {
            #expect(abs(mine - exponential(SIMD8(repeating: reference))[0]) < 2e-5)
        }
    }

    @Test(.enabled(if: Precision.native == .bf16)) func `stays close in brain floats`() throws {
        let hidden = try WhisperEncoder(folder, precision: .bf16).encode(try goldens.tensor("short.features")).hidden
        #expect(hidden.relativeDifference(from: try goldens.tensor("short.hidden")) < 0.05)
    }

    @Test(arguments: ["conditional_generation", "model", "encoder"])
    func `finds its encoder in whatever model of transformers was saved`(layout: String) throws {
        let layouts = GoldenFiles.path("encoder") + "/layouts"
        let expected = try SafeTensorsFile(path: layouts + "/goldens.safetensors")
        let saved = ComponentFolder("\(layouts)/\(layout)")
        let encoded = try VariantTable.speechEncoders.load(saved, precision: .f32)
            .encode(try expected.tensor("features"))
        #expect(encoded.hidden.relativeDifference(from: try expected.tensor("hidden")) < 2e-5)
        #expect(encoded.phonePosteriors == nil)
    }

    @Test func `a whole model may have a decoder, but nothing that is not Whisper's`() throws {
        let scratch = try Scratch()
        let whole = GoldenFiles.path("encoder") + "/layouts/conditional_generation"
        let file = try SafeTensorsFile(path: whole + "/model.safetensors")
        var tensors: [String: Tensor] = [:]
        for name in file.names { tensors[name] = try file.tensor(name) }
        tensors["classifier.weight"] = Tensor(zeros: 3, 12)
        try SafeTensorsFile.write(tensors, to: scratch.path + "/model.safetensors")
        try scratch.copy(whole + "/config.json")
        let error = #expect(throws: TensorFileError.self) { try WhisperEncoder(ComponentFolder(scratch.path)) }
        #expect(error?.got == "\"classifier.weight\"")
    }

    @Test func `refuses features that do not fit`() throws {
        let encoder = try WhisperEncoder(folder, precision: .f32)
        for (features, expected, got) in [
            (Tensor(zeros: 10, 79), "features [T, 80]", "[10, 79]"),
            (Tensor(zeros: 121, 80), "1 to 120 feature frames", "121"),
            (Tensor(zeros: 0, 80), "1 to 120 feature frames", "0"),
        ] {
            let error = #expect(throws: InputError.self) { try encoder.encode(features) }
            #expect(error == InputError(expected: expected, got: got))
        }
    }

    @Test(arguments: [
        ("\"d_model\": 21", "d_model to be a multiple of the heads"), ("\"d_model\": -20", "d_model from 1 to 65536"),
        ("\"encoder_layers\": 2", "only tensors of the configured architecture"),
        ("\"encoder_layers\": 4000000000", "encoder_layers from 1 to 1024"),
        ("\"max_source_positions\": 61", "[61, 20]"), ("\"num_mel_bins\": \"eighty\"", "\"num_mel_bins\" to be Int"),
    ])
    func `refuses a configuration that the weights do not fit`(change: String, expected: String) throws {
        let scratch = try Scratch()
        let key = change.prefix { $0 != ":" }
        let text = try String(contentsOfFile: GoldenFiles.path("encoder") + "/config.json", encoding: .utf8)
        let place = try #require(text.firstRange(of: key + ": "))
        let end = try #require(text[place.upperBound...].firstIndex { $0 == "," || $0 == "\n" })
        try scratch.write("config.json", text[..<place.lowerBound] + change + text[end...])
        try scratch.copy(GoldenFiles.path("encoder") + "/model.safetensors")
        let error = #expect(throws: TensorFileError.self) { try WhisperEncoder(ComponentFolder(scratch.path)) }
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "accepted")")
    }
}
