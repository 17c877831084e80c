/// Nothing happened that the harness had not brought about, such as a node that ends by itself.
package struct TroubleChecker: Checker {
    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        .of("troubles", wrong: history.troubles, looked: "none")
    }
}
