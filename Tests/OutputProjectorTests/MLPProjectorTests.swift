// The output projector against the PyTorch one.

import GoldenFiles
import Layers
import OutputProjector
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The output projector")
struct MLPProjectorTests {
    private let folder = GoldenFiles.path("output_projector")

    @Test("agrees with its reference", arguments: [Precision.f32, .bf16])
    func golden(precision: Precision) throws {
        let cases = try SafeTensorsFile(path: folder + "/cases.safetensors")
        let projector = try MLPProjector(ComponentFolder(folder), precision: precision)
        let tolerance: Float = precision == .f32 ? 2e-5 : 2e-2
        let (hidden, conditions) = (try cases.tensor("hidden"), try cases.tensor("conditions"))
        let places = try cases.tensor("place")
        for index in 0..<hidden.rows {
            let projected = projector(
                Tensor(shape: Array(hidden.shape.dropFirst()), values: Array(hidden.row(index))))
            let expected = Tensor(shape: Array(conditions.shape.dropFirst()), values: Array(conditions.row(index)))
            #expect(
                projected.conditions.largestDifference(from: expected).difference
                    < tolerance * max(1, expected.largestMagnitude))
            let place = projected.place
            let got = [place.position.x, place.position.y, place.position.z, logf(place.scale)]
            for (value, reference) in zip(got, places.row(index)) { #expect(abs(value - reference) < tolerance) }
        }
    }

    @Test("reads signals by learned queries as PyTorch's transformer does")
    func queryTransformer() throws {
        let golden = try Golden("output_projector/transformer")
        let projector = try VariantTable.signalProjectors.load(ComponentFolder(golden.folder), precision: .f32)
        #expect(projector.signals == 7 && projector.conditionCount == 5 && projector.conditionWidth == 10)
        let (hidden, conditions) = (try golden.tensor("hidden"), try golden.tensor("conditions"))
        let places = try golden.tensor("place")
        for index in 0..<2 {
            let projected = projector(Tensor(shape: [7, 22], values: Array(hidden.row(index))))
            let expected = Tensor(shape: [5, 10], values: Array(conditions.row(index)))
            #expect(projected.conditions.relativeDifference(from: expected) < 5e-5)
            #expect(abs(logf(projected.place.scale) - Array(places.row(index))[3]) < 2e-5)
        }
    }

    @Test("refuses a configuration out of range, naming the key")
    func hostile() throws {
        let scratch = "/tmp/sonoform-output-projector-\(getpid())"
        mkdir(scratch, 0o700)
        defer {
            unlink(scratch + "/config.json")
            rmdir(scratch)
        }
        func line(_ changed: String, _ value: String) -> String? {
            var members = [
                "type": "\"mlp\"",
                "input_size": "24", "hidden_size": "20", "output_size": "10", "signals": "8",
                "place_hidden_size": "6",
            ]
            members[changed] = value
            let text = "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ",") + "}"
            let file = fopen(scratch + "/config.json", "w")
            fputs(text, file)
            fclose(file)
            do {
                _ = try VariantTable.signalProjectors.load(ComponentFolder(scratch))
                return nil
            } catch {
                return error.description
            }
        }
        for key in ["input_size", "hidden_size", "output_size", "signals", "place_hidden_size"] {
            for value in ["0", "-1", "1000000000000", "\"x\"", "null"] {
                #expect(line(key, value)?.contains(key) == true, "\(key) \(value): \(line(key, value) ?? "accepted")")
            }
        }
        #expect(line("signals", "1.5")?.contains("config.json") == true)
        #expect(line("type", "\"mlq\"")?.contains("got \"mlq\"") == true)
        #expect(line("input_size", "24")?.contains("model.safetensors") == true)
    }
}
