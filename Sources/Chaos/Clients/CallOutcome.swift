import Foundation
import HTTPSClient

/// What an answer, or none, means for a call. Where it is in doubt, the outcome is unknown.
struct CallOutcome: Sendable {
    var outcome: CallRecord.Outcome
    var status: Int?
    var transactions: [String]?
    var value: String?
    var effect: String?
    var problem: String?

    /// No connection: not a byte of the request has left.
    static func unsent(_ error: HTTPSError) -> CallOutcome {
        CallOutcome(outcome: .refused, problem: error.description)
    }

    /// The request has left and no answer came.
    static func unanswered(_ error: HTTPSError) -> CallOutcome {
        CallOutcome(outcome: .unknown, problem: error.description)
    }

    static func answered(_ response: HTTPSResponse, to operation: ClientOperation) -> CallOutcome {
        var result = CallOutcome(outcome: .refused, status: response.status)
        let object = response.object
        switch response.status {
        case 200..<300: result.readSuccess(object, operation)
        case 404 where operation.kind == .read || operation.kind == .readLocal:
            result.outcome = .ok
            result.value = "absent"
        case 400..<500: break
        default:
            // Only what says so has certainly not happened: 503 without that mark.
            let type = response.problemType
            if response.status != 503 || type == nil || type == "urn:redoubt:problem:outcome-unknown" {
                result.outcome = .unknown
            }
        }
        if result.outcome != .ok { result.problem = response.problem }
        return result
    }

    private mutating func readSuccess(_ object: [String: Any]?, _ operation: ClientOperation) {
        guard let object else {
            outcome = .unknown
            problem = "the answer is no JSON object"
            return
        }
        outcome = .ok
        switch operation.kind {
        case .pay, .payKeyed, .payInvalid: transactions = (object["transaction_id"] as? String).map { [$0] }
        case .batch:
            let results = (object["results"] as? [[String: Any]])?.compactMap { $0["transaction_id"] as? String }
            transactions = object["transaction_ids"] as? [String] ?? results
        case .label: effect = object["status"] as? String
        case .read, .readLocal:
            if let label = object["label"] as? [String: Any], let verdict = label["label"], let source = label["source"]
            {
                value = "\(verdict):\(source)"
            } else {
                value = "none"
            }
        // Records are not put on a topic by requests.
        case .stream, .poison: break
        }
    }
}
