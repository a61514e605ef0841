// What is expected of every damaged PLY file in Tests/Goldens/pointclouds/cases, in the words of its error.

/// By the case's name: what was expected, and the beginning of what was got.
let refusedPLY: [String: (expected: String, got: String)] = [
    "count-negative": ("\"element NAME COUNT\"", "\"element vertex -1\""),
    "count-not-whole": ("\"element NAME COUNT\"", "\"element vertex 1.5\""),
    "count-of-4-billion": ("4000000000 rows of element \"vertex\", 12 bytes or more each", "24 bytes"),
    "count-that-overflows": ("9223372036854775807 rows of element \"vertex\", 12 bytes or more each", "0 bytes"),
    "counts-that-add-up": ("1 rows of element \"b\", 4 bytes or more each", "20 bytes"),
    "escape-in-a-name": ("9 rows of element", "0 bytes"),
    "header-cut": ("a header that ends with \"end_header\"", "the end of the file"),
    "header-of-zeros": ("a line of a PLY header", "\""),
    "list-count-ascii": ("1 rows of element \"face\"", "0 before the end of the file"),
    "list-count-is-float": (
        "\"property TYPE NAME\" or \"property list TYPE TYPE NAME\"", "\"property list float int v\""
    ),
    "list-count-not-a-number": ("1 rows of element \"face\"", "0 before the end of the file"),
    "list-longer-than-file": ("1 rows of element \"face\"", "0 before the end of the file"),
    "list-of-minus-one": ("1 rows of element \"face\"", "0 before the end of the file"),
    "more-bytes-than-rows": ("the end of the file after the 1 rows of its header", "4 bytes more"),
    "more-numbers-than-properties": ("the 3 numbers of element \"vertex\" in line 8", "more"),
    "more-rows-than-declared": ("the end of the file after the 1 rows of its header", "more in line 9"),
    "no-format": ("a \"format\" line in the header", "none"),
    "no-vertex": ("an element \"vertex\"", "none in the header"),
    "no-z": ("vertex properties x, y and z", "a header without them"),
    "not-a-number": ("a number in row 0 of element \"vertex\", line 8", "\"two\""),
    "nothing": ("a PLY file that begins with \"ply\"", "something else"),
    "positions-too-far-apart": ("positions that lie less than 3e38 apart", "more"),
    "row-over-lines": ("the 3 numbers of element \"vertex\" in line 8", "fewer"),
    "too-few-numbers": ("1 rows of element \"vertex\", 6 bytes or more each", "3 bytes"),
    "type-unknown": ("\"property TYPE NAME\" or \"property list TYPE TYPE NAME\"", "\"property half x\""),
    "x-is-a-list": ("vertex properties x, y and z", "a header without them"),
]
