package dev.remora.netty;

import dev.remora.http.TrustedProxies;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The other end of a client's connection. One for each connection. */
record Peer(InetSocketAddress socketAddress, boolean trusted, boolean secure) {

    static Peer of(Channel channel, TrustedProxies proxies) {
        // Something else than an IP socket can only be on this machine.
        InetSocketAddress remote =
                channel.remoteAddress() instanceof InetSocketAddress address && !address.isUnresolved()
                        ? address
                        : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        boolean secure = channel.pipeline().get(SslHandler.class) != null;
        return new Peer(remote, proxies.contains(remote.getAddress()), secure);
    }

    InetAddress address() {
        return socketAddress.getAddress();
    }
}
