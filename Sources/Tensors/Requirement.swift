// Checks of what a file or a caller gives, that read as sentences: `try require(beam > 0, "a beam above 0", got: "0")`.

/// Throws an error of its kind where a condition does not hold; called as a function, one for all checks of one source.
package struct Requirement<Failure: Error> {
    private let error: (_ expected: String, _ got: String) -> Failure

    /// Checks whose error is made of what was expected and what was got.
    package init(_ error: @escaping (_ expected: String, _ got: String) -> Failure) { self.error = error }

    /// Throws unless `condition` holds; the words are made only then.
    package func callAsFunction(
        _ condition: Bool, _ expected: @autoclosure () -> String, got: @autoclosure () -> String
    ) throws(Failure) {
        guard !condition else { return }
        throw error(expected(), got())
    }
}
