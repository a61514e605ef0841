// meshoptimizer: the simplification of triangle meshes by quadric errors.
#include <meshoptimizer.h>
