// SIGINT, SIGTERM and SIGHUP: the first asks the batch to stop, the second ends the program at once.

import Sonoform
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// What the signals' handler touches; made before the handler is set, so that nothing is made inside it.
private let stopRequest = StopRequest()
private let received = Atomic<Int32>(0)

/// Turns signals into a request to stop.
struct StopSignals {
    /// What the signals ask.
    let stop: StopRequest

    /// The signal that came; nil before one did.
    var number: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    init() {
        stop = stopRequest
        _ = received.load(ordering: .relaxed)
        var handled = sigset_t()
        sigemptyset(&handled)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            // SA_RESTART: writes go on undisturbed.
            action.sa_flags = Int32(SA_RESTART)
            action.__sigaction_handler.sa_handler = { number in
                if received.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
                stopRequest.request()
            }
            var before = sigaction()
            sigaction(signal, nil, &before)
            // What a parent chose to ignore (nohup) stays ignored.
            if unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
            sigaction(signal, &action, nil)
            sigaddset(&handled, signal)
        }
        // A parent's thread may have had them blocked, and its children inherit that.
        pthread_sigmask(SIG_UNBLOCK, &handled, nil)
    }
}
