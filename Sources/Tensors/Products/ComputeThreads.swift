// How many threads a product may use.

import CDNNL

/// Sets the number of threads that oneDNN uses for products called from this thread.
public func setComputeThreads(_ count: Int) { sonoform_set_threads(Int32(count)) }

/// Runs `body` with another number of threads for products called from this thread, and sets the number back.
public func withComputeThreads<Result, Failure: Error>(
    _ count: Int, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let before = sonoform_threads()
    sonoform_set_threads(Int32(count))
    defer { sonoform_set_threads(before) }
    return try body()
}

/// Products of fewer multiplications than this run in the calling thread alone: at some hundred thousand a microsecond
/// they are over before a second thread is awake, and threads that wait for work keep others from theirs.
private let leastShared = 1 << 27

/// Runs `body` with one thread unless its `multiplications` are worth sharing.
func withThreads<Result>(for multiplications: Int, _ body: () -> Result) -> Result {
    guard sonoform_threads() > 1, multiplications < leastShared else { return body() }
    return withComputeThreads(1, body)
}
