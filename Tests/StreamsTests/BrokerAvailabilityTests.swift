import Streams
import Testing

@Suite struct `The brokers' availability` {
    @Test func `holds as long as something is acknowledged now and then`() {
        var brokers = BrokerAvailability(patienceMilliseconds: 1_000)
        for now in stride(from: Int64(0), to: 10_000, by: 900) {
            #expect(brokers.admit(now) == true)
            #expect(brokers.admit(now) == true)
            brokers.acknowledged(now + 800)
            #expect(brokers.isAvailable(now + 800))
        }
    }

    @Test func `is in doubt when nothing is acknowledged for a while, and returns with the first acknowledgement`() {
        var brokers = BrokerAvailability(patienceMilliseconds: 1_000)
        // A long rest is no sign.
        #expect(brokers.admit(50_000) == true)
        #expect(brokers.admit(50_999) == true)
        #expect(brokers.admit(51_000) == false)
        #expect(!brokers.isAvailable(51_000))
        // What waits finds out.
        #expect(brokers.admit(60_000) == false)
        brokers.acknowledged(60_001)
        #expect(brokers.admit(60_002) == true)
    }

    @Test func `is found out by one request a second when nothing waits any more`() {
        var brokers = BrokerAvailability(patienceMilliseconds: 1_000)
        #expect(brokers.admit(0) == true)
        brokers.failed(isTemporary: true)
        #expect(brokers.admit(500) == false)
        #expect(brokers.admit(1_000) == true)
        #expect(brokers.admit(1_001) == false)
        #expect(brokers.admit(5_000) == false)
        brokers.failed(isTemporary: true)
        #expect(brokers.admit(5_001) == true)
        brokers.acknowledged(5_002)
        #expect(brokers.isAvailable(5_002))
        #expect(brokers.admit(5_003) == true)
    }

    @Test func `does not suffer from a request's own fault`() {
        var brokers = BrokerAvailability(patienceMilliseconds: 1_000)
        #expect(brokers.admit(0) == true)
        brokers.failed(isTemporary: false)
        #expect(brokers.admit(1) == true)
        brokers.withdrawn()
        #expect(brokers.isAvailable(1_000_000))
    }
}
