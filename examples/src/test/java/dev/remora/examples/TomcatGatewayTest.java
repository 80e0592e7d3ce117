package dev.remora.examples;

class TomcatGatewayTest extends ServletGatewayContract {

    TomcatGatewayTest() {
        super("tomcat");
    }
}
