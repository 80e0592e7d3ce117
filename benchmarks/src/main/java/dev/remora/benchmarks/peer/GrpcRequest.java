package dev.remora.benchmarks.peer;

import io.grpc.CallOptions;
import io.grpc.LoadBalancer.PickDetailsConsumer;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.internal.PickSubchannelArgsImpl;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Field;

/** What gRPC's pickers are given of a call. */
final class GrpcRequest {

    private static final CallOptions.Key<Long> HASH = hashKey();
    private static final Metadata NO_HEADERS = new Metadata();
    private static final PickDetailsConsumer NOBODY = new PickDetailsConsumer() {};
    private static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.newBuilder(
                    new NoBody(), new NoBody())
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName("chat/Complete")
            .build();

    private GrpcRequest() {}

    static PickSubchannelArgs plain() {
        return of(CallOptions.DEFAULT);
    }

    static PickSubchannelArgs withHash(long hash) {
        return of(CallOptions.DEFAULT.withOption(HASH, hash));
    }

    private static PickSubchannelArgs of(CallOptions options) {
        return new PickSubchannelArgsImpl(METHOD, NO_HEADERS, options, NOBODY);
    }

    // gRPC's own resolver puts the hash there; nobody else is meant to, so the key is not public.
    @SuppressWarnings("unchecked")
    private static CallOptions.Key<Long> hashKey() {
        try {
            Field field = Class.forName("io.grpc.xds.XdsNameResolver").getDeclaredField("RPC_HASH_KEY");
            field.setAccessible(true);
            return (CallOptions.Key<Long>) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of gRPC keeps the request's hash elsewhere", e);
        }
    }

    private static final class NoBody implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    }
}
