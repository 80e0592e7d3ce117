package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class NginxIpHashTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.nginxIpHash();
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        context.clientAddress = address(round * 0x9e3779b9);
        return context;
    }

    // Addresses are told apart by 6,271 numbers only, which are not shared equally.
    @Override
    double tolerance() {
        return 0.02;
    }

    @Override
    boolean warmsUp() {
        return false;
    }

    @Test
    void picksWhatNginxPicks() {
        NginxRecording.assertAgrees("ip_hash", RecordedPick::byAddress, NginxIpHash::new);
    }

    @Test
    void clientsOfOneNetworkShareAMember() {
        Picker picker = strategy().picker(FakeNode.pool(1, 1, 1, 1, 1, 1, 1));
        for (int network = 0; network < 100; network++) {
            FakeContext context = new FakeContext();
            context.clientAddress = address(network << 8);
            int first = picker.pick(context);
            context.clientAddress = address(network << 8 | 255);
            assertThat(picker.pick(context)).isEqualTo(first);
        }
    }

    private static InetAddress address(int bits) {
        try {
            return InetAddress.getByAddress(
                    new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits});
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }
}
