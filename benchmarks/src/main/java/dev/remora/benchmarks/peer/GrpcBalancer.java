package dev.remora.benchmarks.peer;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A policy of gRPC under a channel without connections: its subchannels are ready as soon as they are asked to be. A
 * change of the membership is a new list of addresses for the same policy.
 */
final class GrpcBalancer implements Balancer {

    private static final int PASSES = 8;
    private static final int PICKS_PER_PASS = 1 << 15;
    private static final long SEED = 7;
    private static final Keys KEYS_TO_CONNECT = new Keys(PICKS_PER_PASS, SEED);

    private final FakeChannel channel = new FakeChannel();
    private final LoadBalancer policy;
    private final Object config;
    private final boolean keyed;

    private GrpcBalancer(String name, boolean keyed, List<Member> members) {
        LoadBalancerProvider provider =
                Objects.requireNonNull(LoadBalancerRegistry.getDefaultRegistry().getProvider(name), name);
        this.config = Objects.requireNonNull(
                provider.parseLoadBalancingPolicyConfig(Map.of()).getConfig());
        this.policy = provider.newLoadBalancer(channel);
        this.keyed = keyed;
        change(members);
    }

    static Balancer ringHash(List<Member> members) {
        return new GrpcBalancer("ring_hash_experimental", true, members);
    }

    static Balancer leastRequest(List<Member> members) {
        return new GrpcBalancer("least_request_experimental", false, members);
    }

    static Balancer weightedRoundRobin(List<Member> members) {
        return new GrpcBalancer("weighted_round_robin", false, members);
    }

    static Balancer roundRobin(List<Member> members) {
        return new GrpcBalancer("round_robin", false, members);
    }

    @Override
    public Balancer change(List<Member> members) {
        channel.run(() -> {
            Status status = policy.acceptResolvedAddresses(FakeChannel.addresses(members, config));
            if (!status.isOk()) {
                throw new IllegalStateException("gRPC refuses the members: " + status);
            }
        });
        return this;
    }

    @Override
    public Chooser chooser(Keys keys) {
        if (keyed) {
            connectAll();
            return new Keyed(channel, keys);
        }
        return new Plain(channel.picker());
    }

    @Override
    public void close() {
        channel.run(policy::shutdown);
        channel.close();
    }

    // The ring connects a member when it is met for the first time, and publishes another picker then.
    private void connectAll() {
        for (int pass = 0; pass < PASSES; pass++) {
            SubchannelPicker picker = channel.picker();
            for (int i = 0; i < PICKS_PER_PASS; i++) {
                picker.pickSubchannel(GrpcRequest.withHash(KEYS_TO_CONNECT.hash(i)));
            }
            if (picker == channel.picker()) {
                return;
            }
        }
        throw new IllegalStateException("gRPC still connects after " + PASSES + " passes over " + PICKS_PER_PASS);
    }

    private static int member(PickResult result) {
        return FakeChannel.member(Objects.requireNonNull(result.getSubchannel()));
    }

    /** The hash stands in the options of a call, which are made once for each key beforehand. */
    private static final class Keyed implements Chooser {
        private final FakeChannel channel;
        private final Keys keys;
        private final PickSubchannelArgs[] calls;
        private SubchannelPicker picker;

        Keyed(FakeChannel channel, Keys keys) {
            this.channel = channel;
            this.keys = keys;
            this.calls = new PickSubchannelArgs[keys.size()];
            for (int i = 0; i < calls.length; i++) {
                calls[i] = GrpcRequest.withHash(keys.hash(i));
            }
            this.picker = channel.picker();
        }

        @Override
        public int byHash(int key) {
            return choose(calls[key]);
        }

        @Override
        public int byText(int key) {
            return choose(GrpcRequest.withHash(Keys.hash(keys.text(key))));
        }

        private int choose(PickSubchannelArgs call) {
            PickResult result = picker.pickSubchannel(call);
            // As gRPC does with a call for which nobody is connected yet: it asks again when there is another picker.
            while (!result.hasResult()) {
                picker = channel.picker();
                result = picker.pickSubchannel(call);
            }
            return member(result);
        }
    }

    private record Plain(SubchannelPicker picker) implements Chooser {

        private static final PickSubchannelArgs CALL = GrpcRequest.plain();

        @Override
        public int withoutKey() {
            return member(picker.pickSubchannel(CALL));
        }

        @Override
        public OpenStream open(int key) {
            PickResult result = picker.pickSubchannel(CALL);
            ClientStreamTracer tracer = Objects.requireNonNull(result.getStreamTracerFactory())
                    .newClientStreamTracer(
                            ClientStreamTracer.StreamInfo.newBuilder()
                                    .setCallOptions(CallOptions.DEFAULT)
                                    .build(),
                            new Metadata());
            tracer.streamCreated(Attributes.EMPTY, new Metadata());
            return OpenStream.of(member(result), () -> tracer.streamClosed(Status.OK));
        }
    }
}
