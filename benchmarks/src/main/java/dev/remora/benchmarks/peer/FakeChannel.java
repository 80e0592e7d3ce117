package dev.remora.benchmarks.peer;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** What a policy of gRPC sees of a channel, without any connection. */
final class FakeChannel extends LoadBalancer.Helper implements AutoCloseable {

    private final SynchronizationContext context = new SynchronizationContext((thread, failure) -> {
        throw new IllegalStateException("gRPC's policy failed", failure);
    });
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "bench-grpc-timer");
        thread.setDaemon(true);
        return thread;
    });
    // Written in the synchronization context, read by the choosers.
    private volatile SubchannelPicker picker =
            new LoadBalancer.FixedResultPicker(LoadBalancer.PickResult.withNoResult());

    static ResolvedAddresses addresses(List<Member> members, Object config) {
        return ResolvedAddresses.newBuilder()
                .setAddresses(members.stream()
                        .map(member -> new EquivalentAddressGroup(
                                InetSocketAddress.createUnresolved(member.host(), member.port())))
                        .toList())
                .setLoadBalancingPolicyConfig(config)
                .build();
    }

    static int member(Subchannel subchannel) {
        return ((ReadySubchannel) subchannel).member;
    }

    void run(Runnable task) {
        context.execute(task);
    }

    SubchannelPicker picker() {
        return picker;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
        return new ReadySubchannel(args.getAddresses());
    }

    @Override
    public void updateBalancingState(ConnectivityState state, SubchannelPicker newPicker) {
        picker = newPicker;
    }

    @Override
    public SynchronizationContext getSynchronizationContext() {
        return context;
    }

    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
        return timer;
    }

    @Override
    public ChannelLogger getChannelLogger() {
        return new Silence();
    }

    @Override
    public String getAuthority() {
        return "benchmark";
    }

    @Override
    public String getChannelTarget() {
        return getAuthority();
    }

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup addresses, String authority) {
        throw new UnsupportedOperationException("nothing is connected");
    }

    private static final class Silence extends ChannelLogger {

        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, @Nullable Object... values) {}
    }

    private final class ReadySubchannel extends Subchannel {
        private final int member;
        private final List<EquivalentAddressGroup> addresses;
        private @Nullable SubchannelStateListener listener;

        ReadySubchannel(List<EquivalentAddressGroup> addresses) {
            this.addresses = addresses;
            InetSocketAddress address =
                    (InetSocketAddress) addresses.get(0).getAddresses().get(0);
            this.member = Member.idAt(address.getPort());
        }

        @Override
        public void start(SubchannelStateListener newListener) {
            listener = newListener;
        }

        @Override
        public void requestConnection() {
            context.execute(() -> {
                if (listener != null) {
                    listener.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.READY));
                }
            });
        }

        @Override
        public void shutdown() {
            listener = null;
        }

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return addresses;
        }

        // The same addresses come again with every change of the membership.
        @Override
        public void updateAddresses(List<EquivalentAddressGroup> newAddresses) {}

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public ChannelLogger getChannelLogger() {
            return FakeChannel.this.getChannelLogger();
        }
    }
}
