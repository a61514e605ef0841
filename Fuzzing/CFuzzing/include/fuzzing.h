// libFuzzer as a function: SwiftPM gives every program's main a name of its own, and libFuzzer's is not that.
#pragma once

/// Runs libFuzzer over LLVMFuzzerTestOneInput with a program's arguments.
int runFuzzer(int count, char *_Nullable *_Nullable arguments);
