package dev.remora.servlet;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.exchange.Outcome;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.websocket.server.WsSci;

/** A Tomcat whose own WebSockets echo at {@code /held}, where the endpoint holds the lease, and at {@code /plain}. */
final class TomcatWebSockets implements AutoCloseable {

    private static final String LEASE = "lease";

    private final Tomcat tomcat = new Tomcat();

    TomcatWebSockets(Path base, LoadBalancer balancer) throws LifecycleException {
        tomcat.setBaseDir(base.toString());
        tomcat.getConnector().setPort(0);
        Context context = tomcat.addContext("", base.toString());
        context.addServletContainerInitializer(new WsSci(), Set.of());
        filter(context, new LoadBalancingFilter(balancer));
        servlet(context, "/held", (request, response) -> {
            ServerEndpointConfig endpoint = endpoint();
            endpoint.getUserProperties().put(LEASE, LoadBalancingFilter.takeOver(request));
            upgrade(request, response, endpoint);
        });
        servlet(context, "/plain", (request, response) -> upgrade(request, response, endpoint()));
        tomcat.start();
    }

    private static void filter(Context context, LoadBalancingFilter filter) {
        FilterDef def = new FilterDef();
        def.setFilterName("remora");
        def.setFilter(filter);
        def.setAsyncSupported("true");
        context.addFilterDef(def);
        FilterMap map = new FilterMap();
        map.setFilterName("remora");
        map.addURLPattern("/*");
        context.addFilterMap(map);
    }

    private static void servlet(Context context, String path, TestServlet.Handler handler) {
        Wrapper wrapper = Tomcat.addServlet(context, path, new TestServlet(handler));
        wrapper.addMapping(path);
    }

    private static ServerEndpointConfig endpoint() {
        return ServerEndpointConfig.Builder.create(Echo.class, "/").build();
    }

    private static void upgrade(HttpServletRequest request, HttpServletResponse response, ServerEndpointConfig endpoint)
            throws IOException, ServletException {
        ServerContainer container =
                (ServerContainer) request.getServletContext().getAttribute(ServerContainer.class.getName());
        try {
            container.upgradeHttpToWebSocket(request, response, endpoint, Map.of());
        } catch (DeploymentException e) {
            throw new ServletException(e);
        }
    }

    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }

    /** Sends each text back, and completes the lease that it holds at the end. Public for the container. */
    public static final class Echo extends Endpoint {

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.addMessageHandler(String.class, (MessageHandler.Whole<String>) text -> send(session, text));
        }

        private static void send(Session session, String text) {
            try {
                session.getBasicRemote().sendText(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            if (session.getUserProperties().get(LEASE) instanceof Lease lease) {
                lease.complete(Outcome.success());
            }
        }
    }
}
