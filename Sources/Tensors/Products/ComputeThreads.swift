// How many threads a product may use.

import CDNNL

/// Sets the number of threads that oneDNN uses for products called from this thread.
public func setComputeThreads(_ count: Int) { sonoform_set_threads(Int32(count)) }

/// Products of fewer multiplications than this run in the calling thread alone: at some hundred thousand a microsecond
/// they are over before a second thread is awake, and threads that wait for work keep others from theirs.
private let leastShared = 1 << 27

/// Runs `body` with one thread unless its `multiplications` are worth sharing.
func withThreads<Result>(for multiplications: Int, _ body: () -> Result) -> Result {
    let before = sonoform_threads()
    guard before > 1, multiplications < leastShared else { return body() }
    sonoform_set_threads(1)
    defer { sonoform_set_threads(before) }
    return body()
}
