package dev.remora.examples;

class JettyGatewayTest extends ServletGatewayContract {

    JettyGatewayTest() {
        super("jetty");
    }
}
