// How many threads a product may use.

import CDNNL

/// Sets the number of threads that oneDNN uses for products called from this thread.
public func setComputeThreads(_ count: Int) { sonoform_set_threads(Int32(count)) }
