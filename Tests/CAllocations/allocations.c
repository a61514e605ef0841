// The C library's functions replaced by ones that count and pass on; linking this into a program is enough.

#include "allocations.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local long requests;

long requests_for_memory(void) { return requests; }

void *malloc(size_t size) { requests++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { requests++; return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { requests++; return __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { requests++; return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { requests++; return __libc_memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    requests++;
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}
