package dev.remora.examples;

class UndertowGatewayTest extends ServletGatewayContract {

    UndertowGatewayTest() {
        super("undertow");
    }
}
