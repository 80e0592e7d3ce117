package dev.remora.exchange;

import java.util.List;

/** The head of a response without headers. */
public record FakeResponse(int status) implements ResponseView {
    @Override
    public List<String> headers(String name) {
        return List.of();
    }
}
