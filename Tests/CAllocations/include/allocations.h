// How often a thread asks for memory.
#pragma once

/// Requests of this thread so far.
long requests_for_memory(void);
