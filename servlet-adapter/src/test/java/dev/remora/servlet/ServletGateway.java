package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerListener;
import dev.remora.BalancerStats.BackendStats;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/**
 * A real Tomcat on a free port of 127.0.0.1, a balancer with two back ends, and small servlets. Closing it checks that
 * every lease has ended once.
 */
final class ServletGateway implements AutoCloseable {

    // Held, or the setting would be forgotten. Tomcat logs every exception that a test throws through it.
    private static final Logger TOMCAT = Logger.getLogger("org.apache");

    final LoadBalancer balancer;
    private final BlockingQueue<Outcome> ends = new LinkedBlockingQueue<>();
    private final Tomcat tomcat = new Tomcat();
    private final Context context;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private int names;

    ServletGateway(Path base, LoadBalancerBuilder config) {
        this(base, config, Backend.of("a", "http://127.0.0.1:1"), Backend.of("b", "http://127.0.0.1:2"));
    }

    /** A gateway with back ends of its own. */
    ServletGateway(Path base, LoadBalancerBuilder config, Backend... backends) {
        TOMCAT.setUseParentHandlers(false);
        balancer = config.backends(backends)
                .listener(new BalancerListener() {
                    @Override
                    public void ended(Backend backend, Outcome outcome, long nanos, long bytes, long events) {
                        ends.add(outcome);
                    }
                })
                .build();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        context = tomcat.addContext("", base.toString());
    }

    /** One more servlet, which supports asynchronous requests. */
    ServletGateway serve(String path, TestServlet.Handler handler) {
        return serve(path, new TestServlet(handler), true);
    }

    ServletGateway serve(String path, Servlet servlet, boolean asyncSupported) {
        String name = "servlet" + names++;
        Wrapper wrapper = Tomcat.addServlet(context, name, servlet);
        wrapper.setAsyncSupported(asyncSupported);
        wrapper.addMapping(path);
        return this;
    }

    /** No more than so many threads serve requests. */
    ServletGateway workerThreads(int threads) {
        tomcat.getConnector().setProperty("maxThreads", Integer.toString(threads));
        return this;
    }

    /** One more filter for all paths and all kinds of dispatch. */
    ServletGateway filter(Filter filter) {
        return filter(filter, true, EnumSet.allOf(DispatcherType.class));
    }

    ServletGateway filter(Filter filter, boolean asyncSupported, Set<DispatcherType> dispatches) {
        FilterDef def = new FilterDef();
        def.setFilterName("filter" + names++);
        def.setFilter(filter);
        def.setAsyncSupported(Boolean.toString(asyncSupported));
        context.addFilterDef(def);
        FilterMap map = new FilterMap();
        map.setFilterName(def.getFilterName());
        map.addURLPattern("/*");
        dispatches.forEach(type -> map.setDispatcher(type.name()));
        context.addFilterMap(map);
        return this;
    }

    /** The filter under test, for all paths and all kinds of dispatch. */
    ServletGateway balanced() {
        return filter(new LoadBalancingFilter(balancer));
    }

    ServletGateway errorPage(int status, String path) {
        ErrorPage page = new ErrorPage();
        page.setErrorCode(status);
        page.setLocation(path);
        context.addErrorPage(page);
        return this;
    }

    ServletGateway start() throws LifecycleException {
        tomcat.start();
        return this;
    }

    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request(path, headers), HttpResponse.BodyHandlers.ofString());
    }

    <T> HttpResponse<T> get(String path, HttpResponse.BodyHandler<T> body) throws IOException, InterruptedException {
        return client.send(request(path), body);
    }

    /** A connection on which a request was sent, as it stands. */
    Socket raw(String request) throws IOException {
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
        OutputStream out = socket.getOutputStream();
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** How the next lease ends; waits for it. */
    Outcome ended() throws InterruptedException {
        Outcome outcome = ends.poll(30, TimeUnit.SECONDS);
        assertThat(outcome).as("the end of a lease within 30 s").isNotNull();
        return outcome;
    }

    boolean noneEnded() {
        return ends.isEmpty();
    }

    long openStreams() {
        return balancer.stats().openStreams();
    }

    long picked() {
        return balancer.stats().backends().stream()
                .mapToLong(BackendStats::picked)
                .sum();
    }

    private HttpRequest request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path));
        return headers.length == 0 ? request.build() : request.headers(headers).build();
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
        balancer.close();
        assertThat(ends).as("ends that the test did not expect").isEmpty();
        assertThat(openStreams()).as("open streams after the test").isZero();
    }
}
