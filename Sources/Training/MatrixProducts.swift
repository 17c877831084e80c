internal import COpenBLAS

/// Products of row-major matrices of floats by OpenBLAS. One thread each: a product of this size gains nothing from more,
/// and a fixed order of additions is what makes a seed repeat a training.
enum MatrixProducts {
    /// Call once before the first product.
    static let singleThreaded: Void = openblas_set_num_threads(1)

    /// c = a·b (+ c): a is rows × inner, b is inner × columns.
    static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        rows: Int, inner: Int, columns: Int, adding: Bool = false
    ) {
        guard rows > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1,
            a, Int32(inner), b, Int32(columns), adding ? 1 : 0, c, Int32(columns))
    }

    /// c = a·bᵀ (+ c): a is rows × inner, b is columns × inner.
    static func multiplyTransposed(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        rows: Int, inner: Int, columns: Int, adding: Bool = false
    ) {
        guard rows > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(inner), 1,
            a, Int32(inner), b, Int32(inner), adding ? 1 : 0, c, Int32(columns))
    }

    /// c += aᵀ·b: a is inner × rows, b is inner × columns. The gradient of a weight.
    static func addGradient(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        rows: Int, inner: Int, columns: Int
    ) {
        guard inner > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1,
            a, Int32(rows), b, Int32(columns), 1, c, Int32(columns))
    }
}
