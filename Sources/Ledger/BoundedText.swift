extension String {
    /// As much of the text as takes so many bytes of UTF-8, in whole letters, and without zeros, which a database does not
    /// take.
    package func bounded(toBytes limit: Int) -> String {
        var kept = ""
        var bytes = 0
        for scalar in unicodeScalars where scalar != "\0" {
            bytes += UTF8.width(scalar)
            if bytes > limit { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }
}
