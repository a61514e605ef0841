// Encoders of the public families against transformers (BEATs: against its own PyTorch code), on random weights.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import ModalityEncoder
@testable import Tensors

struct PublicEncoderTests {
    private func load(
        _ name: String, precision: Precision = .f32
    ) throws -> (encoder: any SpeechEncoder, golden: Golden) {
        let golden = try Golden("public_encoders/\(name)")
        return (try VariantTable.speechEncoders.load(ComponentFolder(golden.folder), precision: precision), golden)
    }

    @Test(arguments: [
        "wav2vec2_base", "hubert_base", "hubert_large", "beats_deep_norm", "beats_pre_norm", "clap_audio", "clap_whole",
        "whisper_128_f32", "whisper_128_f16", "whisper_128_bf16",
    ])
    func `hidden states agree with the reference`(name: String) throws {
        let (encoder, golden) = try load(name)
        let hidden = try encoder.encode(try golden.tensor("features")).hidden
        #expect(hidden.columns == encoder.width)
        let difference = hidden.relativeDifference(from: try golden.tensor("hidden"))
        #expect(difference < 2e-5, "\(difference)")
    }

    @Test(
        .enabled(if: Precision.native == .bf16),
        arguments: ["wav2vec2_base", "hubert_large", "beats_deep_norm", "clap_audio"])
    func `stays close in brain floats`(name: String) throws {
        let (encoder, golden) = try load(name, precision: .bf16)
        let hidden = try encoder.encode(try golden.tensor("features")).hidden
        let difference = hidden.relativeDifference(from: try golden.tensor("hidden"))
        #expect(difference < 0.06, "\(difference)")
    }

    @Test(arguments: [
        ("wav2vec2_base", Float(1e-6)), ("hubert_base", 1e-6), ("hubert_large", 1e-6), ("clap_audio", 1e-5),
        ("clap_whole", 1e-5),
    ])
    func `features are those of the family's own extractor`(name: String, tolerance: Float) throws {
        let (encoder, golden) = try load(name)
        let features = try encoder.features(of: try golden.tensor("samples").values)
        let difference = features.relativeDifference(from: try golden.tensor("features"))
        #expect(difference < tolerance, "\(difference)")
    }

    @Test(arguments: ["wav2vec2_base", "hubert_base"])
    func `a CTC head gives probabilities and has the vocabulary's names`(name: String) throws {
        let (encoder, golden) = try load(name)
        let posteriors = try #require(try encoder.encode(try golden.tensor("features")).phonePosteriors)
        #expect(posteriors.relativeDifference(from: try golden.tensor("posteriors")) < 2e-5)
        let head = try #require(encoder.phoneHead)
        #expect(head.phones == ["<pad>", "|", "a", "b", "c", "d", "e", "f", "g", "h", "i"])
        #expect(head.blank == 0 && head.wordBoundary == 1)
    }

    @Test(arguments: ["clap_audio", "clap_whole"])
    func `CLAP's embedding is the reference's`(name: String) throws {
        let golden = try Golden("public_encoders/\(name)")
        let encoder = try CLAPEncoder(ComponentFolder(golden.folder), precision: .f32)
        let hidden = try encoder.encode(try golden.tensor("features")).hidden
        let embedding = try #require(encoder.embedding(hidden))
        #expect(embedding.relativeDifference(from: try golden.tensor("embedding")) < 2e-5)
    }

    @Test func `distances fall into the reference's buckets`() {
        // sonoform_training.hearing.beats.bucket, 320 buckets up to 800, at the edges of exact and growing ones.
        for (distance, bucket) in [(0, 0), (-79, 79), (79, 239), (-80, 80), (80, 240), (-5_000, 159), (5_000, 319)] {
            #expect(RelativePositions.bucket(of: distance, buckets: 320, maximumDistance: 800) == bucket)
        }
    }

    @Test func `what does not fit is refused in a line`() throws {
        for (name, features, expected, got) in [
            ("wav2vec2_base", Tensor(zeros: 1_000, 2), "a waveform [N, 1]", "[1000, 2]"),
            ("wav2vec2_base", Tensor(zeros: 29, 1), "30 to 960000 samples", "29"),
            ("beats_pre_norm", Tensor(zeros: 4, 37), "5 to 2998 feature frames", "4"),
            ("beats_pre_norm", Tensor(zeros: 40, 36), "features [T, 37]", "[40, 36]"),
            ("clap_audio", Tensor(zeros: 257, 16), "1 to 256 feature frames", "257"),
        ] {
            let encoder = try load(name).encoder
            let error = #expect(throws: InputError.self) { try encoder.encode(features) }
            #expect(error == InputError(expected: expected, got: got))
        }
        let (clap, _) = try load("clap_audio")
        let error = #expect(throws: InputError.self) { try clap.features(of: [Float](repeating: 0, count: 16_001)) }
        #expect(error == InputError(expected: "1 to 16000 samples", got: "16001"))
    }

    @Test(arguments: [
        ("wav2vec2_base", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "only tensors of the configured"),
        ("wav2vec2_base", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "a valid \"hidden_act\""),
        ("wav2vec2_base", "\"add_adapter\": false", "\"add_adapter\": true", "a valid \"add_adapter\""),
        ("hubert_base", "\"conv_pos_batch_norm\": false", "\"conv_pos_batch_norm\": true", "\"conv_pos_batch_norm\""),
        ("hubert_base", "\"num_conv_pos_embedding_groups\": 4", "\"num_conv_pos_embedding_groups\": 5", "divide 24"),
        (
            "beats_deep_norm", "\"encoder_attention_heads\": 3", "\"encoder_attention_heads\": 5",
            "multiple of the heads"
        ),
        ("beats_deep_norm", "\"layer_norm_first\": false", "\"layer_norm_first\": true", "without layer_norm_first"),
        ("clap_audio", "\"enable_fusion\": false", "\"enable_fusion\": true", "a valid \"enable_fusion\""),
        ("clap_audio", "\"window_size\": 6", "\"window_size\": 9", "window_size of at most 8"),
        ("clap_audio", "\"num_mel_bins\": 16", "\"num_mel_bins\": 32", "num_mel_bins 16"),
    ])
    func `a configuration that is not known is refused by its key`(
        name: String, key: String, change: String, expected: String
    ) throws {
        let scratch = try Scratch()
        let folder = GoldenFiles.path("public_encoders/\(name)")
        for file in ["model.safetensors", "preprocessor_config.json"] { try scratch.copy("\(folder)/\(file)") }
        let text = try String(contentsOfFile: folder + "/config.json", encoding: .utf8)
        #expect(text.contains(key))
        try scratch.write("config.json", text.replacing(key, with: change))
        let error = #expect(throws: TensorFileError.self) {
            try VariantTable.speechEncoders.load(ComponentFolder(scratch.path))
        }
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "accepted")")
    }
}
