// What a scene must be before it is rendered: it may come from a file that anybody wrote.

import LanguageModel
import ModalityGenerator
import Tensors

extension Pipeline {
    /// The most copies of one object, and the most objects of a cloud, whose points have a byte for their object.
    private static let mostCopies = 64
    private static let mostObjects = 255

    /// Throws for a scene that this pipeline cannot make.
    func check(_ scene: Scene, source: String) throws(SonoformError) {
        let require = Requirement { SonoformError(.invalidScene, source: source, expected: $0, got: $1) }
        try require(!scene.objects.isEmpty, "a scene with objects", got: "none")
        _ = try scene.groups(source: source)
        for (index, object) in scene.objects.enumerated() {
            let name = "object \(index)"
            try require(
                (1...Self.mostCopies).contains(object.copies), "1 to \(Self.mostCopies) copies of \(name)",
                got: "\(object.copies)")
            guard let kind = language.objects[object.noun], manifest.scene?.makes(object.noun) != false else {
                throw .unknown(UnknownObject(noun: object.noun), model: self.name, source: source)
            }
            if let relation = object.relation {
                try require(
                    manifest.scene?.relations[relation.kind] != nil, "a relation of the pipeline's for \(name)",
                    got: quoted(relation.kind))
            }
            if let size = object.size {
                try require(language.sizes[size] != nil, "a size of the pipeline's for \(name)", got: quoted(size))
            }
            for word in object.proportions {
                try require(
                    manifest.scene?.proportions?[word] != nil, "a proportion of the pipeline's for \(name)",
                    got: quoted(word))
            }
            for part in object.parts {
                guard let known = kind.parts[part.name] else {
                    try require(false, "parts of a \(object.noun) for \(name)", got: quoted(part.name))
                    continue
                }
                guard let count = part.count else { continue }
                let range = known.count.map { "\($0.min) to \($0.max)" } ?? "no number of"
                try require(
                    known.count.map { ($0.min...$0.max).contains(count) } ?? false,
                    "\(range) \(part.name) for \(name)", got: "\(count)")
            }
            for colour in [object.colour] + object.parts.map(\.colour) {
                guard let colour else { continue }
                try require(
                    language.colours[colour] != nil, "a colour of the pipeline's for \(name)", got: quoted(colour))
            }
        }
        guard let count = scene.count, count <= Self.mostObjects else {
            throw SonoformError(
                .tooManyObjects, source: source, expected: "at most \(Self.mostObjects) objects, copies among them",
                got: scene.count.map { "\($0)" } ?? "more")
        }
    }

    /// Throws for signals that the generator cannot take.
    func check(_ signals: ShapeSignals, of description: String, source: String) throws(SonoformError) {
        let require = Requirement { SonoformError(.invalidScene, source: source, expected: $0, got: $1) }
        let (rows, columns) = (generator.conditionCount, generator.conditionWidth)
        try require(
            signals.conditions.rows == rows && signals.conditions.columns == columns,
            "conditions of \(rows) x \(columns) for \(quoted(description))",
            got: "\(signals.conditions.rows) x \(signals.conditions.columns)")
        try require(
            signals.position.count == 3 && signals.position.allSatisfy { abs($0) < 1_000 },
            "a position of three numbers for \(quoted(description))", got: "\(signals.position)")
        try require(
            signals.scale > 0 && signals.scale < 1_000, "a scale above 0 and below 1000 for \(quoted(description))",
            got: "\(signals.scale)")
        if let codes = signals.codes, let layout = codeWriter?.layout {
            try require(
                layout.accepts(codes), "\(layout.length) codes of the code writer's for \(quoted(description))",
                got: codes.count == layout.length ? "others" : "\(codes.count)")
        }
    }
}
