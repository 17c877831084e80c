/// Why the cluster did not do what an operator asked for, and what the operator can do about it.
package enum AdministrationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// A node said no. `code` is the last part of the problem's type: "change-under-way".
    case refused(node: String, status: Int, code: String, text: String)
    /// No node took the request.
    case unreachable([String])
    /// The request went out and no answer told what became of it.
    case unknown(String)
    /// It is under way, and was not finished in time.
    case unfinished(String)

    /// 1: nothing was changed. 2: something was or may have been.
    package var exitStatus: Int32 {
        switch self {
        case .refused(_, _, let code, _): code == "outcome-unknown" ? 2 : 1
        case .unreachable: 1
        case .unknown, .unfinished: 2
        }
    }

    package var description: String {
        switch self {
        case .refused(let node, let status, let code, let text):
            "\(node) refused: \(text) (\(status) \(code))" + (Self.advice(code).map { "\n" + $0 } ?? "")
        case .unreachable(let reasons):
            (["No node took the request:"] + reasons.map { "  " + $0 }
                + ["Are the addresses right (--url, REDOUBT_URLS), and do the nodes run?"])
                .joined(separator: "\n")
        case .unknown(let reason):
            "It is not known whether this was done: \(reason)\n"
                + "See `redoubt cluster status` and `redoubt cluster history` before you ask again."
        case .unfinished(let reason):
            "\(reason)\nIt goes on by itself; `redoubt cluster status` shows how far it is."
        }
    }

    /// The next step in the terms of this program; nil where the problem's own words are enough.
    package static func advice(_ code: String) -> String? {
        switch code {
        case "change-under-way", "transfer-under-way":
            "Wait until `redoubt cluster status` shows it finished, then run this again."
        case "not-caught-up": "Watch the node's lag in `redoubt cluster status`, and run this again when it is small."
        case "node-not-waiting":
            "Start the node with `cluster: { join: true }` in its configuration and an empty data directory, then run this again."
        case "member-unknown": "`redoubt cluster status` shows the members and their numbers."
        case "member-alive":
            "Stop the node first, or use `redoubt cluster add` for the new one and then `redoubt cluster remove`."
        case "already-member":
            "Take a number that is free, or use `redoubt cluster replace` to put a new node in the member's place."
        case "last-voter": "Add a voter first: `redoubt cluster add`. To end the cluster stop its nodes."
        case "quorum-at-risk":
            "Start the members that cannot be reached first. If a majority is lost for good see `redoubt recover --help`."
        case "too-many-members": "Take a member out first: `redoubt cluster remove`."
        case "transfer-failed":
            "See in `redoubt cluster status` that the member votes and has no lag, or leave --to out."
        case "in-maintenance": "`redoubt cluster maintenance N off` ends it, or name another member."
        case "rules-changed":
            "See `redoubt rules history`, make your change anew on what is active, and run this again."
        case "model-in-use":
            "Activate another model first (`redoubt model activate`), or end its shadow (`redoubt model shadow "
                + "--off`)."
        case "too-many-models": "`redoubt model list` shows them; `redoubt model remove` makes room."
        case "too-many-lists":
            "`redoubt lists` shows them; `redoubt lists delete` and `redoubt lists remove` make room."
        case "list-kind-differs": "Delete the list first (`redoubt lists delete`), or take another name."
        case "too-many-webhooks": "GET /webhooks shows them; DELETE /webhooks/{name} makes room."
        case "too-many-streams": "GET /pipeline shows them; POST /pipeline/reset with \"forget\" makes room."
        case "alert-changed": "Look at GET /alerts/{id}, and send the review again if it is still what you want."
        case "model-changed": "See `redoubt model list`, and run this again if it is still what you want."
        case "no-earlier-model": "`redoubt model list` shows what there is; `redoubt model activate` takes one of them."
        case "backtest-under-way": "Wait for it, or end it: `redoubt rules backtest --cancel ID`."
        case "snapshot-under-way": "Run this again when the snapshot is written."
        case "unavailable":
            "A majority of the members must run and reach each other: see `redoubt cluster status`. If it is lost for "
                + "good see `redoubt recover --help`."
        case "outcome-unknown": "See `redoubt cluster status` before you run this again."
        case "unauthorized": "`redoubt token mint --role operator` makes a token that is good for this."
        case "forbidden": "This takes a token of the role operator: `redoubt token mint --role operator`."
        default: nil
        }
    }
}
