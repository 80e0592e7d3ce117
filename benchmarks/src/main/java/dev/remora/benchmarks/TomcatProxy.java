package dev.remora.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Tomcat with Remora's servlet. */
final class TomcatProxy implements RunningProxy {

    private static final String BACKLOG = "1000";

    private final Tomcat tomcat = new Tomcat();
    private final Path base;
    private final ServletProxy proxy;

    TomcatProxy(InetSocketAddress backend) throws IOException, LifecycleException {
        base = Files.createTempDirectory("remora-tomcat");
        proxy = ServletProxy.to(backend);
        tomcat.setBaseDir(base.toString());
        Connector connector = tomcat.getConnector();
        connector.setPort(0);
        connector.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
        connector.setProperty("acceptCount", BACKLOG);
        // It would close a connection after 100 requests; the others do not.
        connector.setProperty("maxKeepAliveRequests", "-1");
        Context context = tomcat.addContext("", base.toString());
        Wrapper wrapper = Tomcat.addServlet(context, "remora", proxy.servlet());
        wrapper.setAsyncSupported(true);
        wrapper.addMapping("/*");
        tomcat.start();
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException("Tomcat does not stop", e);
        } finally {
            proxy.balancer().close();
            deleteBase();
        }
    }

    private void deleteBase() {
        List<Path> inside;
        try (Stream<Path> all = Files.walk(base)) {
            inside = all.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Path path : inside) {
            try {
                Files.delete(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
