import Foundation
import Kafka
import Testing

@Suite struct `Statistics of the library` {
    private func parse(_ text: String) throws -> KafkaStatistics {
        var text = text
        return try text.withUTF8 { try KafkaStatistics(json: UnsafeRawBufferPointer($0)) }
    }

    @Test func `become values`() throws {
        let statistics = try parse(
            """
            {"name": "redoubt#consumer-1", "client_id": "redoubt", "type": "consumer", "ts": 1, "time": 2, "replyq": 3,
             "msg_cnt": 4, "msg_size": 5, "txmsgs": 6, "txmsg_bytes": 7, "rxmsgs": 8, "rxmsg_bytes": 9,
             "brokers": {
               "b:9092/2": {"name": "b:9092/2", "nodeid": 2, "source": "learned", "state": "DOWN", "outbuf_cnt": 1,
                 "waitresp_cnt": 2, "txerrs": 3, "rxerrs": 4, "req_timeouts": 5, "connects": 6, "disconnects": 7,
                 "rtt": {"min": 1, "p50": 100, "p99": 900}, "int_latency": {"p99": 33}, "throttle": {"avg": 12}},
               "a:9092/1": {"name": "a:9092/1", "nodeid": 1, "source": "learned", "state": "UP"},
               "GroupCoordinator": {"name": "GroupCoordinator", "nodeid": 1, "source": "logical", "state": "UP"}},
             "topics": {"payments": {"topic": "payments", "partitions": {
               "1": {"partition": 1, "leader": 2, "fetchq_cnt": 10, "fetchq_size": 1000, "fetch_state": "active",
                 "app_offset": 70, "next_offset": 80, "lo_offset": 5, "hi_offset": 100, "ls_offset": 90, "consumer_lag": 20,
                 "msgq_cnt": 1, "msgq_bytes": 11, "xmit_msgq_cnt": 2, "xmit_msgq_bytes": 22, "msgs_inflight": 3},
               "0": {"partition": 0, "leader": -1, "fetch_state": "none", "app_offset": -1001, "lo_offset": -1001,
                 "hi_offset": -1001, "ls_offset": -1001},
               "-1": {"partition": -1, "leader": -1}}}},
             "cgrp": {"state": "up", "join_state": "steady", "rebalance_cnt": 2, "rebalance_reason": "none",
               "assignment_size": 2}}
            """)
        #expect(statistics.clientName == "redoubt#consumer-1" && statistics.waitingEvents == 3)
        #expect([statistics.queuedRecords, statistics.queuedBytes, statistics.sentRecords] == [4, 5, 6] as [Int])
        #expect([statistics.sentBytes, statistics.receivedRecords, statistics.receivedBytes] == [7, 8, 9] as [Int])
        #expect(statistics.brokers.map(\.id) == [1, 2] && statistics.brokersUp == 1)
        let broker = statistics.brokers[1]
        #expect([broker.queuedRequests, broker.pendingRequests] == [1, 2] as [Int])
        #expect([broker.sendErrors, broker.receiveErrors] == [3, 4] as [Int])
        #expect([broker.requestTimeouts, broker.connects, broker.disconnects] == [5, 6, 7] as [Int])
        #expect([broker.roundTripP50Microseconds, broker.roundTripP99Microseconds] == [100, 900] as [Int])
        #expect(broker.queueP99Microseconds == 33 && broker.throttleMilliseconds == 12)
        #expect(statistics.partitions.map(\.partition.number) == [0, 1])
        #expect(statistics.partitions[0].lag == nil && statistics.partitions[0].highWatermark == nil)
        let partition = statistics.partitions[1]
        #expect(partition.lag == 20 && partition.heldBack == 10 && partition.lowWatermark == 5)
        #expect(partition.fetchPosition == 80 && statistics.partitions[0].fetchPosition == nil)
        #expect([partition.queuedRecords, partition.queuedBytes, partition.inFlightRecords] == [3, 33, 3] as [Int])
        #expect(partition.fetchedRecords == 10 && partition.fetchedBytes == 1_000)
        #expect(statistics.group?.rebalances == 2 && statistics.group?.assignedPartitions == 2)
    }

    @Test func `may lack fields, but not be something else`() throws {
        #expect(try parse("{}").brokers.isEmpty)
        #expect(throws: DecodingError.self) { try parse("[1") }
    }
}
