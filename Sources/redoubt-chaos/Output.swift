import Glibc

/// A line on standard output, at once: whoever watches a long run through a pipe sees it.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
