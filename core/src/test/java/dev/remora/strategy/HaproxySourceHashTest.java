package dev.remora.strategy;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

class HaproxySourceHashTest extends HaproxyContract {

    @Override
    Strategy strategy() {
        return Strategy.haproxySourceHash();
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        try {
            context.clientAddress = InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(round * 0x9e3779b9)
                    .array());
            return context;
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }
}
