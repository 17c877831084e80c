import Foundation

extension KafkaStatistics {
    /// Reads the library's document. Fields that are missing count as zero: what they are depends on the library's version.
    ///
    /// Throws `DecodingError` if it is no document at all.
    package init(json: UnsafeRawBufferPointer) throws {
        let document = try JSONDecoder().decode(Document.self, from: Data(json))
        clientName = document.name ?? ""
        waitingEvents = document.replyq ?? 0
        queuedRecords = document.msg_cnt ?? 0
        queuedBytes = document.msg_size ?? 0
        sentRecords = document.txmsgs ?? 0
        sentBytes = document.txmsg_bytes ?? 0
        receivedRecords = document.rxmsgs ?? 0
        receivedBytes = document.rxmsg_bytes ?? 0
        // Logical ones, such as the group's coordinator, are connections to a broker that is there already.
        brokers = (document.brokers ?? [:]).values.filter { $0.source != "logical" }
            .map(Broker.init)
            .sorted { ($0.id, $0.name) < ($1.id, $1.name) }
        partitions = (document.topics ?? [:])
            .flatMap { name, topic in
                (topic.partitions ?? [:]).values.filter { ($0.partition ?? -1) >= 0 }
                    .map { Partition(topic: name, $0) }
            }
            .sorted { $0.partition < $1.partition }
        group = document.cgrp.map(Group.init)
    }

    // The fields have the names that the library gives them.
    fileprivate struct Document: Decodable {
        var name: String?
        var replyq, msg_cnt, msg_size, txmsgs, txmsg_bytes, rxmsgs, rxmsg_bytes: Int?
        var brokers: [String: BrokerDocument]?
        var topics: [String: TopicDocument]?
        var cgrp: GroupDocument?
    }

    fileprivate struct WindowDocument: Decodable {
        var avg, p50, p99: Int?
    }

    fileprivate struct BrokerDocument: Decodable {
        var name, state, source: String?
        var nodeid: Int32?
        var outbuf_cnt, waitresp_cnt, req_timeouts, txerrs, rxerrs, connects, disconnects: Int?
        var rtt, int_latency, throttle: WindowDocument?
    }

    fileprivate struct TopicDocument: Decodable {
        var partitions: [String: PartitionDocument]?
    }

    fileprivate struct PartitionDocument: Decodable {
        var partition, leader: Int32?
        var fetch_state: String?
        var msgq_cnt, msgq_bytes, xmit_msgq_cnt, xmit_msgq_bytes, msgs_inflight, fetchq_cnt, fetchq_size: Int?
        var app_offset, next_offset, lo_offset, hi_offset, ls_offset: Int64?
    }

    fileprivate struct GroupDocument: Decodable {
        var state, join_state, rebalance_reason: String?
        var rebalance_cnt, assignment_size: Int?
    }
}

extension KafkaStatistics.Broker {
    fileprivate init(_ document: KafkaStatistics.BrokerDocument) {
        name = document.name ?? ""
        id = document.nodeid ?? -1
        state = document.state ?? ""
        queuedRequests = document.outbuf_cnt ?? 0
        pendingRequests = document.waitresp_cnt ?? 0
        requestTimeouts = document.req_timeouts ?? 0
        sendErrors = document.txerrs ?? 0
        receiveErrors = document.rxerrs ?? 0
        connects = document.connects ?? 0
        disconnects = document.disconnects ?? 0
        roundTripP50Microseconds = document.rtt?.p50 ?? 0
        roundTripP99Microseconds = document.rtt?.p99 ?? 0
        queueP99Microseconds = document.int_latency?.p99 ?? 0
        throttleMilliseconds = document.throttle?.avg ?? 0
    }
}

extension KafkaStatistics.Partition {
    fileprivate init(topic: String, _ document: KafkaStatistics.PartitionDocument) {
        partition = KafkaPartition(topic: topic, number: document.partition ?? -1)
        leader = document.leader ?? -1
        queuedRecords = (document.msgq_cnt ?? 0) + (document.xmit_msgq_cnt ?? 0)
        queuedBytes = (document.msgq_bytes ?? 0) + (document.xmit_msgq_bytes ?? 0)
        inFlightRecords = document.msgs_inflight ?? 0
        fetchedRecords = document.fetchq_cnt ?? 0
        fetchedBytes = document.fetchq_size ?? 0
        fetchState = document.fetch_state ?? ""
        // The library writes offsets that it does not know as negative numbers.
        position = document.app_offset.flatMap { $0 >= 0 ? $0 : nil }
        fetchPosition = document.next_offset.flatMap { $0 >= 0 ? $0 : nil }
        lowWatermark = document.lo_offset.flatMap { $0 >= 0 ? $0 : nil }
        highWatermark = document.hi_offset.flatMap { $0 >= 0 ? $0 : nil }
        lastStableOffset = document.ls_offset.flatMap { $0 >= 0 ? $0 : nil }
    }
}

extension KafkaStatistics.Group {
    fileprivate init(_ document: KafkaStatistics.GroupDocument) {
        state = document.state ?? ""
        joinState = document.join_state ?? ""
        rebalances = document.rebalance_cnt ?? 0
        lastRebalanceReason = document.rebalance_reason ?? ""
        assignedPartitions = document.assignment_size ?? 0
    }
}
