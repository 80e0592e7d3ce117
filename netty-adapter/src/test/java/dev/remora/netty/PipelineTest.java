package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The handler in pipelines of others, and handlers of others in the gateway's pipeline. */
final class PipelineTest extends GatewayFixture {

    @Test
    void worksBehindNettysOwnCodecAndSelector() throws Exception {
        ScriptedBackend a = answering("a", server -> {
            String head = server.head();
            assertThat(head).isNotEmpty();
            if (head.contains("/ws")) {
                server.send(lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"));
                server.send(server.text(5));
            } else {
                server.send(OK);
            }
        });
        LoadBalancer balancer =
                closing(LoadBalancer.builder().backends(a.backend()).build());
        ReverseProxy proxy = closing(ReverseProxy.builder(balancer).build());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        closing(() -> loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly());
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpServerCodec(), proxy.newHandler());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        Wire client = closing(Wire.to(port));
        client.send(GET + GET + GET);
        for (int i = 0; i < 3; i++) {
            assertThat(client.response()).endsWith("ok");
        }
        client.send(lines("GET /ws HTTP/1.1", "Host: a", "Connection: upgrade", "Upgrade: x"));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        assertThat(client.send("hello").text(5)).isEqualTo("hello");
        client.close();
        assertThat(closing(Wire.to(port))
                        .send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
                        .rest())
                .startsWith("HTTP/1.1 400 ");
        assertThat(closing(Wire.to(port))
                        .send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
                        .rest())
                .startsWith("HTTP/1.1 501 ");
        eventually("no open streams", () -> proxy.openStreams() == 0);
    }

    @Test
    void handlersInFrontMayAnswerThemselves() {
        gateway(
                settings -> {},
                server -> server.handlers(pipeline -> pipeline.addLast(new Health())),
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
        Wire client = client().send(
                        "GET /health HTTP/1.1\r\nHost: a\r\n\r\n" + GET + "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("fine");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("fine");
    }

    @Test
    void strategyThatThrowsLeavesNobodyWaiting() {
        gateway(
                settings -> settings.strategy(snapshot -> context -> {
                    throw new IllegalStateException("a fault of somebody else's strategy");
                }),
                server -> {},
                answering("a", server -> server.send(OK)));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void lateAnswerOfASharedMapIsHeeded() throws Exception {
        CompletableFuture<Optional<Binding>> bound = new CompletableFuture<>();
        gatewayWithMap(bound, new CountDownLatch(1));
        Wire client = client().send(GET);
        new Thread(() -> bound.complete(Optional.empty())).start();
        assertThat(client.response()).endsWith("ok");
    }

    @Test
    void clientThatLeftBeforeALateAnswerHoldsNothing() throws Exception {
        CompletableFuture<Optional<Binding>> bound = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        GatewayServer gateway = gatewayWithMap(bound, asked);
        Wire client = client().send(GET);
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        client.close();
        eventually("the client is gone", () -> gateway.openStreams() == 0);
        bound.complete(Optional.empty());
        assertThat(balancer().stats().backends().get(0).picked())
                .as("nothing was taken for it")
                .isZero();
        assertThat(outcomes).isEmpty();
    }

    private GatewayServer gatewayWithMap(CompletableFuture<Optional<Binding>> bound, CountDownLatch asked) {
        return gateway(
                settings -> settings.affinity(AffinityRule.clientAddress()).sessions(new LateMap(bound, asked)),
                server -> {},
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
    }

    /** Answers {@code /health} and passes on the rest. */
    private static final class Health extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request && request.uri().equals("/health")) {
                ReferenceCountUtil.release(message);
                DefaultFullHttpResponse fine = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.OK,
                        Unpooled.copiedBuffer("fine", java.nio.charset.StandardCharsets.US_ASCII));
                fine.headers().set("content-length", 4);
                ctx.writeAndFlush(fine);
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }

    /** A shared map that takes its time. */
    private record LateMap(CompletableFuture<Optional<Binding>> bound, CountDownLatch asked) implements SessionMap {
        @Override
        public Optional<Binding> peek(AffinityKey key) {
            return Optional.empty();
        }

        @Override
        public boolean knowsAll() {
            return false;
        }

        @Override
        public CompletionStage<Optional<Binding>> find(AffinityKey key) {
            return bind(key, new BackendId("a"));
        }

        @Override
        public CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
            asked.countDown();
            return bound;
        }

        @Override
        public Binding presume(AffinityKey key, BackendId backend) {
            return new Binding(backend, 0);
        }

        @Override
        public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
            return CompletableFuture.completedFuture(new Binding(backend, expectedFence + 1));
        }

        @Override
        public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public void touch(AffinityKey key) {}
    }
}
